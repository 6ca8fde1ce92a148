"""One way to PostgreSQL: the declarative base, sessions and transactions."""

import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from ivr import embedded_postgres
from ivr.config import Settings

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


DATABASE_ERRORS = (SQLAlchemyError, psycopg.Error)
"""What a database that fails raises: through SQLAlchemy, or from the driver's own cursor."""


@dataclass(frozen=True)
class Limits:
    """How long the database lets a connection wait, work and idle in a transaction, in
    seconds; 0: without end (https://www.postgresql.org/docs/current/runtime-config-client.html).
    """

    lock_s: float = 0
    statement_s: float = 0
    idle_s: float = 0

    @property
    def settings(self) -> dict[str, str]:
        """As PostgreSQL's settings."""
        return {
            "lock_timeout": f"{round(self.lock_s * 1000)}",
            "statement_timeout": f"{round(self.statement_s * 1000)}",
            "idle_in_transaction_session_timeout": f"{round(self.idle_s * 1000)}",
        }


SERVING = Limits(lock_s=3, statement_s=10, idle_s=10)
"""While callers wait: whoever hangs with a lock loses it, and nobody waits for them long."""
PATIENT = Limits(lock_s=60, statement_s=900, idle_s=120)
"""For commands that fill or evaluate whole tables."""


class Base(DeclarativeBase):
    """Base of every table; moments are always stored with their zone."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012


def database_url(settings: Settings) -> str:
    """The SQLAlchemy URL to use: ``DATABASE_URL``, or the embedded server in ``var/``,
    started on demand."""
    if not settings.database_url:
        return embedded_postgres.url(settings.var / "postgres")
    scheme, _, rest = settings.database_url.partition("://")
    if scheme in ("postgres", "postgresql"):
        scheme = "postgresql+psycopg"
    return f"{scheme}://{rest}"


def libpq_url(url: str) -> str:
    """The same address for psycopg itself, which knows no driver suffix."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


@lru_cache
def engine(url: str, limits: Limits = PATIENT, *, quick: bool = False) -> Engine:
    """The process's connection pool for ``url`` (``postgresql+psycopg://…``). ``quick``: a
    small one whose connections commit by themselves and do not wait for the disk."""
    options: dict[str, Any] = {"pool_size": 20, "max_overflow": 60}
    if quick:
        options = {"pool_size": 10, "max_overflow": 0, "isolation_level": "AUTOCOMMIT"}
    made = create_engine(
        url,
        hide_parameters=True,  # they are patients' data and would end in logs
        # A database that cannot be reached must fail while the caller still waits for it.
        pool_timeout=5,
        connect_args={"connect_timeout": 4, "tcp_user_timeout": 5000, "keepalives_idle": 30},
        **options,
    )

    @event.listens_for(made, "connect")
    def limit(connection: psycopg.Connection[Any], _record: object) -> None:
        for name, value in limits.settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", [name, value])
        if quick:
            connection.execute("SET synchronous_commit = off")
        connection.commit()

    event.listen(made, "checkout", _still_there)
    return made


def _still_there(connection: psycopg.Connection[Any], _record: object, _proxy: object) -> None:
    """A server that has gone away has said so on its idle connections: take another one,
    without the round trip that asking it would cost each transaction."""
    idle = select.poll()
    idle.register(connection, select.POLLIN)
    if idle.poll(0):
        raise DisconnectionError("The database has closed this connection.")


class _Together(psycopg.Pipeline):
    """Sends nothing before it is left (or a result is asked for), and then all at once.

    psycopg's own sends each statement as it comes. A lock that the first of them takes would be
    held while this process makes up the next ones, and while its threads wait for their turns.
    """

    _due = False

    def _enqueue_sync(self) -> None:
        super()._enqueue_sync()
        self._due = True

    def _communicate_gen(self) -> PQGen[None]:
        if self._due:
            self._due = False
            while len(self.command_queue) > 1:
                self.command_queue.popleft()()  # to libpq's buffer, which goes out as a whole
            yield from super()._communicate_gen()

    def _fetch_gen(self, *, flush: bool) -> PQGen[None]:
        self._due = bool(self.command_queue)
        yield from self._communicate_gen()
        yield from super()._fetch_gen(flush=flush)


class Database:
    """Short transactions: none stays open while a caller listens or speaks."""

    def __init__(self, url: str, limits: Limits = PATIENT) -> None:
        self.url = url
        self._engine = engine(url, limits)
        self._quick = engine(url, limits, quick=True)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        self._snapshots = sessionmaker(
            self._engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            ),
            expire_on_commit=False,
        )

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session committed at the end, rolled back on any exception."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A read-only session in which every query sees the same moment."""
        with self._snapshots.begin() as session:
            yield session

    @contextmanager
    def pipeline(self) -> Iterator[psycopg.Connection[Any]]:
        """Statements that make one transaction of their own, sent together and done in one
        go: whatever they lock is held for no round trip of this process. Results may be
        fetched afterwards. The commit does not wait for the disk.
        """
        pooled = self._quick.raw_connection()
        try:
            connection = pooled.driver_connection
            assert isinstance(connection, psycopg.Connection)
            connection._pipeline = _Together(connection)
            with connection.pipeline():
                yield connection
        finally:
            pooled.close()

    def ask(self, query: bytes, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of one question, asked as it stands and in one round trip: for what every
        call asks. To read only: it commits by itself and does not wait for the disk."""
        pooled = self._quick.raw_connection()
        try:
            connection = pooled.driver_connection
            assert isinstance(connection, psycopg.Connection)
            return connection.execute(query, parameters).fetchall()
        finally:
            pooled.close()

    def dispose(self) -> None:
        """Close the pools' connections (before a fork, or when a database goes away)."""
        self._engine.dispose()
        self._quick.dispose()
