"""What the call log says about calls, derived from their events."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from ivr.calls import projection
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream, Outgoing
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.flow import events as e
from tests.clinic.world import World

STARTED = e.CallStarted(
    direction="inbound",
    flow="recepcion",
    flow_version="1",
    language="es-ES",
    ani="+34600000009",
    dnis="+34910000001",
)


@pytest.mark.parametrize(
    ("before", "how", "reason"),
    [
        ([], "key", "person"),
        ([], "voice", "person"),
        ([], "fallback", ""),
        ([e.TurnUnderstood(kind="intent", value={"intent": "book"})], "key", "book"),
        ([e.RedFlagHeard(level="emergency", text="me ahogo")], "key", "urgency"),
    ],
)
def test_who_asks_for_a_person_calls_for_that_unless_more_is_known(
    call_log: CallLog, world: World, before: list[e.EventBase], how: str, reason: str
) -> None:
    call = call_log.start(STARTED, branch_id=world.madrid)
    for event in (*before, e.PersonRequested.model_validate({"how": how})):
        call_log.append(call, event)
    assert call_log.get(call).reason == reason


def test_a_call_is_followed_from_the_menu_through_the_queue_to_a_person(
    call_log: CallLog, clock: FixedClock, world: World
) -> None:
    call = call_log.start(STARTED, branch_id=world.madrid, channel="PJSIP/trunk-1")
    call_log.append(call, e.LegStarted(channel="PJSIP/trunk-1", kind="caller"))
    call_log.append(call, e.CallAnswered())
    call_log.append(call, e.TurnUnderstood(kind="intent", value={"intent": "book"}))
    call_log.set_patient(call, world.ana, "phone_and_birth_date")
    live = call_log.get(call)
    assert (live.status, live.reason, live.patient_name) == ("live", "book", "Ana Gil Mora")
    assert live.ani == "+34600000009" and live.answered_at == clock.now()
    call_log.append(call, e.QueueJoined(queue="recepcion", position=1))
    assert call_log.get(call).status == "queued"
    call_log.append(call, e.QueueLeft(queue="recepcion", reason="connected"))
    call_log.append(call, e.AgentConnected(agent="recepcion"))
    assert call_log.get(call).status == "talking"
    clock.moment += timedelta(seconds=90)
    call_log.append(call, e.LegEnded(channel="PJSIP/trunk-1", cause=16))
    call_log.finish(call)
    over = call_log.get(call)
    assert (over.status, over.outcome) == ("ended", "transferred")
    assert over.legs[0].ended_at == clock.now() and over.legs[0].cause == 16
    ended = call_log.events(call)[-1].event
    assert isinstance(ended, e.CallEnded) and ended.duration_s == 90


def test_a_call_ends_once_and_keeps_its_first_outcome(call_log: CallLog) -> None:
    call = call_log.start(STARTED)
    call_log.finish(call, "completed")
    call_log.finish(call, "lost")
    call_log.append(call, e.CallEnded(outcome="failed", duration_s=0))
    assert call_log.get(call).outcome == "completed"
    assert call_log.live() == []


def test_a_call_that_is_answered_while_its_end_waits_to_be_written_ends_as_one_that_was(
    call_log: CallLog, database: Database, stream: EventStream
) -> None:
    call = call_log.start(STARTED)
    call_log.append(call, e.QueueJoined(queue="recepcion"))
    with ThreadPoolExecutor(1) as threads:
        with database.transaction() as session:
            stream.lock(session)
            ending = threads.submit(call_log.finish, call)
            until = time.monotonic() + 10
            while not _somebody_waits_for_the_lock(session) and time.monotonic() < until:
                time.sleep(0.01)
            left = e.QueueLeft(queue="recepcion", reason="connected")
            stream.add(session, [Outgoing(left, call)])
        ending.result(10)
    assert call_log.get(call).outcome == "transferred"
    assert [x.type for x in call_log.events(call)][-2:] == ["queue.left", "call.ended"]


def _somebody_waits_for_the_lock(session: Session) -> bool:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return bool(session.scalar(waiting))


def test_starting_the_same_call_twice_keeps_one_call(call_log: CallLog) -> None:
    assert call_log.start(STARTED, call_id="x") == call_log.start(STARTED, call_id="x") == "x"
    assert len(call_log.live()) == 1
    assert len(call_log.events("x")) == 1


def test_a_call_opened_by_two_at_once_is_opened_by_one(call_log: CallLog) -> None:
    with ThreadPoolExecutor(4) as threads:
        for number in range(20):
            opened = [
                threads.submit(
                    call_log.start,
                    STARTED,
                    call_id=f"call {number}",
                    channel=f"PJSIP/trunk-{one}",
                    linked_id=f"{one}.1",
                    branch_id=None,
                )
                for one in range(4)
            ]
            assert {one.result() for one in opened} == {f"call {number}"}
            assert [x.type for x in call_log.events(f"call {number}")] == ["call.started"]
    assert len(call_log.live()) == 20


def test_a_leg_announced_twice_is_one_leg(call_log: CallLog) -> None:
    call = call_log.start(STARTED)
    for _ in range(2):
        call_log.append(call, e.LegStarted(channel="PJSIP/a-1", kind="caller"))
    assert len(call_log.get(call).legs) == 1


def test_after_a_restart_calls_the_switch_no_longer_has_are_lost(
    call_log: CallLog, clock: FixedClock
) -> None:
    gone, there = call_log.start(STARTED), call_log.start(STARTED)
    clock.moment += timedelta(minutes=1)
    young = call_log.start(STARTED)
    assert call_log.finish_absent({there}) == [gone]
    assert call_log.get(gone).outcome == "lost"
    assert {x.id for x in call_log.live()} == {there, young}


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([], "completed"),
        ([e.QueueJoined(queue="q")], "abandoned"),
        ([e.QueueJoined(queue="q"), e.AgentConnected(agent="a")], "transferred"),
        ([e.QueueJoined(queue="q"), e.MessageLeft(duration_s=4)], "voicemail"),
        ([e.FlowFailed(error="x")], "failed"),
        ([e.FlowFailed(error="x"), e.QueueJoined(queue="q")], "abandoned"),
        ([e.Transferred(kind="queue", name="recepcion")], "abandoned"),
        ([e.Transferred(kind="extension", name="100")], "transferred"),
        ([e.Transferred(kind="hangup")], "completed"),
        ([e.Transferred(kind="extension"), e.Transferred(kind="queue")], "abandoned"),
        ([e.Transferred(kind="voicemail"), e.Transferred(kind="extension")], "transferred"),
        ([e.QueueJoined(queue="q"), e.PlaceKept(queue="q")], "callback"),
        ([e.QueueLeft(queue="q", reason="empty"), e.FlowFailed(error="x")], "abandoned"),
        ([e.MessageLeft(duration_s=4), e.AgentConnected(agent="a")], "transferred"),
    ],
)
def test_how_a_call_ended_follows_from_its_events(
    call_log: CallLog, events: list[e.EventBase], outcome: str
) -> None:
    call = call_log.start(STARTED)
    for event in events:
        call_log.append(call, event)
    call_log.finish(call)
    assert call_log.get(call).outcome == outcome
    ended = call_log.events(call)[-1].event
    assert isinstance(ended, e.CallEnded) and ended.outcome == outcome


def test_an_agents_call_that_nobody_answers_ends_unanswered(call_log: CallLog) -> None:
    call = call_log.start(STARTED.model_copy(update={"flow": projection.MANUAL}))
    call_log.finish(call)
    assert call_log.get(call).outcome == "unanswered"


def test_a_call_that_is_not_known_is_not_ended(call_log: CallLog) -> None:
    call_log.finish("nobody")
    assert call_log.events("nobody") == []


def test_nothing_brings_an_ended_call_back() -> None:
    for event in (e.QueueJoined(queue="q"), e.AgentConnected(agent="a")):
        assert projection.next_status("ended", event) == "ended"


def test_past_calls_are_paged_newest_first(
    call_log: CallLog, clock: FixedClock, world: World
) -> None:
    ids = []
    for _ in range(5):
        clock.moment += timedelta(minutes=1)
        ids.append(call_log.start(STARTED, branch_id=world.madrid))
        call_log.finish(ids[-1])
    first = call_log.past(limit=2)
    assert [x.id for x in first] == [ids[4], ids[3]]
    assert [x.id for x in call_log.past(before=first[-1].started_at, limit=2)] == [ids[2], ids[1]]
    assert call_log.past(branch_id=world.mexico) == []
