"""Whether a program answers, asked the way its users would."""

import socket

import psycopg

from ivr import embedded_postgres
from ivr.config import Settings
from ivr.setup.programs import Program


def answers(program: Program, settings: Settings) -> bool:
    """Whether ``program`` takes connections; makes the product's database on the way.

    A program without a port (the watchdog) has nothing to ask and counts as ready.
    """
    if program.name == "postgres":
        return _database(settings.database_url)
    if not program.port:
        return True
    host = getattr(settings, program.port.replace("_port", "_host"))
    reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    try:
        socket.create_connection((reach, getattr(settings, program.port)), timeout=2).close()
    except OSError:
        return False
    return True


def _database(url: str) -> bool:
    own = url.replace("+psycopg", "")
    try:
        embedded_postgres.make_database(
            own.replace(f"/{embedded_postgres.DATABASE}?", "/postgres?")
        )
    except psycopg.OperationalError:
        return False
    return True
