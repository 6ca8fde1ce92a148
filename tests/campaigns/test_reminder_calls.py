"""Reminder calls: dialled once, never twice, tried again, and what they come to."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from ivr.agents.service import Accounts
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.campaigns import jobs
from ivr.campaigns.attempts import AttemptView, Outcome
from ivr.campaigns.dialler import Dialler
from ivr.campaigns.reminders import Reminders
from ivr.clinic.agenda import Agenda
from ivr.clinic.directory import Directory
from ivr.clinic.model import Clinic
from ivr.clock import FixedClock
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.flow.events import CallStarted
from ivr.ports import Origination
from ivr.recordings.store import RecordingStore
from tests.campaigns.clinic_calls import LOOPBACK, TOMORROW, Switch, book
from tests.clinic.world import World


def test_twenty_diallers_at_once_dial_each_patient_once_and_keep_to_the_lines(
    reminders: Reminders, agenda: Agenda, world: World
) -> None:
    for patient in (world.ana, world.luis):
        for day in (24, 25, 26):
            book(agenda, world, patient, date(2026, 11, day))
    for day in (24, 25, 26):
        reminders.plan(date(2026, 11, day))

    def take(_: int) -> AttemptView | None:
        return reminders.claim(lines=4)

    with ThreadPoolExecutor(20) as pool:
        taken = [x for x in pool.map(take, range(20)) if x is not None]
    assert len(taken) == len({x.id for x in taken}) == len({x.call_id for x in taken}) == 4
    assert all(x.status == "dialling" for x in taken)
    attempt = taken[0].id
    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(lambda _: reminders.mark_dialling(attempt), range(10))) == [False] * 10


def test_the_row_says_dialling_before_the_switch_is_asked(
    reminders: Reminders, dialler: Dialler, switch: Switch, agenda: Agenda, world: World
) -> None:
    book(agenda, world, world.ana)
    (planned,) = reminders.plan(TOMORROW)
    seen: list[str] = []
    remember = switch.originate

    def originate(call: Origination) -> None:
        seen.append(reminders.get(planned.id).status)
        remember(call)

    switch.originate = originate  # type: ignore[method-assign]
    assert dialler.run() == 1
    assert seen == ["dialling"]
    (call,) = switch.dialled
    assert call.number == "+34600000009" and call.caller_id == "+34910000000"
    assert call.variables == {"AURICULA_FLOW": "recordatorio", "AURICULA_ATTEMPT": str(planned.id)}
    assert dialler.run() == 0


def test_a_crash_between_row_and_call_is_never_dialled_again(
    reminders: Reminders,
    dialler: Dialler,
    switch: Switch,
    agenda: Agenda,
    clock: FixedClock,
    world: World,
) -> None:
    book(agenda, world, world.ana)
    reminders.plan(TOMORROW)
    lost = reminders.claim(lines=1)
    assert lost is not None
    assert reminders.reconcile() == []
    clock.moment += timedelta(minutes=2)
    assert reminders.reconcile(present={lost.call_id or ""}) == []
    assert dialler.run() == 0
    assert (reminders.get(lost.id).status, reminders.get(lost.id).outcome) == ("failed", "unknown")
    assert switch.dialled == []


def test_when_the_switch_is_down_the_attempt_fails_and_frees_its_line(
    reminders: Reminders, directory: Directory, agenda: Agenda, world: World
) -> None:
    for patient in (world.ana, world.luis):
        book(agenda, world, patient)
    planned = reminders.plan(TOMORROW)
    assert Dialler(reminders, directory, Switch(fails=True), LOOPBACK).run() == 2
    assert {reminders.get(x.id).outcome for x in planned} == {"unreachable"}


@pytest.mark.parametrize("outcome", ["busy", "no_answer"])
def test_a_line_that_is_busy_or_not_answered_is_called_again_later_and_not_for_ever(
    reminders: Reminders, agenda: Agenda, clock: FixedClock, world: World, outcome: Outcome
) -> None:
    book(agenda, world, world.ana)
    reminders.plan(TOMORROW)
    calls = []
    for _ in range(3):
        attempt = reminders.claim(lines=1)
        assert attempt is not None
        calls.append(attempt.call_id)
        reminders.finish(attempt.id, outcome)
        assert reminders.claim(lines=1) is None, "not at once"
        clock.moment += timedelta(minutes=31)
    assert reminders.waiting() == 0
    assert len(set(calls)) == 3


def test_how_often_and_how_soon_a_patient_is_called_again_is_the_clinics_choice(
    reminders: Reminders,
    directory: Directory,
    database: Database,
    agenda: Agenda,
    clock: FixedClock,
    world: World,
) -> None:
    with database.transaction() as session:
        session.query(Clinic).one().settings = {"reminder_tries": 2, "reminder_retry_minutes": 5}
    directory.forget()
    book(agenda, world, world.ana)
    reminders.plan(TOMORROW)
    for _ in range(2):
        attempt = reminders.claim(lines=1)
        assert attempt is not None
        reminders.finish(attempt.id, "busy")
        clock.moment += timedelta(minutes=5)
    assert reminders.waiting() == 0


def test_twenty_lines_that_end_at_once_leave_one_further_try(
    reminders: Reminders, agenda: Agenda, world: World
) -> None:
    book(agenda, world, world.ana)
    reminders.plan(TOMORROW)
    attempt = reminders.claim(lines=1)
    assert attempt is not None
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: reminders.finish(attempt.id, "busy"), range(20)))
    assert reminders.waiting() == 1


def test_who_asks_not_to_be_called_after_the_planning_is_not_dialled(
    reminders: Reminders, agenda: Agenda, ledger: Ledger, world: World
) -> None:
    book(agenda, world, world.ana)
    (planned,) = reminders.plan(TOMORROW)
    ledger.record(
        purpose="automated_calls",
        decision="revoked",
        how="voice",
        wording_version="v1",
        number=planned.number,
    )
    assert reminders.claim(lines=5) is None
    skipped = reminders.get(planned.id)
    assert (skipped.status, skipped.outcome) == ("skipped", "opted_out")


def test_an_appointment_cancelled_after_planning_is_not_dialled(
    reminders: Reminders, dialler: Dialler, switch: Switch, agenda: Agenda, world: World
) -> None:
    agenda.cancel(book(agenda, world, world.ana), call_id=None)
    booked = book(agenda, world, world.luis)
    (planned,) = reminders.plan(TOMORROW)
    agenda.cancel(booked, call_id=None)
    assert dialler.run() == 0
    assert reminders.get(planned.id).status == "skipped"
    assert switch.dialled == []


def test_the_answered_call_and_its_outcome_close_the_attempt_once(
    reminders: Reminders, agenda: Agenda, stream: EventStream, world: World
) -> None:
    book(agenda, world, world.ana)
    reminders.plan(TOMORROW)
    attempt = reminders.claim(lines=1)
    assert attempt is not None and attempt.call_id is not None
    assert reminders.of_call(attempt.call_id) == attempt
    reminders.mark_answered(attempt.id)
    reminders.finish(attempt.id, "confirmed")
    assert reminders.finish(attempt.id, "no_answer").outcome == "confirmed"
    seen = [x.data["status"] for x in stream.after(0) if x.type == "attempt.changed"]
    assert seen == ["planned", "dialling", "answered", "done"]


def test_an_answered_call_that_ends_without_a_decision_is_closed(
    reminders: Reminders, agenda: Agenda, call_log: CallLog, world: World
) -> None:
    book(agenda, world, world.ana)
    reminders.plan(TOMORROW)
    attempt = reminders.claim(lines=1)
    assert attempt is not None
    started = CallStarted(
        direction="outbound", flow="recordatorio", flow_version="1", language="es-ES"
    )
    call = call_log.start(started, call_id=attempt.call_id)
    reminders.mark_answered(attempt.id)
    assert reminders.reconcile() == []
    call_log.finish(call)
    assert reminders.reconcile() == [attempt.id]
    assert reminders.get(attempt.id).outcome == "no_decision"


def test_demo_patients_are_never_dialled_through_a_real_trunk(
    reminders: Reminders, directory: Directory, database: Database, agenda: Agenda, world: World
) -> None:
    book(agenda, world, world.ana)
    reminders.plan(TOMORROW)
    with database.transaction() as session:
        session.query(Clinic).one().settings = {"demo": True}
    directory.forget()
    switch = Switch()
    assert Dialler(reminders, directory, switch, "sip.example.com:5060").run() == 0
    assert Dialler(reminders, directory, switch, LOOPBACK).run() == 1


def test_a_job_left_by_the_command_is_dialled_by_the_worker(
    reminders: Reminders,
    dialler: Dialler,
    switch: Switch,
    agenda: Agenda,
    database: Database,
    clock: FixedClock,
    stream: EventStream,
    world: World,
) -> None:
    book(agenda, world, world.ana)
    reminders.plan(TOMORROW)
    jobs.ask_to_dial(database.url)
    jobs.ask_to_dial(database.url)
    work = jobs.Work(
        agenda=agenda,
        recordings=RecordingStore(database, clock, stream),
        reminders=reminders,
        accounts=Accounts(database, clock),
        dialler=dialler,
    )
    remember = switch.originate

    def originate(call: Origination) -> None:
        remember(call)
        reminders.finish(int(call.variables["AURICULA_ATTEMPT"]), "no_answer")

    switch.originate = originate  # type: ignore[method-assign]

    async def work_off() -> None:
        app = jobs.build(database.url, work)
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False)

    asyncio.run(work_off())
    assert [x.number for x in switch.dialled] == ["+34600000009"]
