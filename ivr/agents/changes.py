"""Tells every process that the accounts of the console have changed."""

from collections.abc import Iterator
from threading import Event as Flag

import psycopg
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.database import libpq_url

CHANNEL = "auricula_accounts"


def announce(session: Session) -> None:
    """Tell the others once the transaction is committed."""
    session.execute(select(func.pg_notify(CHANNEL, "")))


def follow(url: str, stop: Flag) -> Iterator[None]:
    """Yields at once, and then after each change, until soon after ``stop`` is set.
    Raises ``psycopg.OperationalError`` when the database goes away."""
    with psycopg.connect(libpq_url(url), autocommit=True, connect_timeout=5) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        yield
        while not stop.is_set():
            for _ in connection.notifies(timeout=0.5, stop_after=1):
                yield
