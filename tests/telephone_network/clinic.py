"""The clinic that callers reach over SIP: the scenarios' one, open whenever tests run."""

from collections.abc import Sequence
from datetime import date, time

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ivr.agents.model import PauseReason
from ivr.clinic import search
from ivr.clinic.model import (
    Branch,
    Clinic,
    OpeningHours,
    Patient,
    PatientPhone,
    Professional,
    ProfessionalHours,
)
from ivr.clinic.opening import public_holidays
from ivr.clock import Clock, local
from ivr.database import Database
from tests import scenario_clinic

PLACES = (
    ("es", "MD", "Europe/Madrid"),
    ("es", "MD", "Pacific/Kiritimati"),
    ("es", "MD", "Pacific/Pago_Pago"),
    ("mx", "CMX", "America/Mexico_City"),
)
"""Where the clinic may stand: the first where it is no holiday now."""
LINES = 6
"""Reminder calls at once: no test waits until another's phone has stopped ringing."""
OPEN_BRANCHES, CLOSED_BRANCHES = 60, 10


def open_number(index: int) -> str:
    """Number of the ``index``-th branch that is open round the clock."""
    return f"+3491000{1000 + index}"


def closed_number(index: int) -> str:
    """Number of the ``index``-th branch that never opens; its people do work."""
    return f"+3491000{2000 + index}"


def build(database: Database, clock: Clock) -> None:
    """Write the clinic: many branches alike, each in a city of its own, so that what
    happens in one call is nothing to another."""
    scenario_clinic.build(database)
    place = next(place for place in PLACES if not _holiday(place, clock))
    with database.transaction() as session:
        clinic = session.scalars(select(Clinic)).one()
        clinic.settings = {**clinic.settings, "reminder_lines": LINES, "wrap_up_s": 0}
        session.add(PauseReason(code="paperwork", name="Gestiones"))
        first = session.scalars(select(Branch)).one()
        people = session.scalars(select(Professional).order_by(Professional.id)).all()
        first.phone = open_number(0)
        for index in range(1, OPEN_BRANCHES):
            _copy(session, first, people, open_number(index))
        for index in range(CLOSED_BRANCHES):
            _copy(session, first, people, closed_number(index))
        session.flush()
        session.execute(delete(OpeningHours))
        for branch in session.scalars(select(Branch)):
            branch.country, branch.region, branch.zone = place
            if branch.phone < closed_number(0):
                session.add_all(
                    OpeningHours(
                        branch_id=branch.id, weekday=weekday, opens=time(0), closes=time(23, 59, 59)
                    )
                    for weekday in range(7)
                )


def _copy(session: Session, first: Branch, people: Sequence[Professional], number: str) -> None:
    branch = Branch(
        name=first.name,
        spoken_names=first.spoken_names,
        address=first.address,
        directions=first.directions,
        city=f"Ciudad {number}",
        country=first.country,
        region=first.region,
        zone=first.zone,
        phone=number,
    )
    session.add(branch)
    session.flush()
    for one in people:
        session.add(
            Professional(
                title=one.title,
                given=one.given,
                family=one.family,
                specialty=one.specialty,
                services=list(one.services),
                hours=[
                    ProfessionalHours(
                        branch_id=branch.id, weekday=h.weekday, starts=h.starts, ends=h.ends
                    )
                    for h in one.hours
                ],
            )
        )


def new_patient(database: Database, given: str, family: str, *, number: str, born: date) -> int:
    """A patient on file; returns the id."""
    with database.transaction() as session:
        patient = Patient(
            given=given,
            family=family,
            birth_date=born,
            **search.index(given, family, None, [number]),
            phones=[PatientPhone(number=number)],
        )
        session.add(patient)
        session.flush()
        return patient.id


def _holiday(place: tuple[str, str, str], clock: Clock) -> bool:
    country, region, zone = place
    today = local(clock.now(), zone).date()
    return today in public_holidays(country, region, today.year)
