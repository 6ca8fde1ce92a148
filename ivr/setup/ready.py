"""Whether a program answers, asked the way its users would."""

import http.client
import socket

import psycopg

from ivr import embedded_postgres, secrets
from ivr.adapters.asterisk import watchdog
from ivr.config import Settings
from ivr.setup.programs import AGI, AMI, Program

WITHIN_S = 2.0
"""Patience for one answer."""


def answers(program: Program, settings: Settings) -> bool:
    """Whether ``program`` takes connections and does not hang; makes the product's database
    on the way.

    A program without a port (the watchdog) has nothing to ask and counts as ready.
    """
    if program.name == "postgres":
        return _database(settings.database_url)
    if not program.port:
        return True
    try:
        socket.create_connection(_address(program, settings), timeout=WITHIN_S).close()
    except OSError:
        return False
    return not hangs(program, settings)


def hangs(program: Program, settings: Settings) -> bool:
    """Whether ``program`` is there and leaves a request unanswered; one that is gone, or
    has nothing to be asked, does not hang."""
    if not program.alive:
        return False
    host, port = _address(program, settings)
    if program.alive == AGI:
        return not watchdog.absent(host, port) and not watchdog.answers(
            host, port, within_s=WITHIN_S
        )
    if program.alive == AMI:
        secret = secrets.load(settings.var).ami_watchdog
        return not watchdog.switch_answers(host, port, secret, within_s=WITHIN_S)
    connection = http.client.HTTPConnection(host, port, timeout=WITHIN_S)
    try:
        connection.request("GET", program.alive)
        connection.getresponse().read()
    except TimeoutError:
        return True
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return False


def _address(program: Program, settings: Settings) -> tuple[str, int]:
    host = getattr(settings, program.port.replace("_port", "_host"))
    reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return reach, getattr(settings, program.port)


def _database(url: str) -> bool:
    own = url.replace("+psycopg", "")
    try:
        embedded_postgres.make_database(
            own.replace(f"/{embedded_postgres.DATABASE}?", "/postgres?")
        )
    except psycopg.OperationalError:
        return False
    return True
