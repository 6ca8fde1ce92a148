"""The event stream under concurrency, and those who follow it."""

import asyncio
import threading

import pytest
from sqlalchemy import select, text

from ivr.calls import sql
from ivr.calls.log import CallLog
from ivr.calls.model import StoredEvent
from ivr.calls.schemas import NumberedEvent
from ivr.calls.stream import EventStream, Outgoing
from ivr.clock import FixedClock
from ivr.database import DATABASE_ERRORS, Database, Limits
from ivr.flow.events import CallStarted, LegStarted, StepEntered


def step(name: str) -> StepEntered:
    return StepEntered(step=name, verb="say")


def test_a_listener_sees_every_event_of_twenty_busy_calls_in_order(
    stream: EventStream, call_log: CallLog
) -> None:
    calls = [
        call_log.start(
            CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
        )
        for _ in range(20)
    ]

    def talk(call_id: str) -> None:
        for number in range(25):
            stream.publish(step(str(number)), call_id=call_id)

    async def listen() -> list[NumberedEvent]:
        seen: list[NumberedEvent] = []
        ready = asyncio.Event()

        async def follow() -> None:
            async for event in stream.follow(ready=ready.set):
                seen.append(event)
                if len(seen) == 20 * 25:
                    return

        task = asyncio.create_task(follow())
        await asyncio.wait_for(ready.wait(), 10)
        await asyncio.gather(*(asyncio.to_thread(talk, call_id) for call_id in calls))
        await asyncio.wait_for(task, 30)
        return seen

    seen = asyncio.run(listen())
    assert [x.number for x in seen] == sorted(x.number for x in seen)
    for call_id in calls:
        own = [x for x in seen if x.call_id == call_id]
        assert [x.call_seq for x in own] == list(range(2, 27))
        assert [x.data["step"] for x in own] == [str(n) for n in range(25)]


def test_nothing_is_locked_while_the_statements_of_a_transaction_are_made_up(
    database: Database,
) -> None:
    free = b"SELECT pg_try_advisory_xact_lock(%s)"
    with database.pipeline() as connection:
        connection.execute(sql.LOCK)
        connection.execute(b"SELECT %s::int", [1])
        assert database.ask(free, [sql.KEY]) == [(True,)]
        last = connection.execute(b"SELECT %s::int + 1", [1])
    assert last.fetchone() == (2,)


def test_a_result_may_be_asked_for_before_the_last_statement(database: Database) -> None:
    with database.pipeline() as connection:
        assert connection.execute(b"SELECT %s::int", [1]).fetchone() == (1,)
        later = connection.execute(b"SELECT %s::int", [2])
    assert later.fetchone() == (2,)


def test_events_too_long_for_a_notice_arrive_in_their_order_too(stream: EventStream) -> None:
    names = ["a", "ñ" * 5_000, "b", "x" * 9_000, "c"]

    async def listen() -> list[NumberedEvent]:
        ready = asyncio.Event()

        async def follow() -> list[NumberedEvent]:
            seen: list[NumberedEvent] = []
            async for event in stream.follow(ready=ready.set):
                seen.append(event)
                if len(seen) == len(names):
                    break
            return seen

        task = asyncio.create_task(follow())
        await asyncio.wait_for(ready.wait(), 10)
        for name in names:
            await asyncio.to_thread(stream.publish, step(name))
        return await asyncio.wait_for(task, 4)

    seen = asyncio.run(listen())
    assert [x.data["step"] for x in seen] == names
    assert seen == stream.after(seen[0].number - 1)


def test_after_a_cut_a_console_catches_up_from_its_last_number(stream: EventStream) -> None:
    numbers = [stream.publish(step(str(n))) for n in range(5)]
    assert [x.number for x in stream.after(numbers[1])] == numbers[2:]
    assert [x.number for x in stream.after(numbers[1], limit=2)] == numbers[2:4]
    assert stream.after(stream.last_number()) == []


def test_an_event_of_a_transaction_that_fails_is_never_seen(
    stream: EventStream, database: Database
) -> None:
    try:
        with database.transaction() as session:
            stream.add(session, [Outgoing(step("lost"))])
            raise RuntimeError
    except RuntimeError:
        pass
    kept = stream.publish(step("kept"))
    assert [x.number for x in stream.after(0)] == [kept]


def test_a_snapshot_and_its_number_agree(
    stream: EventStream, database: Database, call_log: CallLog
) -> None:
    call_log.start(CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES"))
    with database.read() as session:
        number = stream.last_number(session)
        call_log.start(
            CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
        )
        assert len(call_log.live(session=session)) == 1
        assert stream.last_number(session) == number
    assert [x.type for x in stream.after(number)] == ["call.started"]


def test_asyncio_followers_get_events_too_and_can_be_cancelled(stream: EventStream) -> None:
    async def run() -> list[str]:
        seen: list[str] = []
        ready = asyncio.Event()

        async def follow() -> None:
            async for event in stream.follow(ready=ready.set):
                seen.append(event.data["step"])

        task = asyncio.create_task(follow())
        await asyncio.wait_for(ready.wait(), 10)
        for name in ("a", "b", "c"):
            await asyncio.to_thread(stream.publish, step(name))
        for _ in range(500):
            if len(seen) == 3:
                break
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return seen

    assert asyncio.run(run()) == ["a", "b", "c"]


def test_an_event_of_a_call_nobody_announced_is_kept_and_joins_the_call_later(
    stream: EventStream, call_log: CallLog
) -> None:
    stream.publish(step("early"), call_id="late-call")
    call_log.start(
        CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES"),
        call_id="late-call",
    )
    assert [(x.call_seq, x.type) for x in call_log.events("late-call")] == [
        (1, "step.entered"),
        (2, "call.started"),
    ]


def test_a_session_of_ours_that_hangs_with_the_lock_loses_it(
    database: Database, clock: FixedClock, stream: EventStream
) -> None:
    limited = Database(database.url, Limits(idle_s=0.2))
    hung = EventStream(limited, clock)
    with pytest.raises(DATABASE_ERRORS), limited.transaction() as session:
        hung.lock(session)
        stream.publish(step("the others go on"))
        hung.add(session, [Outgoing(step("too late"))])
    limited.dispose()
    assert [x.data["step"] for x in stream.after(0)] == ["the others go on"]


def test_an_event_that_cannot_be_stored_whole_leaves_nothing_behind(
    stream: EventStream, call_log: CallLog
) -> None:
    call_id = call_log.start(
        CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
    )
    with pytest.raises(DATABASE_ERRORS):  # a leg's channel has room for 128 characters
        stream.publish(LegStarted(channel="x" * 129, kind="caller"), call_id=call_id)
    stream.publish(step("goes on"), call_id=call_id)
    assert [(x.call_seq, x.type) for x in call_log.events(call_id)] == [
        (1, "call.started"),
        (2, "step.entered"),
    ]


def test_what_is_noted_is_stored_with_what_follows_and_before_anything_else(
    stream: EventStream, call_log: CallLog, database: Database
) -> None:
    call_id = call_log.start(
        CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
    )

    def steps() -> list[str]:
        with database.transaction() as session:  # as another thread sees it
            rows = session.scalars(select(StoredEvent).order_by(StoredEvent.number))
            return [row.data["step"] for row in rows if row.type == "step.entered"]

    call_log.note(call_id, step("1"))
    call_log.note(call_id, step("2"))
    assert steps() == []
    call_log.append(call_id, step("3"))
    assert steps() == ["1", "2", "3"]

    call_log.note(call_id, step("4"))
    with database.transaction() as session:
        stream.lock(session)
        stream.add(session, [Outgoing(step("5"), call_id)])
    assert steps() == ["1", "2", "3", "4", "5"]

    call_log.note(call_id, step("6"))
    assert [x.data["step"] for x in call_log.events(call_id)[1:]] == list("123456")

    call_log.note(call_id, step("7"))
    call_log.finish(call_id, "completed")
    assert [x.type for x in call_log.events(call_id)[-2:]] == ["step.entered", "call.ended"]

    call_log.note(call_id, step("8"))
    call_log.settle()
    assert steps()[-1] == "8"


def test_what_is_noted_belongs_to_its_thread(stream: EventStream, call_log: CallLog) -> None:
    call_id = call_log.start(
        CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
    )
    call_log.note(call_id, step("mine"))
    other = threading.Thread(target=lambda: call_log.append(call_id, step("another's")))
    other.start()
    other.join()
    call_log.settle()
    assert [x.data["step"] for x in call_log.events(call_id)[1:]] == ["another's", "mine"]


def test_connections_that_the_database_closed_are_not_used_again(
    stream: EventStream, database: Database, call_log: CallLog
) -> None:
    stream.publish(step("before"))
    with database.transaction() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    stream.publish(step("after"))
    call_log.start(CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES"))
    assert [x.type for x in stream.after(0)] == ["step.entered", "step.entered", "call.started"]
