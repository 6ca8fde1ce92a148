"""The one stream of events: stored in order, announced, followed.

Every writer takes one advisory lock for the rest of its transaction, so numbers become
visible in their order and "everything after N" misses nothing. Whoever changes other
rows together with events takes the lock first (:meth:`EventStream.lock`): with one lock
for all writers there is no order of locks to get wrong.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

import psycopg
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.calls import sql
from ivr.calls.model import StoredEvent
from ivr.calls.schemas import NumberedEvent
from ivr.clock import Clock
from ivr.database import DATABASE_ERRORS, Database, libpq_url
from ivr.flow import events as e


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
            cursor = _cursor(session)
            cursor.execute(sql.QUICK_LOCK)
            return sql.store(cursor, self._clock.now(), event, call_id, branch_id)

    def lock(self, session: Session) -> None:
        """Become the only writer until ``session`` ends. First thing in a transaction."""
        _cursor(session).execute(sql.LOCK)

    def add(self, session: Session, outgoing: Iterable[Outgoing]) -> int:
        """Store events in the caller's transaction; returns the last number (0: none).

        They are announced, and visible, when that transaction commits.
        """
        self.lock(session)
        session.flush()
        cursor, number = _cursor(session), 0
        for one in outgoing:
            number = sql.store(cursor, self._clock.now(), one.event, one.call_id, one.branch_id)
        return number

    def writable(self, within_s: float = 1.0) -> bool:
        """Whether an event could be stored within so many seconds: somebody else may hold
        the writers' lock and do nothing. False, too, when the database does not answer."""
        try:
            with self._database.transaction() as session:
                cursor = _cursor(session)
                cursor.execute(sql.PATIENCE, [f"{round(within_s * 1000)}"])
                cursor.execute(sql.LOCK)
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
                if len(rows) < sql.MOST_AT_ONCE:
                    async for _ in connection.notifies(timeout=5, stop_after=1):
                        pass


def _cursor(session: Session) -> sql.Cursor:
    """The driver's own cursor within the session's transaction."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    return connection.cursor()


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
