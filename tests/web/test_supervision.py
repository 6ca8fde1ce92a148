"""What only supervision sees of a call, and what a clinic without queues is called by."""

from datetime import UTC, datetime

from sqlalchemy import delete

from ivr.agents.service import Accounts
from ivr.flow import events as e
from ivr.queues.model import Queue
from tests.web.conftest import MEXICO, PASSWORD, Console
from tests.web.permissions.conftest import Madrid, madrid

__all__ = ["madrid"]


def test_supervision_reads_who_listened_to_a_recording_and_agents_do_not(
    console: Console, madrid: Madrid
) -> None:
    address = f"/api/v1/calls/{madrid.call_id}"
    audio = f"/api/v1/recordings/{madrid.recording_id}/audio"
    console.happens(madrid.call_id, e.AgentConnected(agent="lucia"))
    with console.browser("marta") as marta, console.browser("lucia") as lucia:
        assert marta.get(address).json()["recording_files"][0]["listened"] == []
        assert lucia.get(audio).status_code == 200
        assert marta.get(audio).status_code == 200
        [told] = marta.get(address).json()["recording_files"]
        assert [one["by"] for one in told["listened"]] == ["lucia", "marta"]
        assert told["listened"][0]["at"]
        [kept] = lucia.get(address).json()["recording_files"]
        assert (kept["listened"], kept["audio"]) == ([], audio)


def test_a_clinic_that_set_up_no_queue_is_told_the_title_of_the_usual_one(
    console: Console,
) -> None:
    with console.database.transaction() as session:
        session.execute(delete(Queue))
    with console.browser("marta") as marta:
        told = marta.get("/api/v1/clinic").json()["queues"]
    assert told == [{"name": "recepcion", "title": "Recepción"}]


def test_who_works_in_mexico_begins_with_mexicos_spanish_and_reads_days_of_mexico(
    console: Console,
) -> None:
    with console.browser("diego") as diego, console.browser("lucia") as lucia:
        assert diego.get("/api/v1/me").json()["language"] == "es-MX"
        assert lucia.get("/api/v1/me").json()["language"] == "es-ES"
    accounts = Accounts(console.database, console.clock)
    accounts.create("lupita", PASSWORD, name="Lupita", role="supervisor", branch_id=MEXICO)
    console.clock.moment = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    call = console.call()
    console.happens(call, e.QueueLeft(queue="recepcion", reason="connected", waited_s=7))
    days = {"marta": ("24", "Europe/Madrid"), "lupita": ("23", "America/Mexico_City")}
    for username, (day, zone) in days.items():
        with console.browser(username) as browser:
            asked = {"day_from": f"2026-11-{day}", "day_to": f"2026-11-{day}"}
            told = browser.get("/api/v1/reports/desk", params=asked).json()
        assert (told["zone"], told["all_queues"]["offered"]) == (zone, 1)
