"""A caller who keeps the place in line and is called when it is their turn."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.agents.model import SupervisorAction, User
from ivr.agents.states import States
from ivr.agents.viewer import Role, Viewer
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clinic.directory import Directory
from ivr.clinic.model import Branch, OpeningHours, Patient
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.errors import Conflict, NotFound, Unavailable
from ivr.flow import events as e
from ivr.ports import Origination
from ivr.queues.kept import UNDONE_WITHIN, KeptList
from ivr.queues.model import KeptPlace, Queue, QueueSkill
from ivr.queues.places import AGAIN, Places
from ivr.queues.service import Queues
from ivr.tickets.model import Ticket
from ivr.tickets.service import Tickets
from tests.clinic.world import EVENING, MORNING
from tests.queues.test_room import leaves, waits

NUMBER = "+34600000001"


@dataclass
class Line:
    """Dials nothing; remembers what it was told to dial."""

    dialled: list[Origination] = field(default_factory=list)
    broken: bool = False

    def originate(self, call: Origination) -> None:
        if self.broken:
            raise Unavailable("no line")
        self.dialled.append(call)

    def hangup(self, channel: str) -> None: ...

    def channels(self) -> list[dict[str, str]]:
        return []


def branch(city: str, country: str, zone: str, phone: str) -> Branch:
    """Open from Monday to Friday, from nine to six of its own clock."""
    return Branch(
        name=city, address="", city=city, country=country, zone=zone,
        phone=phone, spoken_names=[], directions="", region="",
        hours=[OpeningHours(weekday=day, opens=MORNING, closes=EVENING) for day in range(5)],
    )  # fmt: skip


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def places(
    reception: Database,
    clock: FixedClock,
    stream: EventStream,
    call_log: CallLog,
    line: Line,
) -> Places:
    with reception.transaction() as session:
        session.add(branch("Madrid", "es", "Europe/Madrid", "+34910000001"))
    clock.moment += timedelta(hours=2)
    return Places(
        reception,
        clock,
        call_log,
        Tickets(reception, clock, stream),
        Directory(reception, clock),
        Queues(reception),
        lambda: line,
        "127.0.0.2:5060",
    )


@pytest.fixture
def shown(reception: Database, clock: FixedClock, stream: EventStream) -> KeptList:
    return KeptList(reception, clock, stream, Queues(reception))


def at_the_desk(database: Database, username: str, branch_id: int | None = None) -> Viewer:
    with database.transaction() as session:
        user = session.scalars(select(User).where(User.username == username)).one()
        role: Role = "supervisor" if user.role == "supervisor" else "agent"
        return Viewer(user.id, username, user.name, role, branch_id)


def status(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(KeptPlace.status).order_by(KeptPlace.id)))


def kept(
    places: Places,
    log: CallLog,
    number: str = NUMBER,
    *,
    priority: int = 0,
    branch: int | None = None,
) -> str:
    call = waits(log, number, priority=priority, branch=branch)
    assert places.keep("recepcion", number, call_id=call)
    leaves(log, call, "other", 30)
    log.finish(call)
    assert log.get(call).outcome == "completed"
    return call


def test_the_patient_is_called_when_an_agent_is_free_and_goes_first(
    places: Places, call_log: CallLog, states: States, line: Line, reception: Database
) -> None:
    kept(places, call_log)
    assert places.turn() == 0
    states.want("lucia", "available")
    assert places.turn() == 1
    (call,) = line.dialled
    assert (call.number, call.context) == (NUMBER, "called-back")
    assert call.variables["AURICULA_PRIORITY"] == "9"
    assert places.turn() == 0
    assert places.dialled(call.call_id, "answered")
    assert status(reception) == ["done"]


def test_who_was_in_line_before_is_served_before(
    places: Places, call_log: CallLog, states: States, clock: FixedClock, line: Line
) -> None:
    before = waits(call_log, "+34600000002")
    clock.moment += timedelta(seconds=10)
    kept(places, call_log)
    clock.moment += timedelta(seconds=10)
    waits(call_log, "+34600000003")
    states.want("lucia", "available")
    assert places.turn() == 0
    leaves(call_log, before, "connected", 30)
    assert places.turn() == 1


def test_an_urgent_caller_passes_the_kept_place(
    places: Places, call_log: CallLog, states: States
) -> None:
    kept(places, call_log)
    waits(call_log, "+34600000004", priority=10)
    states.want("lucia", "available")
    assert places.turn() == 0


def test_after_two_vain_calls_a_person_has_a_ticket(
    places: Places,
    call_log: CallLog,
    states: States,
    clock: FixedClock,
    line: Line,
    reception: Database,
) -> None:
    first = kept(places, call_log)
    states.want("lucia", "available")
    places.turn()
    places.dialled(line.dialled[0].call_id, "no_answer")
    assert places.turn() == 0
    clock.moment += AGAIN
    places.turn()
    places.dialled(line.dialled[1].call_id, "busy")
    assert status(reception) == ["ticket"]
    with reception.transaction() as session:
        (ticket,) = session.scalars(select(Ticket)).all()
        assert (ticket.kind, ticket.number, ticket.call_id) == ("callback", NUMBER, first)


def test_when_the_clinic_closes_the_rest_becomes_tickets(
    places: Places, call_log: CallLog, states: States, clock: FixedClock, reception: Database
) -> None:
    kept(places, call_log)
    states.want("lucia", "available")
    clock.moment += timedelta(hours=10)
    assert places.turn() == 0
    assert status(reception) == ["ticket"]


def test_who_called_a_closed_branch_is_not_rung_at_night_because_another_one_is_open(
    places: Places,
    call_log: CallLog,
    states: States,
    clock: FixedClock,
    line: Line,
    reception: Database,
) -> None:
    mexico = branch("Ciudad de México", "mx", "America/Mexico_City", "+525500000001")
    with reception.transaction() as session:
        session.add(mexico)
        session.flush()
        there = mexico.id
        here = session.scalars(select(Branch.id).where(Branch.country == "es")).one()
    clock.moment += timedelta(hours=10)
    of = {
        number: kept(places, call_log, number, branch=where)
        for number, where in [
            (NUMBER, here),
            ("+34600000002", None),
            ("+525512345678", there),
        ]
    }
    states.want("lucia", "available")
    assert places.turn() == 1
    assert [call.number for call in line.dialled] == ["+525512345678"]
    assert status(reception) == ["ticket", "ticket", "dialling"]
    with reception.transaction() as session:
        tickets = session.scalars(select(Ticket.call_id)).all()
        assert set(tickets) == {of[NUMBER], of["+34600000002"]}


def test_an_urgent_caller_who_is_called_back_is_still_urgent(
    places: Places, call_log: CallLog, states: States, clock: FixedClock, line: Line
) -> None:
    waits(call_log, "+34600000002")
    kept(places, call_log, "+34600000003")
    clock.moment += timedelta(seconds=10)
    kept(places, call_log, priority=10)
    states.want("lucia", "available")
    assert places.turn() == 1
    (call,) = line.dialled
    assert (call.number, call.variables["AURICULA_PRIORITY"]) == (NUMBER, "10")


def test_a_place_kept_after_being_moved_up_stays_moved_up(
    places: Places, call_log: CallLog, states: States, clock: FixedClock, line: Line
) -> None:
    kept(places, call_log, "+34600000002")
    clock.moment += timedelta(seconds=10)
    call = waits(call_log, NUMBER)
    call_log.append(call, e.QueueMoved(queue="recepcion", priority=1, by="marta"))
    leaves(call_log, call, "other", 30)
    assert places.keep("recepcion", NUMBER, call_id=call)
    states.want("lucia", "available")
    assert places.turn() == 1
    assert [one.number for one in line.dialled] == [NUMBER]


def test_a_caller_who_is_moved_up_passes_the_kept_place(
    places: Places, call_log: CallLog, states: States, clock: FixedClock
) -> None:
    kept(places, call_log)
    clock.moment += timedelta(seconds=10)
    call = waits(call_log, "+34600000004")
    states.want("lucia", "available")
    call_log.append(call, e.QueueMoved(queue="recepcion", priority=1, by="marta"))
    assert places.turn() == 0


def test_who_asks_again_because_it_got_urgent_is_called_as_urgent(
    places: Places, call_log: CallLog, states: States, line: Line, reception: Database
) -> None:
    kept(places, call_log)
    kept(places, call_log, priority=10)
    states.want("lucia", "available")
    places.turn()
    assert status(reception) == ["dialling"]
    assert line.dialled[0].variables["AURICULA_PRIORITY"] == "10"


def test_the_agent_of_the_call_back_sees_who_it_is_and_why_they_called(
    places: Places, call_log: CallLog, states: States, line: Line, reception: Database
) -> None:
    with reception.transaction() as session:
        patient = Patient(given="Ana", family="Gil", search_keys=[])
        session.add(patient)
        session.flush()
        ana = patient.id
    price = e.TurnUnderstood(kind="intent", value={"intent": "price", "slots": {}})
    booking = e.TurnUnderstood(kind="intent", value={"intent": "book", "slots": {}})
    call = waits(call_log, NUMBER)
    for event in (price, e.PatientIdentified(patient_id=ana, how="document"), booking):
        call_log.append(call, event)
    assert places.keep("recepcion", NUMBER, call_id=call)
    leaves(call_log, call, "other", 30)
    states.want("lucia", "available")
    places.turn()
    back = call_log.get(line.dialled[0].call_id)
    assert (back.patient_id, back.reason) == (ana, "book")
    told = [one.event for one in call_log.events(back.id)]
    assert e.PatientIdentified(patient_id=ana, how="document") in told
    assert booking in told
    assert price not in told


def test_asking_twice_keeps_one_place_and_a_hidden_number_none(
    places: Places, call_log: CallLog, reception: Database
) -> None:
    kept(places, call_log)
    kept(places, call_log)
    assert status(reception) == ["waiting"]
    assert not places.keep("recepcion", "")


def test_a_line_that_fails_costs_a_try_not_the_place(
    places: Places, call_log: CallLog, states: States, line: Line, reception: Database
) -> None:
    kept(places, call_log)
    states.want("lucia", "available")
    line.broken = True
    places.turn()
    assert status(reception) == ["waiting"]


def test_the_desk_sees_who_is_still_to_be_called_and_no_more_of_them_than_it_may(
    places: Places,
    call_log: CallLog,
    states: States,
    line: Line,
    reception: Database,
    shown: KeptList,
) -> None:
    with reception.transaction() as session:
        session.add(Patient(given="Ana", family="Ruiz Gil", search_keys=[]))
        session.flush()
        patient = session.scalars(select(Patient.id)).one()
    call = waits(call_log, NUMBER, branch=1)
    call_log.append(call, e.PatientIdentified(patient_id=patient, how="phone_and_birth_date"))
    assert places.keep("recepcion", NUMBER, call_id=call)
    kept(places, call_log, "+34600000002")

    def seen_by(role: Role, branch_id: int | None) -> list[tuple[str, str]]:
        viewer = Viewer(1, "lucia", "Lucía", role, branch_id)
        return [(one.who, one.number) for one in shown.of(viewer)]

    known, unknown = ("Ana Ruiz Gil", NUMBER), ("+34600000002", "+34600000002")
    assert seen_by("supervisor", None) == [known, unknown]
    assert seen_by("supervisor", 2) == [unknown]
    assert seen_by("agent", 1) == [("Ana R.", ""), ("…002", "")]
    assert seen_by("agent", 2) == [("…002", "")]
    states.want("lucia", "available")
    places.turn()
    (first, _) = shown.of(Viewer(1, "lucia", "Lucía", "supervisor", None))
    assert (first.calling, first.attempts, first.queue) == (True, 1, "Recepción")
    assert places.dialled(line.dialled[0].call_id, "answered")
    assert [who for who, _ in seen_by("supervisor", None)] == ["+34600000002"]
    with reception.transaction() as session:
        session.add(Queue(name="otra", title="Otra", position=1))
        lucia = session.scalars(select(User.id).where(User.username == "lucia")).one()
        session.add(QueueSkill(queue="otra", user_id=lucia))
    assert seen_by("agent", 1) == []


def test_who_need_not_be_called_any_more_is_not_called_and_the_reason_is_written_down(
    places: Places,
    call_log: CallLog,
    states: States,
    line: Line,
    reception: Database,
    shown: KeptList,
) -> None:
    call = kept(places, call_log)
    lucia = at_the_desk(reception, "lucia")
    (place,) = shown.of(lucia)
    shown.cancel(lucia, place.id, "Ya se le ha atendido")
    assert shown.of(lucia) == []
    states.want("lucia", "available")
    assert places.turn() == 0
    assert line.dialled == []
    assert status(reception) == ["cancelled"]
    told = [one.event for one in call_log.events(call)]
    assert (
        e.PlaceChanged(
            queue="recepcion", status="cancelled", by="lucia", note="Ya se le ha atendido"
        )
        in told
    )
    with reception.transaction() as session:
        (done,) = session.scalars(select(SupervisorAction)).all()
        assert (done.action, done.call_id, done.note) == (
            "place.cancelled",
            call,
            "Ya se le ha atendido",
        )


def test_a_place_taken_away_by_mistake_is_given_back_and_its_turn_comes(
    places: Places,
    call_log: CallLog,
    states: States,
    line: Line,
    reception: Database,
    shown: KeptList,
) -> None:
    kept(places, call_log)
    lucia = at_the_desk(reception, "lucia")
    (place,) = shown.of(lucia)
    shown.cancel(lucia, place.id, "Equivocación")
    shown.restore(lucia, place.id)
    assert shown.of(lucia) == [place]
    states.want("lucia", "available")
    assert places.turn() == 1
    assert [one.number for one in line.dialled] == [NUMBER]


def test_a_place_is_not_given_back_when_it_is_too_late_or_they_have_another(
    places: Places, call_log: CallLog, clock: FixedClock, reception: Database, shown: KeptList
) -> None:
    lucia = at_the_desk(reception, "lucia")
    kept(places, call_log)
    (first,) = shown.of(lucia)
    shown.cancel(lucia, first.id, "x")
    kept(places, call_log)
    with pytest.raises(Conflict):
        shown.restore(lucia, first.id)
    (second,) = shown.of(lucia)
    shown.cancel(lucia, second.id, "x")
    clock.moment += UNDONE_WITHIN + timedelta(seconds=1)
    with pytest.raises(Conflict):
        shown.restore(lucia, second.id)
    assert status(reception) == ["cancelled", "cancelled"]


def test_who_is_being_called_is_not_taken_out_of_the_line(
    places: Places,
    call_log: CallLog,
    states: States,
    reception: Database,
    shown: KeptList,
) -> None:
    kept(places, call_log)
    lucia = at_the_desk(reception, "lucia")
    (place,) = shown.of(lucia)
    states.want("lucia", "available")
    assert places.turn() == 1
    with pytest.raises(Conflict) as refused:
        shown.cancel(lucia, place.id, "x")
    assert refused.value.code == "being_called"
    assert status(reception) == ["dialling"]


def test_only_those_who_serve_the_queue_in_its_branch_take_somebody_out_of_it(
    places: Places, call_log: CallLog, reception: Database, shown: KeptList
) -> None:
    kept(places, call_log, branch=1)
    (place,) = shown.of(at_the_desk(reception, "lucia"))
    with reception.transaction() as session:
        session.add(Queue(name="otra", title="Otra", position=1))
        lucia = session.scalars(select(User.id).where(User.username == "lucia")).one()
        session.flush()
        session.add(QueueSkill(queue="otra", user_id=lucia))
    for stranger in (at_the_desk(reception, "lucia"), at_the_desk(reception, "marta", 2)):
        with pytest.raises(NotFound):
            shown.cancel(stranger, place.id, "x")
    assert status(reception) == ["waiting"]
    shown.cancel(at_the_desk(reception, "marta", 1), place.id, "x")
    assert status(reception) == ["cancelled"]
