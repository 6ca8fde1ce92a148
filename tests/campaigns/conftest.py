"""The small clinic and its reminders."""

from datetime import UTC, datetime

import pytest

from ivr.calls.stream import EventStream
from ivr.campaigns.dialler import Dialler
from ivr.campaigns.reminders import Reminders
from ivr.clinic.directory import Directory
from ivr.clock import FixedClock
from ivr.database import Database
from tests.campaigns.clinic_calls import LOOPBACK, Switch
from tests.clinic.conftest import world

__all__ = ["world"]


@pytest.fixture
def reminders(
    database: Database, clock: FixedClock, stream: EventStream, directory: Directory
) -> Reminders:
    clock.moment = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # 18:30 in Madrid
    return Reminders(database, clock, stream, directory)


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def dialler(reminders: Reminders, directory: Directory, switch: Switch) -> Dialler:
    return Dialler(reminders, directory, switch, LOOPBACK)
