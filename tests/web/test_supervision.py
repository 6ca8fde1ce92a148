"""What only supervision sees of a call, and what a clinic without queues is called by."""

from sqlalchemy import delete

from ivr.flow import events as e
from ivr.queues.model import Queue
from tests.web.conftest import Console
from tests.web.test_permissions import Madrid, madrid

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
