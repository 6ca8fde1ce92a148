"""The call log, the agenda, recordings and tasks, as the pages get them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ivr.clinic.agenda import Agenda
from ivr.clinic.model import Patient, PatientPhone
from ivr.clinic.schemas import SlotQuery
from ivr.flow import events as e
from ivr.recordings.endpoints import byte_range
from ivr.tickets.service import Tickets
from ivr.web.stage import murmur
from tests.web.conftest import MADRID, Console


def test_the_log_is_paged_newest_first_without_gaps_or_repeats(console: Console) -> None:
    made = []
    for _ in range(7):
        made.append(console.call())
        console.clock.moment += timedelta(seconds=30)
    with console.browser("marta") as marta:
        got: list[str] = []
        before = ""
        while True:
            page = marta.get("/api/v1/calls", params={"limit": 3, "before": before}).json()
            assert page["total"] == 7
            got += [call["id"] for call in page["calls"]]
            if not page["next"]:
                break
            before = page["next"]
    assert got == made[::-1]


def test_the_log_is_filtered_by_name_number_outcome_day_and_who_took_it(console: Console) -> None:
    with console.database.transaction() as session:
        patient = session.scalars(select(Patient).where(Patient.home_branch_id == MADRID)).first()
        assert patient is not None
        name, patient_id = patient.full_name, patient.id
    known = console.call("+34611222333")
    console.happens(known, e.PatientIdentified(patient_id=patient_id, how="document"))
    console.happens(known, e.AgentConnected(agent="lucia"))
    console.log.finish(known, "transferred")
    console.clock.moment += timedelta(days=1)
    other = console.call("+34644555666")
    console.log.finish(other, "abandoned")

    def found(user: str = "marta", **filters: object) -> list[str]:
        with console.browser(user) as browser:
            page = browser.get("/api/v1/calls", params={k: str(v) for k, v in filters.items()})
            return [call["id"] for call in page.json()["calls"]]

    assert found(text=name[:6]) == [known]
    assert found(text="611 222") == [known]
    assert found(text="100%") == []
    assert found(outcome="abandoned") == [other]
    assert found(day_to="2026-11-23") == [known]
    assert found(day_from="2026-11-24", day_to="2026-11-24") == [other]
    assert found("lucia", mine=True) == found("lucia") == [known]
    assert found(mine=True) == []
    assert found(recorded=True) == []
    assert found() == [other, known]


def test_a_day_is_the_branchs_day_and_not_the_servers(console: Console) -> None:
    console.clock.moment = console.clock.moment.replace(hour=23, minute=30)
    late = console.call()
    with console.browser("marta") as marta:
        days = {"day_from": "2026-11-24", "day_to": "2026-11-24"}
        page = marta.get("/api/v1/calls", params=days).json()
    assert [call["id"] for call in page["calls"]] == [late]


def test_a_call_in_full_tells_the_conversation_in_order(console: Console) -> None:
    call = console.call()
    console.clock.moment += timedelta(seconds=4)
    console.happens(call, e.PromptSaid(text="¿En qué puedo ayudarle?"))
    console.clock.moment += timedelta(seconds=3)
    console.happens(call, e.TurnHeard(text="Quería pedir cita", confidence=0.93))
    console.happens(call, e.TurnKeys(keys="1"))
    with console.browser("marta") as marta:
        detail = marta.get(f"/api/v1/calls/{call}").json()
    assert [(x["who"], x["how"], x["text"], x["offset_s"]) for x in detail["transcript"]] == [
        ("clinic", "voice", "¿En qué puedo ayudarle?", 4.0),
        ("caller", "voice", "Quería pedir cita", 7.0),
        ("caller", "keys", "1", 7.0),
    ]
    assert detail["events"][0]["data"]["type"] == "call.started"


def test_the_agenda_shows_professionals_side_by_side_and_changes_with_a_booking(
    console: Console,
) -> None:
    agenda = Agenda(console.database, console.clock, console.stream)
    slot = agenda.find_slots(SlotQuery(service_id=1, branch_id=MADRID, limit=1))[0]
    day = slot.starts_at.date().isoformat()
    with console.browser("lucia") as lucia:

        def entry() -> dict[str, object] | None:
            shown = lucia.get("/api/v1/agenda", params={"day": day}).json()
            assert shown["branch"]["zone"] == "Europe/Madrid"
            column = next(
                c for c in shown["columns"] if c["professional"]["id"] == slot.professional_id
            )
            assert column["working"]
            at = slot.starts_at.isoformat().replace("+00:00", "Z")
            found: dict[str, object] | None = next(
                (x for x in column["entries"] if x["starts_at"] == at), None
            )
            return found

        assert entry() is None
        held = agenda.hold(slot, call_id="c")
        taken = entry()
        assert taken is not None
        assert taken["status"] == "held"
        assert taken["held_until"] is not None
        agenda.book(held.id, patient_id=1, call_id="c")
        booked = entry()
        assert booked is not None
        assert booked["status"] == "booked"
        assert booked["patient_id"] == 1
        agenda.cancel(held.id, call_id="c")
        assert entry() is None


def test_a_recording_plays_in_pieces_and_counts_as_one_listening(console: Console) -> None:
    from ivr.consent.ledger import Ledger

    call = console.call()
    consent = Ledger(console.database, console.clock, console.stream).record(
        purpose="recording", decision="granted", how="key", wording_version="1", call_id=call
    )
    store = console.services.recordings
    recording = store.begin(call, consent)
    store.spool.mkdir(parents=True)
    sound = murmur(2)
    (store.spool / recording.file_name).write_bytes(sound)
    store.seal(recording.id)
    path = f"/api/v1/recordings/{recording.id}/audio"
    with console.browser("marta") as marta:
        whole = marta.get(path)
        assert whole.content == sound
        assert whole.headers["content-type"] == "audio/wav"
        piece = marta.get(path, headers={"Range": "bytes=100-199"})
        assert piece.status_code == 206
        assert piece.content == sound[100:200]
        assert piece.headers["content-range"] == f"bytes 100-199/{len(sound)}"
        beyond = marta.get(path, headers={"Range": f"bytes={len(sound)}-"})
        assert beyond.status_code == 416
        marta_id = marta.get("/api/v1/me").json()["id"]
    assert [user for user, _ in store.listens(recording.id)] == [marta_id]


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-9", (0, 9)),
        ("bytes=90-", (90, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=0-999", (0, 99)),
        ("bytes=100-", None),
        ("bytes=9-0", None),
        ("bytes=-0", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("items=0-9", None),
    ],
)
def test_ranges_as_rfc_9110_has_them(header: str, span: tuple[int, int] | None) -> None:
    assert byte_range(header, 100) == span


def test_an_agent_takes_a_task_and_closes_it(console: Console) -> None:
    tickets = Tickets(console.database, console.clock, console.stream)
    late = tickets.open("late", summary="Llega tarde", branch_id=MADRID)
    urgent = tickets.open("complaint", branch_id=MADRID, due_in=timedelta(hours=1))
    with console.browser("lucia") as lucia:
        listed = lucia.get("/api/v1/tickets").json()
        assert [x["id"] for x in listed] == [urgent.id, late.id]
        assert lucia.post(f"/api/v1/tickets/{late.id}/take").json()["owner"] == "Lucía"
        assert lucia.post(f"/api/v1/tickets/{late.id}/close").json()["status"] == "closed"
        assert [x["id"] for x in lucia.get("/api/v1/tickets").json()] == [urgent.id]
        closed = lucia.get("/api/v1/tickets", params={"status": "closed"}).json()
        assert [x["id"] for x in closed] == [late.id]


def test_a_patient_is_found_in_spite_of_a_slip(console: Console) -> None:
    console.services.patients.create_provisional(
        "Verónica", "Echeverría", "+34600777666", branch_id=MADRID
    )
    with console.browser("lucia") as lucia:
        hits = lucia.get("/api/v1/patients", params={"text": "beronica echeberia"}).json()
        assert hits[0]["patient"]["family"] == "Echeverría"
        wrong = lucia.get("/api/v1/patients", params={"text": "x"})
    assert wrong.status_code == 422
    assert wrong.json()["fields"][0]["where"] == "query.text"


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (17, "busy"),
        (18, "no_response"),
        (19, "no_answer"),
        (21, "refused"),
        (1, "wrong_number"),
        (34, "congestion"),
        (16, None),
    ],
)
def test_of_a_call_that_went_out_in_vain_the_log_says_what_the_line_said(
    console: Console, cause: int, said: str | None
) -> None:
    number = "+34611222333"
    started = e.CallStarted(
        direction="outbound",
        flow="callback",
        flow_version="1",
        language="es-ES",
        ani=number,
        dnis=number,
    )
    call = console.log.start(started, branch_id=MADRID)
    channel = "PJSIP/trunk-1"
    console.happens(call, e.LegStarted(channel=channel, kind="trunk"))
    console.log.finish(call, "failed")
    console.happens(call, e.LegEnded(channel=channel, cause=cause))
    with console.browser("marta") as marta:
        (shown,) = marta.get("/api/v1/calls").json()["calls"]
        assert (shown["outcome"], shown["unreached"]) == ("failed", said)
        assert marta.get(f"/api/v1/calls/{call}").json()["unreached"] == said


def test_the_log_names_whom_the_number_is_as_the_live_list_does(console: Console) -> None:
    with console.database.transaction() as session:
        shared = select(PatientPhone.number).group_by(PatientPhone.number)
        alone = shared.having(func.count() == 1)
        patient, number = session.execute(
            select(Patient, PatientPhone.number)
            .join(PatientPhone, PatientPhone.patient_id == Patient.id)
            .where(PatientPhone.number.in_(alone), Patient.merged_into_id.is_(None))
            .order_by(Patient.id)
            .limit(1)
        ).one()
        name = patient.full_name
        family = session.scalars(shared.having(func.count() > 1).limit(1)).one()
        relatives = select(Patient).join(PatientPhone).where(PatientPhone.number == family)
        relative = session.scalars(relatives.limit(1)).one().full_name
    made = [console.call(number), console.call(family)]
    for call in made:
        console.log.finish(call, "completed")
    with console.browser("marta") as marta:
        shown = {one["id"]: one for one in marta.get("/api/v1/calls").json()["calls"]}
        for text, found in ((name, made[:1]), (relative, [])):
            page = marta.get("/api/v1/calls", params={"text": text}).json()
            assert [call["id"] for call in page["calls"]] == found, text
    assert [shown[call]["likely_name"] for call in made] == [name, ""]
    assert [shown[call]["patient_name"] for call in made] == ["", ""]
