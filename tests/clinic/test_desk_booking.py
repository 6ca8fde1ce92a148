"""The agenda from the desk: booking in one step, moving, cancelling and taking it back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from ivr.agents.viewer import Viewer
from ivr.calls.model import StoredEvent
from ivr.calls.stream import EventStream
from ivr.clinic import history
from ivr.clinic.agenda import Agenda
from ivr.clinic.agenda_desk import AgendaDesk
from ivr.clinic.directory import Directory
from ivr.clinic.finder import Finder, SlotWish
from ivr.clinic.model import Leave, LocalHoliday
from ivr.clinic.schemas import AppointmentView, Slot
from ivr.clock import FixedClock, local
from ivr.database import Database
from ivr.errors import Conflict, Forbidden, InvalidInput, SlotTaken
from tests.clinic.world import World
from tests.plans import plans

NINE = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""9:00 in Madrid on the next Tuesday."""
SUPERVISOR = Viewer(1, "marta", "Marta", "supervisor", None)


def at(world: World, minutes: int = 0, *, doctor: int = 0, length: int = 30) -> Slot:
    begin = NINE + timedelta(minutes=minutes)
    end = begin + timedelta(minutes=length)
    return Slot(doctor or world.ruiz, world.madrid, world.check, begin, end)


def book(agenda: Agenda, world: World, minutes: int = 0, patient: int = 0) -> AppointmentView:
    return agenda.schedule(
        at(world, minutes), patient_id=patient or world.ana, call_id=None, agent="lucia"
    )


def test_an_agent_books_and_the_event_says_who(
    agenda: Agenda, stream: EventStream, world: World
) -> None:
    visit = book(agenda, world)
    assert visit.status == "booked" and visit.reference and visit.patient_id == world.ana
    event = stream.after(0)[-1]
    assert (event.data["change"], event.data["agent"]) == ("booked", "lucia")


def test_a_slot_the_machine_holds_is_not_the_desks(agenda: Agenda, world: World) -> None:
    agenda.hold(at(world), call_id="c")
    with pytest.raises(SlotTaken):
        book(agenda, world)
    with pytest.raises(SlotTaken):
        book(agenda, world, 15)


def test_a_hold_that_has_run_out_is_no_obstacle(
    agenda: Agenda, clock: FixedClock, world: World
) -> None:
    agenda.hold(at(world), call_id="c", seconds=60)
    clock.moment += timedelta(seconds=61)
    assert book(agenda, world).status == "booked"


def test_an_appointment_is_moved_by_a_quarter_over_its_own_time(
    agenda: Agenda, world: World
) -> None:
    visit = book(agenda, world)
    moved = agenda.reschedule(visit.id, at(world, 15), call_id=None, agent="lucia")
    assert moved.reference == visit.reference and moved.id == visit.id
    assert moved.starts_at == NINE + timedelta(minutes=15)
    assert moved.ends_at - moved.starts_at == timedelta(minutes=30)
    other = agenda.reschedule(
        visit.id, at(world, 15, doctor=world.soto), call_id=None, agent="lucia"
    )
    assert other.professional_id == world.soto


def test_a_move_onto_somebody_else_leaves_both_where_they_were(
    agenda: Agenda, world: World
) -> None:
    visit = book(agenda, world)
    book(agenda, world, 30, world.luis)
    with pytest.raises(SlotTaken):
        agenda.reschedule(visit.id, at(world, 15), call_id=None, agent="lucia")
    assert agenda.get(visit.id).starts_at == NINE


def test_outside_working_hours_only_by_saying_so(agenda: Agenda, world: World) -> None:
    late = at(world, 8 * 60)
    with pytest.raises(InvalidInput) as refused:
        agenda.schedule(late, patient_id=world.ana, call_id=None, agent="lucia")
    assert refused.value.code == "outside_hours"
    agenda.schedule(late, patient_id=world.ana, call_id=None, agent="lucia", any_hour=True)


def test_a_cancellation_is_taken_back_within_a_moment(
    agenda: Agenda, clock: FixedClock, world: World
) -> None:
    visit = book(agenda, world)
    agenda.cancel(visit.id, call_id=None, agent="lucia")
    clock.moment += timedelta(minutes=5)
    assert agenda.restore(visit.id, call_id=None, agent="lucia").status == "booked"
    agenda.cancel(visit.id, call_id=None)
    clock.moment += timedelta(minutes=16)
    with pytest.raises(Conflict) as refused:
        agenda.restore(visit.id, call_id=None)
    assert refused.value.code == "too_late"


def test_what_an_appointment_was_is_found_without_reading_all_events(
    database: Database, agenda: Agenda, world: World
) -> None:
    visit = book(agenda, world)
    agenda.cancel(visit.id, call_id=None)
    asked = plans(database, lambda: history.before(database, visit.id))
    (events,) = [plan for plan in asked if " event " in plan]
    assert "ix_event_appointment" in events


def test_a_time_given_away_meanwhile_is_not_taken_back(agenda: Agenda, world: World) -> None:
    visit = book(agenda, world)
    agenda.cancel(visit.id, call_id=None)
    book(agenda, world, 0, world.luis)
    with pytest.raises(SlotTaken):
        agenda.restore(visit.id, call_id=None)
    assert agenda.get(visit.id).status == "cancelled"


def test_what_became_of_the_patient_is_not_said_before_it_can_be_known(
    agenda: Agenda, clock: FixedClock, world: World
) -> None:
    visit = book(agenda, world)
    clock.moment = NINE.replace(hour=0) - timedelta(minutes=90)
    for seen in ("arrived", "completed"):
        with pytest.raises(Conflict) as refused:
            agenda.mark(visit.id, seen)
        assert refused.value.code == "later_day"
    clock.moment = NINE - timedelta(minutes=1)
    with pytest.raises(Conflict) as refused:
        agenda.mark(visit.id, "no_show")
    assert refused.value.code == "not_begun"
    assert agenda.mark(visit.id, "arrived").status == "arrived"


def test_a_mark_made_by_mistake_is_taken_back_however_late_and_logged(
    agenda: Agenda, clock: FixedClock, stream: EventStream, world: World
) -> None:
    visit = book(agenda, world)
    agenda.confirm(visit.id, call_id=None)
    clock.moment = NINE + timedelta(minutes=10)
    agenda.mark(visit.id, "no_show", agent="lucia")
    clock.moment += timedelta(hours=2)
    back = agenda.restore(visit.id, "confirmed", call_id=None, agent="lucia")
    assert back.status == "confirmed"
    event = stream.after(0)[-1].data
    assert (event["change"], event["status"], event["agent"]) == ("restored", "confirmed", "lucia")
    with pytest.raises(Conflict):
        agenda.restore(visit.id, "arrived", call_id=None)
    agenda.mark(visit.id, "arrived")
    agenda.mark(visit.id, "completed")
    assert agenda.restore(visit.id, "arrived", call_id=None).status == "arrived"


# --- Looking -------------------------------------------------------------------------------


def test_the_week_shows_holidays_and_leave(
    database: Database, clock: FixedClock, directory: Directory, agenda: Agenda, world: World
) -> None:
    with database.transaction() as session:
        session.add(LocalHoliday(branch_id=world.madrid, day=NINE.date(), name="San Prueba"))
        session.add(
            Leave(
                professional_id=world.soto, first_day=NINE.date() + timedelta(days=1),
                last_day=NINE.date() + timedelta(days=1), reason="Congreso",
            )
        )  # fmt: skip
    directory.forget()
    week = AgendaDesk(database, clock, directory).week(SUPERVISOR, NINE.date(), world.madrid)
    assert week.first.weekday() == 0 and len(week.days) == 7
    monday, tuesday, wednesday, *_ = week.days
    assert monday.holiday == "" and len(monday.columns) == 2 and monday.opening
    assert (tuesday.holiday, tuesday.opening) == ("San Prueba", [])
    assert all(not column.working for column in tuesday.columns)
    away = {x.professional.id: x.away for x in wednesday.columns}
    assert away == {world.ruiz: "", world.soto: "Congreso"}


@pytest.fixture
def finder(agenda: Agenda, directory: Directory, clock: FixedClock) -> Finder:
    return Finder(agenda, directory, clock)


def test_free_time_is_found_by_words(finder: Finder, world: World) -> None:
    found = finder.find(SUPERVISOR, SlotWish(text="primer hueco de revisión el jueves"))
    assert found.understood and found.service_id == world.check
    days = {local(x.starts_at, x.zone).date().isoformat() for x in found.slots}
    assert days == {"2026-11-26"}


def test_the_form_counts_over_the_words_and_a_branch_named_over_the_form(
    finder: Finder, world: World
) -> None:
    wish = SlotWish(
        text="revisión con la doctora Ruiz", professional_id=world.soto, branch_id=world.madrid
    )
    assert {x.professional_id for x in finder.find(SUPERVISOR, wish).slots} == {world.soto}
    elsewhere = SlotWish(text="revisión en Roma por la tarde", branch_id=world.madrid)
    found = finder.find(SUPERVISOR, elsewhere)
    assert {x.branch_id for x in found.slots} == {world.mexico}
    assert all(local(x.starts_at, x.zone).hour >= 14 for x in found.slots)


def test_words_that_say_nothing_are_said_to_say_nothing(finder: Finder, world: World) -> None:
    found = finder.find(SUPERVISOR, SlotWish(text="lorem ipsum"))
    assert not found.understood and found.slots == []


def test_after_a_lost_race_the_next_free_slot_is_known(
    finder: Finder, agenda: Agenda, world: World
) -> None:
    agenda.hold(at(world), call_id="c")
    wish = SlotWish(
        service_id=world.check, professional_id=world.ruiz, branch_id=world.madrid,
        after=NINE, limit=1,
    )  # fmt: skip
    (slot,) = finder.find(SUPERVISOR, wish).slots
    assert slot.starts_at == NINE + timedelta(minutes=30)


def test_another_branch_is_not_searched_for_an_agent_of_one(finder: Finder, world: World) -> None:
    agent = Viewer(2, "diego", "Diego", "agent", world.mexico)
    with pytest.raises(Forbidden):
        finder.find(agent, SlotWish(service_id=world.check, branch_id=world.madrid))
    found = finder.find(agent, SlotWish(text="revisión en el Centro"))
    assert {x.branch_id for x in found.slots} == {world.mexico}


def test_a_mark_taken_back_leaves_what_it_was_before_as_its_history_says(
    agenda: Agenda, clock: FixedClock, world: World
) -> None:
    confirmed, booked = book(agenda, world), book(agenda, world, 60, world.luis)
    agenda.confirm(confirmed.id, call_id=None)
    clock.moment = NINE + timedelta(hours=2)
    for seen in ("arrived", "no_show", "arrived"):
        agenda.mark(confirmed.id, seen)
        agenda.mark(booked.id, seen)
        assert agenda.restore(confirmed.id, call_id=None).status == "confirmed"
        assert agenda.restore(booked.id, call_id=None).status == "booked"
    agenda.mark(confirmed.id, "no_show")
    agenda.mark(confirmed.id, "arrived")
    agenda.mark(confirmed.id, "completed")
    back = [agenda.restore(confirmed.id, call_id=None).status for _ in range(3)]
    assert back == ["arrived", "no_show", "confirmed"]


def test_an_appointment_older_than_its_events_is_what_the_mark_says_it_was(
    agenda: Agenda, clock: FixedClock, database: Database, world: World
) -> None:
    visit = book(agenda, world)
    agenda.confirm(visit.id, call_id=None)
    with database.transaction() as session:
        session.execute(delete(StoredEvent))
    clock.moment = NINE + timedelta(minutes=10)
    agenda.mark(visit.id, "arrived")
    assert agenda.restore(visit.id, call_id=None).status == "confirmed"
    agenda.mark(visit.id, "no_show")
    with database.transaction() as session:
        session.execute(delete(StoredEvent))
    with pytest.raises(Conflict) as refused:
        agenda.restore(visit.id, call_id=None)
    assert refused.value.code == "not_known"
