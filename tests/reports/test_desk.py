"""What the desk's report says of a day whose calls are known."""

import csv
import io
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from ivr.agents.dispositions import Dispositions
from ivr.agents.model import User
from ivr.agents.states import States
from ivr.agents.viewer import Viewer
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.errors import InvalidInput
from ivr.flow import events as e
from ivr.queues.service import Queues
from ivr.reports.files import as_csv, as_excel
from ivr.reports.schemas import AgentLine, DeskReport
from ivr.reports.service import DeskReports
from tests.queues.test_room import leaves, waits

DAY = date(2026, 11, 23)
SUPERVISOR = Viewer(0, "marta", "Marta", "supervisor", None)


@pytest.fixture
def reports(reception: Database, clock: FixedClock) -> DeskReports:
    return DeskReports(reception, clock, Queues(reception))


def passes(clock: FixedClock, seconds: float) -> None:
    clock.moment += timedelta(seconds=seconds)


def talks(
    log: CallLog, states: States, clock: FixedClock, call: str, agent: str, talk_s: float
) -> None:
    """``agent`` rings five seconds, talks, and wraps up for ten."""
    log.append(call, e.AgentRinging(agent=agent))
    states.heard(agent, "ringing", call)
    passes(clock, 5)
    log.append(call, e.AgentConnected(agent=agent))
    states.heard(agent, "talking", call)
    passes(clock, talk_s)
    log.append(call, e.AgentDisconnected(agent=agent, talked_s=talk_s))
    states.heard(agent, "talked", call)


def transferred_call(
    log: CallLog,
    states: States,
    clock: FixedClock,
    stream: EventStream,
    database: Database,
) -> str:
    """Lucía talks a minute, passes the caller on to Mario, who talks two."""
    for agent in ("lucia", "mario"):
        states.want(agent, "available")
    passes(clock, 100)
    call = waits(log, "+34600000001")
    passes(clock, 12)
    leaves(log, call, "connected", 12)
    talks(log, states, clock, call, "lucia", 60)
    talks(log, states, clock, call, "mario", 120)
    log.finish(call)
    with database.transaction() as session:
        for name in ("lucia", "mario"):
            user = session.scalars(select(User).where(User.username == name)).one()
            viewer = Viewer(user.id, name, user.name, "agent", None)
            Dispositions(database, clock, stream).choose(viewer, call, "booked")
    states.wrapped_up("mario")
    return call


def line(report: DeskReport, agent: str) -> AgentLine:
    return next(one for one in report.agents if one.username == agent and one.day is None)


def test_each_leg_of_a_transferred_call_is_charged_to_its_agent(
    reports: DeskReports,
    call_log: CallLog,
    states: States,
    clock: FixedClock,
    stream: EventStream,
    reception: Database,
) -> None:
    transferred_call(call_log, states, clock, stream, reception)
    report = reports.read(SUPERVISOR, DAY, DAY)
    total, day = report.queues
    assert (total.day, day.day, total.queue) == (None, DAY, "recepcion")
    assert (total.offered, total.answered, total.conversations) == (1, 1, 2)
    assert total.talk_s == 180
    lucia, mario = line(report, "lucia"), line(report, "mario")
    assert (lucia.conversations, lucia.talk_s) == (1, 60)
    assert (mario.conversations, mario.talk_s, mario.rang) == (1, 120, 1)
    assert lucia.wrap_up_s == 125
    assert lucia.aht_s == 60 + 125
    assert total.aht_s == (60 + 120 + 125) / 2


def test_an_agents_states_add_up_to_the_shift(
    reports: DeskReports,
    call_log: CallLog,
    states: States,
    clock: FixedClock,
    stream: EventStream,
    reception: Database,
) -> None:
    begins = clock.moment
    transferred_call(call_log, states, clock, stream, reception)
    states.want("mario", "paused", "lunch")
    passes(clock, 300)
    states.want("mario", "off")
    ends = clock.moment
    mario = line(reports.read(SUPERVISOR, DAY, DAY), "mario")
    assert mario.shift_s == (ends - begins).total_seconds()
    parts = (
        mario.available_s
        + mario.ringing_s
        + mario.on_call_s
        + mario.wrap_up_s
        + mario.paused_s
        + mario.away_s
    )
    assert parts == mario.shift_s
    assert (mario.paused_s, mario.on_call_s, mario.ringing_s) == (300, 120, 5)
    assert mario.occupancy == pytest.approx(120 / (mario.shift_s - 300))


def test_a_shift_over_midnight_is_cut_at_midnight(
    reports: DeskReports, states: States, clock: FixedClock
) -> None:
    clock.moment = clock.moment.replace(hour=22, minute=30)
    states.want("lucia", "available")
    passes(clock, 3 * 3600)
    states.want("lucia", "off")
    report = reports.read(SUPERVISOR, DAY, DAY + timedelta(days=1))
    shifts = {one.day: one.shift_s for one in report.agents}
    assert shifts == {None: 10800, DAY: 5400, DAY + timedelta(days=1): 5400}


def test_dispositions_are_counted_and_so_are_the_missing_ones(
    reports: DeskReports,
    call_log: CallLog,
    states: States,
    clock: FixedClock,
    stream: EventStream,
    reception: Database,
) -> None:
    transferred_call(call_log, states, clock, stream, reception)
    other = waits(call_log, "+34600000002")
    leaves(call_log, other, "connected", 3)
    talks(call_log, states, clock, other, "mario", 30)
    passes(clock, 31)
    states.expire()
    counts = {one.code: one.count for one in reports.read(SUPERVISOR, DAY, DAY).dispositions}
    assert counts == {"booked": 2, "pending": 0, "": 1}


def test_unanswered_ringing_is_counted_against_the_agent(
    reports: DeskReports, call_log: CallLog, states: States
) -> None:
    call = waits(call_log, "+34600000001")
    states.want("lucia", "available")
    call_log.append(call, e.AgentRinging(agent="lucia"))
    call_log.append(call, e.AgentNoAnswer(agent="lucia"))
    leaves(call_log, call, "abandoned", 44)
    report = reports.read(SUPERVISOR, DAY, DAY)
    lucia = line(report, "lucia")
    assert (lucia.rang, lucia.no_answer, lucia.conversations) == (1, 1, 0)
    assert report.queues[0].abandonment == 1.0


def test_the_files_say_what_the_screen_says(
    reports: DeskReports,
    call_log: CallLog,
    states: States,
    clock: FixedClock,
    stream: EventStream,
    reception: Database,
) -> None:
    with reception.transaction() as session:
        session.scalars(select(User).where(User.username == "lucia")).one().name = "=1+1"
    transferred_call(call_log, states, clock, stream, reception)
    report = reports.read(SUPERVISOR, DAY, DAY)
    for language, delimiter, seconds in (
        ("es-ES", ";", ["60,0", "120,0"]),
        ("es-MX", ",", ["60.0", "120.0"]),
    ):
        text = as_csv(report, "agents", language).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
        assert [row["Conversación"] for row in rows if row["Día"] == "Total"] == [
            *seconds,
            "180,0" if language == "es-ES" else "180.0",
        ]
    assert rows[0]["Agente"] == "'=1+1"
    with zipfile.ZipFile(io.BytesIO(as_excel(report, "en"))) as book:
        assert 'name="Agents"' in book.read("xl/workbook.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
        assert "=1+1" in texts and "Service level" in texts
        assert "<f>" not in book.read("xl/worksheets/sheet2.xml").decode()


def test_together_rates_come_from_the_sums_and_are_no_mean_of_rates(
    reports: DeskReports,
    call_log: CallLog,
    states: States,
    clock: FixedClock,
) -> None:
    """One caller in the one queue, answered late; nine in the other, of whom eight in time.
    Mario takes one long conversation, Lucía nine short ones."""
    for agent in ("lucia", "mario"):
        states.want(agent, "available")
    passes(clock, 100)
    late = waits(call_log, "+34600000001", queue="tratamientos")
    leaves(call_log, late, "connected", 100, "tratamientos")
    talks(call_log, states, clock, late, "mario", 600)
    for number in range(9):
        call = waits(call_log, f"+3460000001{number}")
        if number == 8:
            leaves(call_log, call, "abandoned", 50)
            continue
        leaves(call_log, call, "connected", 10)
        talks(call_log, states, clock, call, "lucia", 60)
    report = reports.read(SUPERVISOR, DAY, DAY)
    lines = {one.queue: one for one in report.queues if one.day is None}
    assert (lines["tratamientos"].service_level, lines["recepcion"].service_level) == (0, 8 / 9)
    every = report.all_queues
    assert (every.day, every.offered, every.answered, every.abandoned) == (None, 10, 9, 1)
    assert every.service_level == 8 / 10
    assert every.abandonment == 1 / 10
    assert every.asa_s == (100 + 8 * 10) / 9
    assert every.talk_s == 600 + 8 * 60
    assert every.conversations == 9
    assert every.aht_s == pytest.approx((every.talk_s + every.wrap_up_s) / 9)
    lucia, mario, both = line(report, "lucia"), line(report, "mario"), report.all_agents
    assert lucia.occupancy is not None and mario.occupancy is not None
    assert both.shift_s == lucia.shift_s + mario.shift_s
    assert both.aht_s == pytest.approx((both.talk_s + both.wrap_up_s) / 9)
    busy = both.on_call_s + both.wrap_up_s
    ready = busy + both.available_s + both.ringing_s
    assert both.occupancy == pytest.approx(busy / ready)

    text = as_csv(report, "queues", "es-ES").decode("utf-8-sig")
    *_, last = csv.DictReader(io.StringIO(text), delimiter=";")
    assert (last["Día"], last["Cola"]) == ("Total", "Todas las colas")
    assert (last["Ofrecidas"], last["Nivel de servicio"], last["Espera media"]) == (
        "10",
        "0,8",
        "20,0",
    )
    with zipfile.ZipFile(io.BytesIO(as_excel(report, "es-ES"))) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
        assert "Todas las colas" in texts and "Todos los agentes" in texts


def test_together_a_call_that_went_on_to_another_queue_is_offered_in_both(
    reports: DeskReports, call_log: CallLog
) -> None:
    call = waits(call_log, "+34600000001")
    leaves(call_log, call, "timeout", 90)
    call_log.append(call, e.QueueJoined(queue="tratamientos", priority=0))
    leaves(call_log, call, "abandoned", 30, "tratamientos")
    every = reports.read(SUPERVISOR, DAY, DAY).all_queues
    assert (every.offered, every.overflowed, every.abandoned) == (2, 1, 1)


def test_a_range_too_long_or_upside_down_is_refused(reports: DeskReports) -> None:
    for first, last in ((DAY, DAY - timedelta(days=1)), (DAY - timedelta(days=200), DAY)):
        with pytest.raises(InvalidInput):
            reports.read(SUPERVISOR, first, last)
