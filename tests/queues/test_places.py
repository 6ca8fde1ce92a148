"""A caller who keeps the place in line and is called when it is their turn."""

from datetime import timedelta

from sqlalchemy import select

from ivr.agents.states import States
from ivr.calls.log import CallLog
from ivr.calls.model import Call
from ivr.clinic.model import Branch, Patient
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.flow import events as e
from ivr.queues.places import AGAIN, IN_VAIN, Places
from ivr.tickets.model import Ticket
from tests.queues.kept_places import NUMBER, Line, branch, kept, status
from tests.queues.test_room import leaves, waits


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
        assert ticket.summary == IN_VAIN
        ends = session.scalars(select(Call.outcome).where(Call.direction == "outbound"))
        assert set(ends) == {"unanswered"}


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
