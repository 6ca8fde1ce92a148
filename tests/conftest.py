"""A real PostgreSQL for the tests: one embedded server for the run, one database a test.

The server is shared by the workers of pytest-xdist. Schema (and demo clinic) are made
once as template databases; a test gets a copy, which takes some 100 ms. Empty databases
are wiped and used again, unless a test left somebody connected.
"""

import atexit
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fasteners
import psycopg
import pytest

from ivr import embedded_postgres
from ivr.calls import sql
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clinic import demo
from ivr.clinic.agenda import Agenda
from ivr.clinic.directory import Directory
from ivr.clinic.patients import Patients
from ivr.clock import FixedClock
from ivr.consent.ledger import Ledger
from ivr.database import Database, libpq_url
from ivr.migrations import migrate

pytest_plugins = ["tests.telephone_network.fixtures"]

FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "'4GB'",
}
"""Nothing in a test's database needs to survive a power cut."""
NOW = datetime(2026, 11, 23, 7, 50, tzinfo=UTC)
"""Monday, 8:50 in Madrid and 1:50 in Ciudad de México."""

WIPE = """
SET session_replication_role = replica;
DO $$ DECLARE one text; BEGIN
  FOR one IN SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP EXECUTE format('DELETE FROM %I', one); END LOOP;
  PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences;
END $$
"""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """The run's server; the last worker to leave removes it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)
    folder = Path(tempfile.gettempdir()) / f"auricula-test-{run}"
    folder.mkdir(exist_ok=True)
    server = embedded_postgres.start(folder / "postgres", extra=FAST)
    server.cleanup_mode = "delete"
    yield server
    server.cleanup()
    atexit.unregister(server._cleanup)
    if not (folder / "postgres").exists():
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()


class Templates:
    """Databases to copy, each made once in a run."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._ready: set[str] = set()
        self._idle: list[str] = []

    def make(self, name: str, fill: Callable[[str], None]) -> None:
        """Make template ``name`` with ``fill(url)`` unless a worker has done so."""
        if name in self._ready:
            return
        with fasteners.InterProcessLock(Path(self._server.pgdata).parent / f"{name}.template"):
            if not self._exists(name):
                draft = f"{name}_draft"
                self.sql(f'DROP DATABASE IF EXISTS "{draft}"', f'CREATE DATABASE "{draft}"')
                fill(self.url(draft))
                self.sql(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
        self._ready.add(name)

    @contextmanager
    def empty(self) -> Iterator[Database]:
        """An empty database with the schema, maybe one that an earlier test has used."""
        self.make("empty", migrate)
        own = self._idle.pop() if self._idle else self._copy("empty")
        database = Database(self.url(own))
        try:
            yield database
        finally:
            database.dispose()
            if self._nobody_in(own):
                with psycopg.connect(self._server.get_uri(database=own)) as connection:
                    connection.execute(WIPE)
                self._idle.append(own)

    def _nobody_in(self, name: str) -> bool:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            return connection.execute(query, [name]).fetchone() == (0,)

    def _copy(self, name: str) -> str:
        own = f"t_{uuid.uuid4().hex[:12]}"
        self.sql(f'CREATE DATABASE "{own}" TEMPLATE "{name}" STRATEGY WAL_LOG')
        return own

    @contextmanager
    def copy(self, name: str) -> Iterator[Database]:
        """A database of its own, dropped afterwards."""
        own = self._copy(name)
        database = Database(self.url(own))
        try:
            yield database
        finally:
            database.dispose()
            self.sql(f'DROP DATABASE "{own}" WITH (FORCE)')

    def url(self, name: str) -> str:
        """SQLAlchemy URL of a database of the server."""
        return str(self._server.get_uri(database=name, driver="psycopg"))

    def _exists(self, name: str) -> bool:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(query, [name]).fetchone() is not None

    def sql(self, *statements: str) -> None:
        """Run statements on the server itself."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@pytest.fixture(scope="session")
def templates(postgres: Any) -> Templates:
    """The run's template databases."""
    return Templates(postgres)


@pytest.fixture
def database(templates: Templates) -> Iterator[Database]:
    """An empty database with the schema."""
    with templates.empty() as database:
        yield database


@pytest.fixture
def own_database(templates: Templates) -> Iterator[Database]:
    """An empty database whose schema the test may change."""
    templates.make("empty", migrate)
    with templates.copy("empty") as database:
        yield database


@pytest.fixture
def demo_clinic(templates: Templates) -> Iterator[Database]:
    """A database with the demo clinic, made at :data:`NOW` whatever a test's own clock says."""

    def fill(url: str) -> None:
        migrate(url)
        database = Database(url)
        demo.make(database, FixedClock(NOW))
        database.dispose()

    templates.make("demo", fill)
    with templates.copy("demo") as database:
        yield database


@pytest.fixture
def clock() -> FixedClock:
    """Stands at :data:`NOW`; set ``clock.moment`` to move it."""
    return FixedClock(NOW)


@pytest.fixture
def stream(database: Database, clock: FixedClock) -> EventStream:
    """The stream of ``database``."""
    return EventStream(database, clock)


@pytest.fixture
def directory(database: Database, clock: FixedClock) -> Directory:
    """The set-up of ``database``."""
    return Directory(database, clock)


@pytest.fixture
def agenda(
    database: Database, clock: FixedClock, stream: EventStream, directory: Directory
) -> Agenda:
    """The agenda of ``database``."""
    return Agenda(database, clock, stream, directory)


@pytest.fixture
def patients(database: Database, clock: FixedClock, stream: EventStream) -> Patients:
    """The patients of ``database``."""
    return Patients(database, clock, stream)


@pytest.fixture
def call_log(database: Database, clock: FixedClock, stream: EventStream) -> CallLog:
    """The call log of ``database``."""
    return CallLog(database, clock, stream)


@pytest.fixture
def ledger(database: Database, clock: FixedClock, stream: EventStream) -> Ledger:
    """The consent ledger of ``database``."""
    return Ledger(database, clock, stream)


@contextmanager
def stuck(database: Database) -> Iterator[None]:
    """Somebody keeps the stream's lock and does nothing, as a session that hangs."""
    with psycopg.connect(libpq_url(database.url)) as connection:
        connection.execute(sql.LOCK)
        yield
