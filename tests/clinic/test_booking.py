"""Holding, booking, moving and cancelling, on a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from ivr import reference
from ivr.calls.stream import EventStream
from ivr.clinic.agenda import Agenda
from ivr.clinic.schemas import Slot, SlotQuery
from ivr.clock import FixedClock
from ivr.errors import Conflict, InvalidInput, SlotTaken
from tests.clinic.world import World


def first_slot(agenda: Agenda, world: World, **wishes: object) -> Slot:
    query = SlotQuery(service_id=world.check, branch_id=world.madrid, limit=1, **wishes)  # type: ignore[arg-type]
    return agenda.find_slots(query)[0]


def changes(stream: EventStream) -> list[str]:
    return [str(x.data["change"]) for x in stream.after(0) if x.type == "appointment.changed"]


def test_a_caller_books_the_first_free_slot_and_is_told_a_reference(
    agenda: Agenda, stream: EventStream, world: World
) -> None:
    held = agenda.hold(first_slot(agenda, world), call_id="call-1")
    booked = agenda.book(held.id, patient_id=world.ana, call_id="call-1")
    assert booked.status == "booked"
    assert booked.patient_name == "Ana Gil Mora"
    assert reference.valid(booked.reference) and len(booked.reference) == 6
    assert agenda.upcoming(world.ana) == [booked]
    assert agenda.by_reference(booked.reference) == booked
    assert changes(stream) == ["held", "booked"]


def test_of_fifty_callers_racing_for_one_slot_exactly_one_wins(
    agenda: Agenda, world: World
) -> None:
    slot = first_slot(agenda, world, professional_id=world.ruiz)

    def caller(number: int) -> bool:
        try:
            agenda.hold(slot, call_id=f"call-{number}")
        except SlotTaken:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(caller, range(50)))
    assert won.count(True) == 1
    assert first_slot(agenda, world, professional_id=world.ruiz) != slot


def test_overlapping_slots_of_one_professional_cannot_both_be_held(
    agenda: Agenda, world: World
) -> None:
    slot = first_slot(agenda, world, professional_id=world.ruiz)
    agenda.hold(slot, call_id="a")
    later = timedelta(minutes=15)
    with pytest.raises(SlotTaken):
        agenda.hold(
            Slot(slot.professional_id, slot.branch_id, slot.service_id,
                 slot.starts_at + later, slot.ends_at + later), call_id="b"
        )  # fmt: skip


def test_a_hold_that_ran_out_does_not_block_the_next_caller(
    agenda: Agenda, clock: FixedClock, stream: EventStream, world: World
) -> None:
    slot = first_slot(agenda, world, professional_id=world.ruiz)
    slow = agenda.hold(slot, call_id="slow", seconds=120)
    clock.moment += timedelta(seconds=121)
    assert first_slot(agenda, world, professional_id=world.ruiz) == slot
    agenda.hold(slot, call_id="quick")
    with pytest.raises(Conflict):
        agenda.book(slow.id, patient_id=world.ana, call_id="slow")
    assert changes(stream) == ["held", "expired", "held"]


def test_a_slow_caller_still_gets_the_slot_nobody_else_took(
    agenda: Agenda, clock: FixedClock, world: World
) -> None:
    held = agenda.hold(first_slot(agenda, world), call_id="slow", seconds=120)
    clock.moment += timedelta(seconds=125)
    assert agenda.book(held.id, patient_id=world.ana, call_id="slow").status == "booked"


def test_hanging_up_lets_go_of_every_slot_of_the_call(
    agenda: Agenda, stream: EventStream, world: World
) -> None:
    slot = first_slot(agenda, world, professional_id=world.ruiz)
    agenda.hold(slot, call_id="gone")
    agenda.hold(first_slot(agenda, world, professional_id=world.soto), call_id="gone")
    assert agenda.release_call("gone") == 2
    assert agenda.release_call("gone") == 0
    assert first_slot(agenda, world, professional_id=world.ruiz) == slot
    assert changes(stream) == ["held", "held", "released", "released"]


def test_the_sweep_frees_holds_of_calls_that_crashed(
    agenda: Agenda, clock: FixedClock, world: World
) -> None:
    agenda.hold(first_slot(agenda, world), call_id="crashed")
    assert agenda.expire_holds() == 0
    clock.moment += timedelta(minutes=3)
    assert agenda.expire_holds() == 1
    assert agenda.day(date(2026, 11, 23), world.madrid) == []


def test_a_held_slot_of_another_call_cannot_be_booked(agenda: Agenda, world: World) -> None:
    held = agenda.hold(first_slot(agenda, world), call_id="mine")
    with pytest.raises(Conflict):
        agenda.book(held.id, patient_id=world.ana, call_id="theirs")


def test_a_patient_cannot_be_in_two_places_at_once(agenda: Agenda, world: World) -> None:
    slot = first_slot(agenda, world, professional_id=world.ruiz)
    other = first_slot(agenda, world, professional_id=world.soto)
    assert slot.starts_at == other.starts_at
    agenda.book(agenda.hold(slot, call_id="a").id, patient_id=world.ana, call_id="a")
    held = agenda.hold(other, call_id="b")
    with pytest.raises(Conflict) as refused:
        agenda.book(held.id, patient_id=world.ana, call_id="b")
    assert refused.value.code == "patient_busy"
    assert agenda.book(held.id, patient_id=world.luis, call_id="b").patient_name == "Luis Gil Mora"


def test_moving_keeps_the_reference_and_frees_the_old_time(
    agenda: Agenda, stream: EventStream, world: World
) -> None:
    slot = first_slot(agenda, world, professional_id=world.ruiz)
    booked = agenda.book(agenda.hold(slot, call_id="a").id, patient_id=world.ana, call_id="a")
    agenda.confirm(booked.id, call_id="a")
    later = first_slot(agenda, world, date_from=date(2026, 11, 25))
    held = agenda.hold(later, call_id="b")
    moved = agenda.move(booked.id, held.id, call_id="b")
    assert (moved.id, moved.reference, moved.status) == (booked.id, booked.reference, "booked")
    assert moved.starts_at == later.starts_at
    assert first_slot(agenda, world, professional_id=world.ruiz) == slot
    assert agenda.upcoming(world.ana) == [moved]
    assert changes(stream)[-2:] == ["released", "moved"]


def test_a_patient_may_move_to_a_slot_that_overlaps_their_old_one(
    agenda: Agenda, world: World
) -> None:
    slot = first_slot(agenda, world, professional_id=world.ruiz)
    booked = agenda.book(agenda.hold(slot, call_id="a").id, patient_id=world.ana, call_id="a")
    other = first_slot(agenda, world, professional_id=world.soto)
    held = agenda.hold(other, call_id="a")
    assert agenda.move(booked.id, held.id, call_id="a").professional_id == world.soto


def test_cancelling_frees_the_time_at_once_and_only_once(
    agenda: Agenda, stream: EventStream, world: World
) -> None:
    slot = first_slot(agenda, world, professional_id=world.ruiz)
    booked = agenda.book(agenda.hold(slot, call_id="a").id, patient_id=world.ana, call_id="a")
    agenda.cancel(booked.id, call_id="a")
    agenda.cancel(booked.id, call_id="a")
    assert first_slot(agenda, world, professional_id=world.ruiz) == slot
    assert changes(stream) == ["held", "booked", "cancelled"]
    with pytest.raises(Conflict):
        agenda.confirm(booked.id, call_id="a")


def test_a_slot_outside_working_hours_is_given_only_by_an_agent_who_insists(
    agenda: Agenda, world: World
) -> None:
    start = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    slot = Slot(world.ruiz, world.madrid, world.check, start, start + timedelta(minutes=30))
    with pytest.raises(InvalidInput):
        agenda.hold(slot, call_id=None)
    assert agenda.hold(slot, call_id=None, any_hour=True).status == "held"
    past = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    with pytest.raises(InvalidInput):
        agenda.hold(
            Slot(world.ruiz, world.madrid, world.check, past, past + timedelta(minutes=30)),
            call_id=None,
            any_hour=True,
        )
