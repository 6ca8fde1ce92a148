"""The one stream of events: stored in order, announced, followed.

Every writer takes one advisory lock for the rest of its transaction, so numbers become
visible in their order and "everything after N" misses nothing. Whoever changes other
rows together with events takes the lock first (:meth:`EventStream.lock`): with one lock
for all writers there is no order of locks to get wrong.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.calls import sql
from ivr.calls.model import StoredEvent
from ivr.calls.schemas import NumberedEvent
from ivr.clock import Clock
from ivr.database import DATABASE_ERRORS, Database, libpq_url
from ivr.flow import events as e

LOOK_S = 5.0
"""Who follows looks for themselves this often, whatever is announced."""


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
        self._thread = threading.local()

    # --- Writing -----------------------------------------------------------------------

    def publish(
        self, event: e.EventBase, *, call_id: str | None = None, branch_id: int | None = None
    ) -> int:
        """Store and announce one event in its own transaction; returns its number.

        The commit does not wait for the disk: after a power cut the last instants of a
        call's log may be missing. Changes that must survive use :meth:`add`.
        """
        return self._store([Outgoing(event, call_id, branch_id)])[-1]

    def note(self, event: e.EventBase, *, call_id: str) -> None:
        """The same for an event that others follow at once: it is stored together with the
        next one, before this thread changes anything else of the stream or reads a call of it."""
        self._noted.append(Outgoing(event, call_id))

    def settle(self) -> None:
        """Store what this thread has noted. Before the writers' lock is taken, never after."""
        if self._noted:
            self._store([])

    @property
    def _noted(self) -> list[Outgoing]:
        noted: list[Outgoing] = self._thread.__dict__.setdefault("noted", [])
        return noted

    def publish_known(self, told: Sequence[tuple[str, e.EventBase]]) -> list[bool]:
        """The same for events of calls (``call_id, event``), in one transaction. Which were
        stored: those of calls that have been opened."""
        new = [Outgoing(event, call_id) for call_id, event in told]
        return [number > 0 for number in self._store(new, known_only=True)[-len(new) :]]

    def end(self, call_id: str, outcome: str | None = None) -> bool:
        """End a call, in a transaction of its own; whether it had not ended. Without
        ``outcome`` it is derived from its events."""
        noted, self._thread.noted = self._noted, []
        with self._database.pipeline() as connection:
            connection.execute(sql.LOCK)
            for one in noted:
                self._send(connection, one)
            ended = sql.end(connection, self._clock.now(), call_id, outcome)
        return ended.fetchone() is not None

    def _store(self, new: list[Outgoing], *, known_only: bool = False) -> list[int]:
        """In one transaction, after what this thread has noted; the numbers of all."""
        noted, self._thread.noted = self._noted, []
        with self._database.pipeline() as connection:
            connection.execute(sql.LOCK)
            sent = [self._send(connection, one) for one in noted]
            sent += [self._send(connection, one, known_only=known_only) for one in new]
        return [stored.number() for stored in sent]

    def lock(self, session: Session) -> None:
        """Become the only writer until ``session`` ends. First thing in a transaction."""
        self.settle()
        _connection(session).execute(sql.LOCK)

    def add(self, session: Session, outgoing: Iterable[Outgoing]) -> int:
        """Store events in the caller's transaction; returns the last number (0: none).

        They are announced, and visible, when that transaction commits.
        """
        self.lock(session)
        session.flush()
        connection = _connection(session)
        with connection.pipeline():
            sent = [self._send(connection, one) for one in outgoing]
        numbers = [stored.number() for stored in sent]
        return numbers[-1] if numbers else 0

    def _send(
        self,
        connection: psycopg.Connection[Any],
        one: Outgoing,
        *,
        known_only: bool = False,
    ) -> sql.Stored:
        return sql.send(
            connection,
            self._clock.now(),
            one.event,
            one.call_id,
            one.branch_id,
            known_only=known_only,
        )

    def begin(
        self,
        started: e.CallStarted,
        call_id: str,
        *,
        channel: str,
        linked_id: str,
        branch_id: int | None,
    ) -> None:
        """Open a call, and announce that; nothing for one that has been opened. Its commit
        does not wait for the disk."""
        self.settle()
        with self._database.pipeline() as connection:
            connection.execute(sql.LOCK)
            sql.begin(
                connection,
                self._clock.now(),
                started,
                call_id,
                branch_id,
                channel=channel,
                linked_id=linked_id,
            )

    def writable(self, within_s: float = 1.0) -> bool:
        """Whether an event could be stored within so many seconds: somebody else may hold
        the writers' lock and do nothing. False, too, when the database does not answer."""
        try:
            with self._database.transaction() as session:
                connection = _connection(session)
                connection.execute(sql.PATIENCE, [f"{round(within_s * 1000)}"])
                connection.execute(sql.LOCK)
        except DATABASE_ERRORS:
            return False
        return True

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
            return [numbered(row) for row in rows]

    def of_call(self, call_id: str, after_seq: int = 0) -> list[NumberedEvent]:
        """The events of one call, in order."""
        self.settle()
        with self._database.transaction() as session:
            rows = session.scalars(
                select(StoredEvent)
                .where(StoredEvent.call_id == call_id, StoredEvent.call_seq > after_seq)
                .order_by(StoredEvent.call_seq)
            )
            return [numbered(row) for row in rows]

    def last_number(self, session: Session | None = None) -> int:
        """The number of the last visible event, 0 if there is none. With ``session``: as
        that transaction sees it, which makes a snapshot and its number agree."""
        query = select(func.coalesce(func.max(StoredEvent.number), 0))
        if session is not None:
            return int(session.execute(query).scalar_one())
        with self._database.transaction() as own:
            return int(own.execute(query).scalar_one())

    # --- Following ---------------------------------------------------------------------

    async def follow(
        self, after: int | None = None, *, ready: Callable[[], None] | None = None
    ) -> AsyncIterator[NumberedEvent]:
        """Events as they are stored; ends when the iterator is closed or cancelled.

        ``after`` None: from now on. ``ready`` is called once nothing can be missed any
        more. A lost database raises ``psycopg.OperationalError``: call again with the
        last number seen.
        """
        connection = await psycopg.AsyncConnection.connect(
            libpq_url(self._database.url), autocommit=True
        )
        async with connection:
            await connection.execute(f"LISTEN {sql.CHANNEL}")
            last = await asyncio.to_thread(self.last_number) if after is None else after
            if ready is not None:
                ready()
            while True:
                rows = await (
                    await connection.execute(sql.AFTER, [last, sql.MOST_AT_ONCE])
                ).fetchall()
                for row in rows:
                    event = NumberedEvent(**dict(zip(sql.COLUMNS, row, strict=True)))
                    last = event.number
                    yield event
                if len(rows) == sql.MOST_AT_ONCE:
                    continue
                async with aclosing(connection.notifies(timeout=LOOK_S)) as notices:
                    async for notice in notices:
                        if not notice.payload:
                            break
                        event = announced(notice.payload)
                        if event.number > last:
                            last = event.number
                            yield event


def announced(payload: str) -> NumberedEvent:
    """The event of a notice that tells it whole."""
    told = json.loads(payload)
    return NumberedEvent(**{**told, "at": datetime.fromisoformat(told["at"])})


def _connection(session: Session) -> psycopg.Connection[Any]:
    """The driver's own connection, in the session's transaction."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    return connection


def numbered(row: StoredEvent) -> NumberedEvent:
    """The row as a plain view."""
    return NumberedEvent(
        number=row.number,
        at=row.at,
        type=row.type,
        call_id=row.call_id,
        call_seq=row.call_seq,
        branch_id=row.branch_id,
        data=row.data,
    )
