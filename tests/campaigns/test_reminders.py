"""Reminders: who is to be called, about what, and at which hours."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from ivr.calls.stream import EventStream
from ivr.campaigns.dialler import Dialler
from ivr.campaigns.reminders import Reminders
from ivr.clinic.agenda import Agenda
from ivr.clinic.model import Patient
from ivr.clock import FixedClock
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.tickets.service import Tickets
from tests.campaigns.clinic_calls import TOMORROW, Switch, book, move
from tests.clinic.world import World


def test_everybody_expected_tomorrow_who_has_not_confirmed_is_planned_once(
    reminders: Reminders, agenda: Agenda, world: World
) -> None:
    booked = book(agenda, world, world.ana)
    agenda.confirm(book(agenda, world, world.luis), call_id=None)
    assert [x.appointment_id for x in reminders.candidates(TOMORROW)] == [booked]
    (planned,) = reminders.plan(TOMORROW)
    assert (planned.appointment_id, planned.status) == (booked, "planned")
    assert reminders.plan(TOMORROW) == []
    assert reminders.candidates(TOMORROW) == []


def test_twenty_planners_at_once_plan_one_attempt(
    reminders: Reminders, agenda: Agenda, world: World
) -> None:
    book(agenda, world, world.ana)
    with ThreadPoolExecutor(20) as pool:
        planned = list(pool.map(lambda _: reminders.plan(TOMORROW), range(20)))
    assert sum(len(x) for x in planned) == 1


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), False),  # Monday 8:59 in Madrid
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 19, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 20, 0, tzinfo=UTC), False),  # 21:00
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), False),  # Sunday
        (datetime(2026, 12, 8, 12, 0, tzinfo=UTC), False),  # Inmaculada
    ],
)
def test_nobody_in_madrid_is_called_outside_legal_hours(
    reminders: Reminders, world: World, moment: datetime, allowed: bool
) -> None:
    assert reminders.may_call(world.madrid, moment) is allowed


def test_each_branch_keeps_its_own_hours(
    reminders: Reminders, agenda: Agenda, clock: FixedClock, world: World
) -> None:
    book(agenda, world, world.ana, branch=world.mexico)
    book(agenda, world, world.luis)
    reminders.plan(TOMORROW)
    clock.moment = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)  # 8:30 in Ciudad de México
    assert [x.branch_id for x in reminders.due()] == [world.madrid]
    clock.moment = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)  # 23:00 in Madrid
    assert [x.branch_id for x in reminders.due()] == [world.mexico]


def test_a_trial_at_any_hour_dials_those_of_its_day_and_nobody_else(
    reminders: Reminders, agenda: Agenda, clock: FixedClock, world: World
) -> None:
    tomorrow = book(agenda, world, world.ana)
    book(agenda, world, world.luis, date(2026, 11, 25))
    reminders.plan(TOMORROW)
    reminders.plan(date(2026, 11, 25))
    clock.moment = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)  # 23:00 in Madrid
    assert reminders.due() == []
    assert reminders.plan(TOMORROW, any_hour=True) == []
    assert [x.appointment_id for x in reminders.due()] == [tomorrow]


def test_whoever_moved_the_appointment_is_reminded_of_its_new_date(
    reminders: Reminders, dialler: Dialler, switch: Switch, agenda: Agenda, world: World
) -> None:
    booked = book(agenda, world, world.ana)
    (first,) = reminders.plan(TOMORROW)
    assert reminders.claim(lines=1)
    reminders.mark_answered(first.id)
    reminders.finish(first.id, "changed")
    move(agenda, world, booked, date(2026, 11, 26))
    assert reminders.plan(TOMORROW) == []
    (again,) = reminders.plan(date(2026, 11, 26))
    assert (again.appointment_id, again.step, again.status) == (booked, 2, "planned")
    move(agenda, world, booked, date(2026, 11, 27))
    assert dialler.run() == 0, "the day that was planned is not the appointment's any more"
    assert reminders.get(again.id).outcome == "changed"
    assert [x.step for x in reminders.plan(date(2026, 11, 27))] == [3]


def test_a_second_try_keeps_the_calling_hours_too(
    reminders: Reminders, agenda: Agenda, clock: FixedClock, world: World
) -> None:
    book(agenda, world, world.ana)
    reminders.plan(TOMORROW)
    clock.moment = datetime(2026, 11, 23, 19, 45, tzinfo=UTC)  # 20:45 in Madrid
    attempt = reminders.claim(lines=1)
    assert attempt is not None
    reminders.finish(attempt.id, "no_answer")
    clock.moment += timedelta(minutes=31)
    assert reminders.claim(lines=1) is None
    assert reminders.waiting() == 1


def test_a_patient_who_could_not_say_who_they_are_is_called_by_reception(
    reminders: Reminders,
    database: Database,
    clock: FixedClock,
    stream: EventStream,
    agenda: Agenda,
    world: World,
) -> None:
    with database.transaction() as session:
        session.get_one(Patient, world.ana).birth_date = None
    book(agenda, world, world.ana)
    (planned,) = reminders.plan(TOMORROW)
    assert (planned.status, planned.outcome) == ("skipped", "no_birth_date")
    (task,) = Tickets(database, clock, stream).open_ones()
    assert (task.kind, task.patient_id, task.number) == ("reminder", world.ana, planned.number)
    assert task.due_at is not None and task.due_at <= planned.starts_at
    assert reminders.plan(TOMORROW) == []


def test_who_asked_not_to_be_called_is_skipped(
    reminders: Reminders, agenda: Agenda, ledger: Ledger, world: World
) -> None:
    book(agenda, world, world.ana)
    ledger.record(
        purpose="automated_calls",
        decision="revoked",
        how="voice",
        wording_version="v1",
        patient_id=world.ana,
    )
    (planned,) = reminders.plan(TOMORROW)
    assert (planned.status, planned.outcome) == ("skipped", "opted_out")
    assert reminders.claim(lines=5) is None


def test_on_friday_evening_the_weekend_and_monday_are_planned(
    reminders: Reminders, agenda: Agenda, clock: FixedClock, world: World
) -> None:
    clock.moment = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
    monday = book(agenda, world, world.ana, date(2026, 11, 30))
    book(agenda, world, world.luis, date(2026, 12, 1))
    clock.moment = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
    assert reminders.plan_evening() == 0  # 17:00
    clock.moment = datetime(2026, 11, 27, 17, 5, tzinfo=UTC)
    assert reminders.plan_evening() == 1
    assert [x.appointment_id for x in reminders.due()] == [monday]
