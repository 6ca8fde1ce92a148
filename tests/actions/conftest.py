"""A caller, the scenario clinic and a family that shares a telephone."""

from datetime import UTC, date, datetime

import pytest

from ivr.clinic import search
from ivr.clinic.model import Patient, PatientPhone
from ivr.clock import FixedClock
from ivr.database import Database
from tests import scenario_clinic
from tests.simulator import Caller

LUCIA = "+34600100200"
"""Lucía's number, hers alone; born on 14 March 1988."""
FAMILY = "+34600100300"
"""Number of Marta (7 July 1979), her son Hugo (2 February 2015) and the twins Ana and
Eva (1 May 2018)."""
HELLO = ("dtmf:2", "dtmf:1")
"""No recording; then 1 in the menu: an appointment."""
BORN = "dtmf:14031988"


@pytest.fixture
def clock() -> FixedClock:
    """Monday 23 November 2026, ten in the morning in Madrid."""
    return FixedClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


@pytest.fixture
def caller(database: Database, clock: FixedClock) -> Caller:
    """Plays calls to the scenario clinic."""
    scenario_clinic.build(database)
    with database.transaction() as session:
        for given, family, born, number in (
            ("Lucía", "Prados Gil", date(1988, 3, 14), LUCIA),
            ("Marta", "Robles Vera", date(1979, 7, 7), FAMILY),
            ("Hugo", "Sanz Robles", date(2015, 2, 2), FAMILY),
            ("Ana", "Sanz Robles", date(2018, 5, 1), FAMILY),
            ("Eva", "Sanz Robles", date(2018, 5, 1), FAMILY),
        ):
            session.add(
                Patient(
                    given=given,
                    family=family,
                    birth_date=born,
                    **search.index(given, family, None, [number]),
                    phones=[PatientPhone(number=number)],
                )
            )
    return Caller(database, clock)
