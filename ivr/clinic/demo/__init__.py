"""The demo clinic: synthetic people and agendas, the same again for the same seed and day.

Nobody in it exists. Spanish identity numbers are above those ever issued, phone numbers
come from one small block, e-mail addresses from ``example.com``.
"""

import random
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ivr.clinic.demo import agenda, people, place
from ivr.clinic.model import Clinic
from ivr.clock import Clock, local
from ivr.database import Database
from ivr.migrations import metadata

SEED = 1


@dataclass(frozen=True)
class Made:
    """How much was made."""

    branches: int
    professionals: int
    services: int
    patients: int
    appointments: int
    today: date


def exists(database: Database) -> bool:
    """Whether the database has a clinic already."""
    with database.transaction() as session:
        return session.scalar(select(Clinic.id).limit(1)) is not None


def make(database: Database, clock: Clock, *, seed: int = SEED) -> Made:
    """Empty the database and fill it with the demo clinic, in one transaction. Accounts
    of the console are not made here: see :mod:`ivr.agents.first_passwords`."""
    dice = random.Random(seed)
    with database.transaction() as session:
        _empty(session)
        where = place.make(session, clock.now())
        patients = people.make(session, where, dice, seed)
        appointments = agenda.make(session, where, patients, dice, clock.now())
        return Made(
            branches=len(where.branches),
            professionals=len(where.professionals),
            services=len(where.services),
            patients=len(patients),
            appointments=appointments,
            today=local(clock.now(), where.branches[0].zone).date(),
        )


def _empty(session: Session) -> None:
    """Numbers of events go on counting: consoles resume from the last one they saw."""
    tables = ", ".join(f'"{t.name}"' for t in metadata().sorted_tables if t.name != "event")
    session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    session.execute(text("TRUNCATE event CONTINUE IDENTITY"))
