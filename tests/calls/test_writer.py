"""Events of the switch on their way to the log: in order, together, once their call is open."""

import threading
from collections.abc import Sequence

import pytest

from ivr.calls import writer as writer_module
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.calls.writer import LATE_S, MOST, CallWriter, Told
from ivr.database import Database, Limits
from ivr.flow.events import CallStarted, LegAnswered, LegStarted, StepEntered
from tests.conftest import stuck


def step(name: str) -> StepEntered:
    return StepEntered(step=name, verb="say")


def opened(log: CallLog, call_id: str = "") -> str:
    started = CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
    return log.start(started, call_id=call_id or None)


def steps(log: CallLog, call_id: str) -> list[str]:
    return [one.data["step"] for one in log.events(call_id) if one.type == "step.entered"]


class Slow:
    """A store that is held up until it is let go."""

    def __init__(self, stream: EventStream) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.batches: list[int] = []
        self._stream = stream

    def publish_known(self, told: Sequence[Told]) -> list[bool]:
        self.begun.set()
        assert self.go.wait(10)
        self.batches.append(len(told))
        return self._stream.publish_known(told)


def test_what_comes_while_the_last_is_being_stored_is_stored_together_and_in_order(
    stream: EventStream, call_log: CallLog
) -> None:
    store, calls = Slow(stream), [opened(call_log), opened(call_log)]
    writer = CallWriter(store)
    writer.put(calls[0], step("first"))
    assert store.begun.wait(10)
    for number in range(60):
        writer.put(calls[number % 2], step(str(number)))
    store.go.set()
    writer.stop()
    assert store.batches == [1, MOST, 60 - MOST]
    assert steps(call_log, calls[0]) == ["first", *map(str, range(0, 60, 2))]
    assert steps(call_log, calls[1]) == [*map(str, range(1, 60, 2))]


def test_what_nobody_acts_on_waits_a_moment_for_company_and_nothing_else_waits(
    stream: EventStream, call_log: CallLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "GATHER_S", 30.0)
    store, call_id = Slow(stream), opened(call_log)
    store.go.set()
    writer = CallWriter(store)
    writer.put(call_id, LegStarted(channel="PJSIP/trunk-1", kind="caller"))
    writer.put(call_id, LegAnswered(channel="PJSIP/trunk-1"))
    assert not store.begun.wait(0.2)
    writer.put(call_id, step("acted on"))
    assert store.begun.wait(10)
    writer.put(call_id, step("at once"))
    assert writer.flush()
    assert store.batches[0] == 3 and sum(store.batches) == 4
    writer.stop()


def test_what_follows_from_an_event_happens_once_it_is_stored(
    stream: EventStream, call_log: CallLog
) -> None:
    writer, call_id = CallWriter(stream), opened(call_log)
    seen: list[list[str]] = []
    writer.put(call_id, step("one"))
    writer.then(lambda: seen.append(steps(call_log, call_id)))
    writer.then(lambda: 1 / 0)
    writer.put(call_id, step("two"))
    writer.then(lambda: seen.append(steps(call_log, call_id)))
    assert writer.flush()
    assert seen == [["one"], ["one", "two"]]
    writer.stop()


def test_events_wait_for_their_call_to_be_opened_and_hold_nobody_up(
    stream: EventStream, call_log: CallLog
) -> None:
    now = [0.0]
    writer, other = CallWriter(stream, lambda: now[0]), opened(call_log)
    writer.put("not-yet", step("early"))
    writer.put(other, step("of another"))
    assert writer.flush()
    assert steps(call_log, other) == ["of another"]
    opened(call_log, "not-yet")
    writer.put(other, step("of another again"))
    assert writer.flush()
    writer.put("not-yet", step("later"))
    assert writer.flush()
    assert steps(call_log, "not-yet") == [], "its place is after what waits"
    now[0] = 1.0
    writer.put("not-yet", step("last"))
    assert writer.flush()
    assert steps(call_log, "not-yet") == ["early", "later", "last"]
    writer.stop()


@pytest.mark.parametrize("how", ["over", "late"])
def test_what_never_gets_a_call_is_forgotten(
    stream: EventStream, call_log: CallLog, how: str
) -> None:
    now = [0.0]
    writer = CallWriter(stream, lambda: now[0])
    writer.put("never", step("lost"))
    assert writer.flush()
    if how == "over":
        writer.over("never")
    now[0] = LATE_S + 1
    assert writer.flush()
    opened(call_log, "never")
    writer.put("never", step("kept"))
    writer.stop()
    assert steps(call_log, "never") == ["kept"]


def test_a_call_that_was_opened_late_and_is_over_has_all_its_events(
    stream: EventStream, call_log: CallLog
) -> None:
    writer = CallWriter(stream, lambda: 0.0)
    writer.put("slow", step("early"))
    assert writer.flush()
    opened(call_log, "slow")
    writer.over("slow")
    writer.stop()
    assert steps(call_log, "slow") == ["early"]


def test_an_event_that_cannot_be_stored_costs_no_other(
    stream: EventStream, call_log: CallLog
) -> None:
    store, call_id = Slow(stream), opened(call_log)
    writer = CallWriter(store)
    writer.put(call_id, step("first"))
    assert store.begun.wait(10)
    writer.put(call_id, step("second"))
    writer.put(call_id, LegStarted(channel="x" * 129, kind="caller"))  # room for 128
    writer.put(call_id, step("third"))
    store.go.set()
    writer.stop()
    assert steps(call_log, call_id) == ["first", "second", "third"]


def test_events_wait_for_a_database_that_does_not_answer_and_nobody_else_does(
    stream: EventStream, call_log: CallLog, database: Database
) -> None:
    call_id = opened(call_log)
    limited = Database(database.url, Limits(lock_s=0.2))
    writer = CallWriter(EventStream(limited, stream._clock))
    with stuck(database):
        writer.put(call_id, step("early"))
        writer.over(call_id)
        assert writer.flush()
    writer.put(call_id, step("late"))
    writer.stop()
    limited.dispose()
    assert steps(call_log, call_id) == ["early", "late"]


class Broken:
    """A store that fails in a way nobody thought of."""

    def __init__(self, stream: EventStream) -> None:
        self.broken = True
        self._stream = stream

    def publish_known(self, told: Sequence[Told]) -> list[bool]:
        if self.broken:
            raise RuntimeError("not a word of the database's")
        return self._stream.publish_known(told)


def test_whatever_happens_to_one_event_the_next_is_written(
    stream: EventStream, call_log: CallLog
) -> None:
    store, call_id = Broken(stream), opened(call_log)
    writer = CallWriter(store)
    writer.put(call_id, step("lost"))
    assert writer.flush()
    store.broken = False
    writer.put(call_id, step("kept"))
    writer.stop()
    assert steps(call_log, call_id) == ["kept"]
