"""The one stream of events: stored in order, announced, followed.

Every writer takes one advisory lock for the rest of its transaction, so numbers become
visible in their order and "everything after N" misses nothing. Whoever changes other
rows together with events takes the lock first (:meth:`EventStream.lock`): with one lock
for all writers there is no order of locks to get wrong.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Event as Flag
from typing import Any

import psycopg
import structlog
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ivr.calls import projection
from ivr.calls.model import Call, CallLeg, StoredEvent
from ivr.calls.schemas import NumberedEvent
from ivr.clock import Clock
from ivr.database import Database, libpq_url
from ivr.flow import events as e

CHANNEL = "auricula_events"
LOCK = 0x41555249
"""Key of the writers' advisory lock: "AURI"."""

log = structlog.get_logger(__name__)

_INSERT = text(
    "INSERT INTO event (at, type, call_id, call_seq, branch_id, data)"
    " VALUES (:at, :type, :call_id, :call_seq, :branch_id, CAST(:data AS jsonb))"
    " RETURNING number"
)


@dataclass(frozen=True)
class Outgoing:
    """An event about to be stored, and what it belongs to."""

    event: e.EventBase
    call_id: str | None = None
    branch_id: int | None = None


class EventStream:
    """Writes and reads the stream. One instance may be shared by all threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # --- Writing -----------------------------------------------------------------------

    def publish(
        self, event: e.EventBase, *, call_id: str | None = None, branch_id: int | None = None
    ) -> int:
        """Store and announce one event in its own transaction; returns its number.

        The commit does not wait for the disk: after a power cut the last instants of a
        call's log may be missing. Changes that must survive use :meth:`add`.
        """
        with self._database.transaction() as session:
            session.execute(text("SET LOCAL synchronous_commit = off"))
            return self.add(session, [Outgoing(event, call_id, branch_id)])

    def lock(self, session: Session) -> None:
        """Become the only writer until ``session`` ends. First thing in a transaction."""
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})

    def add(self, session: Session, outgoing: Iterable[Outgoing]) -> int:
        """Store events in the caller's transaction; returns the last number (0: none).

        They are announced, and visible, when that transaction commits.
        """
        self.lock(session)
        session.flush()
        number = 0
        for one in outgoing:
            number = self._store(session, one)
        if number:
            session.execute(
                text("SELECT pg_notify(:channel, :number)"),
                {"channel": CHANNEL, "number": str(number)},
            )
        return number

    def _store(self, session: Session, one: Outgoing) -> int:
        at = self._clock.now()
        seq = None
        branch_id = one.branch_id
        if one.call_id is not None:
            call = session.get(Call, one.call_id, populate_existing=True)
            if call is None and isinstance(one.event, e.CallStarted):
                call = Call(id=one.call_id, started_at=at, last_seq=0, status="live")
                session.add(call)
            if call is None:
                log.warning("event of an unknown call", call_id=one.call_id, type=_type(one.event))
                seq = _next_seq(session, one.call_id)
            else:
                seq = _apply(session, call, one.event, at)
                branch_id = branch_id or call.branch_id
        row = {
            "at": at,
            "type": _type(one.event),
            "call_id": one.call_id,
            "call_seq": seq,
            "branch_id": branch_id,
            "data": json.dumps(one.event.model_dump(mode="json"), ensure_ascii=False),
        }
        return int(session.execute(_INSERT, row).scalar_one())

    # --- Reading -----------------------------------------------------------------------

    def after(self, number: int, limit: int = 1000) -> list[NumberedEvent]:
        """The next events after ``number``, in order, at most ``limit``."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(StoredEvent)
                .where(StoredEvent.number > number)
                .order_by(StoredEvent.number)
                .limit(limit)
            )
            return [_numbered(row) for row in rows]

    def of_call(self, call_id: str, after_seq: int = 0) -> list[NumberedEvent]:
        """The events of one call, in order."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(StoredEvent)
                .where(StoredEvent.call_id == call_id, StoredEvent.call_seq > after_seq)
                .order_by(StoredEvent.call_seq)
            )
            return [_numbered(row) for row in rows]

    def last_number(self, session: Session | None = None) -> int:
        """The number of the last visible event, 0 if there is none. With ``session``: as
        that transaction sees it, which makes a snapshot and its number agree."""
        query = select(func.coalesce(func.max(StoredEvent.number), 0))
        if session is not None:
            return int(session.execute(query).scalar_one())
        with self._database.transaction() as own:
            return int(own.execute(query).scalar_one())

    # --- Following ---------------------------------------------------------------------

    def listen(
        self,
        after: int | None = None,
        *,
        stop: Flag | None = None,
        ready: Callable[[], None] | None = None,
    ) -> Iterator[NumberedEvent]:
        """Events as they are stored, for a thread; ends soon after ``stop`` is set.

        ``after`` None: from now on. ``ready`` is called once nothing can be missed any
        more. A lost database raises ``psycopg.OperationalError``: call again with the
        last number seen.
        """
        stop = stop or Flag()
        with psycopg.connect(libpq_url(self._database.url), autocommit=True) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            last = self.last_number() if after is None else after
            if ready is not None:
                ready()
            while not stop.is_set():
                batch = self.after(last)
                for event in batch:
                    last = event.number
                    yield event
                if not batch:
                    for _ in connection.notifies(timeout=0.5, stop_after=1):
                        pass

    async def follow(
        self, after: int | None = None, *, ready: Callable[[], None] | None = None
    ) -> AsyncIterator[NumberedEvent]:
        """:meth:`listen` for asyncio; ends when the iterator is closed or cancelled."""
        connection = await psycopg.AsyncConnection.connect(
            libpq_url(self._database.url), autocommit=True
        )
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            last = await asyncio.to_thread(self.last_number) if after is None else after
            if ready is not None:
                ready()
            while True:
                batch = await asyncio.to_thread(self.after, last)
                for event in batch:
                    last = event.number
                    yield event
                if not batch:
                    async for _ in connection.notifies(timeout=5, stop_after=1):
                        pass


def _type(event: e.EventBase) -> str:
    return str(type(event).model_fields["type"].default)


def _next_seq(session: Session, call_id: str) -> int:
    query = select(func.coalesce(func.max(StoredEvent.call_seq), 0) + 1)
    return session.execute(query.where(StoredEvent.call_id == call_id)).scalar_one() or 1


def _apply(session: Session, call: Call, event: e.EventBase, at: datetime) -> int:
    """Bring the call's row up to date; returns the event's number within the call."""
    values: dict[str, Any] = projection.changes(event, at)
    if call.status == "ended" and isinstance(event, e.CallEnded):
        values = {}  # what came first stands
    if call.answered_at is not None:
        values.pop("answered_at", None)
    for name, value in values.items():
        setattr(call, name, value)
    call.status = projection.next_status(call.status, event)
    seq = call.last_seq + 1 if call.last_seq else _next_seq(session, call.id)
    call.last_seq = seq
    session.flush()
    match event:
        case e.LegStarted():
            leg = {"channel": event.channel, "kind": event.kind, "agent": "", "started_at": at}
            session.execute(insert(CallLeg).values(call_id=call.id, **leg).on_conflict_do_nothing())
        case e.LegAnswered() | e.LegEnded():
            _touch_leg(session, call.id, event, at)
            session.flush()
    return seq


def _touch_leg(
    session: Session, call_id: str, event: e.LegAnswered | e.LegEnded, at: datetime
) -> None:
    leg = session.scalar(
        select(CallLeg).where(CallLeg.call_id == call_id, CallLeg.channel == event.channel)
    )
    if leg is None:
        return
    if isinstance(event, e.LegAnswered):
        leg.answered_at = leg.answered_at or at
    elif leg.ended_at is None:
        leg.ended_at, leg.cause = at, event.cause


def _numbered(row: StoredEvent) -> NumberedEvent:
    return NumberedEvent(
        number=row.number,
        at=row.at,
        type=row.type,
        call_id=row.call_id,
        call_seq=row.call_seq,
        branch_id=row.branch_id,
        data=row.data,
    )
