"""The clinic that callers reach over SIP: the scenarios' one, open whenever tests run."""

from datetime import date, time

from sqlalchemy import delete, select

from ivr.clinic import search
from ivr.clinic.model import Branch, OpeningHours, Patient, PatientPhone
from ivr.clinic.opening import public_holidays
from ivr.clock import Clock, local
from ivr.database import Database
from tests import scenario_clinic

PLACES = (
    ("es", "MD", "Europe/Madrid"),
    ("mx", "CMX", "America/Mexico_City"),
    ("es", "MD", "Pacific/Kiritimati"),
    ("es", "MD", "Pacific/Pago_Pago"),
)
"""Where the clinic may stand: somewhere it is no holiday now."""


def build(database: Database, clock: Clock) -> None:
    """Write the clinic, open round the clock."""
    scenario_clinic.build(database)
    country, region, zone = next(place for place in PLACES if not _holiday(place, clock))
    with database.transaction() as session:
        branches = session.scalars(select(Branch)).all()
        for branch in branches:
            branch.country, branch.region, branch.zone = country, region, zone
    for branch in branches:
        set_hours(database, branch.id)


def set_hours(database: Database, branch_id: int, *, closed: bool = False) -> None:
    """Open a branch round the clock, or close it for good."""
    with database.transaction() as session:
        session.execute(delete(OpeningHours).where(OpeningHours.branch_id == branch_id))
        if not closed:
            session.add_all(
                OpeningHours(
                    branch_id=branch_id, weekday=weekday, opens=time(0), closes=time(23, 59, 59)
                )
                for weekday in range(7)
            )


def new_patient(database: Database, given: str, family: str, *, number: str, born: date) -> int:
    """A patient on file; returns the id."""
    with database.transaction() as session:
        patient = Patient(
            given=given,
            family=family,
            birth_date=born,
            search_keys=search.keys(given, family, None, [number]),
            phones=[PatientPhone(number=number)],
        )
        session.add(patient)
        session.flush()
        return patient.id


def _holiday(place: tuple[str, str, str], clock: Clock) -> bool:
    country, region, zone = place
    today = local(clock.now(), zone).date()
    return today in public_holidays(country, region, today.year)
