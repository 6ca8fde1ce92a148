"""Fixtures of tests that place real calls."""

from collections.abc import Iterator

import pytest

from ivr.clock import SystemClock
from ivr.database import Database
from ivr.migrations import migrate
from tests.conftest import Templates
from tests.telephone_network import clinic, voices
from tests.telephone_network.system import ClinicSystem


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have all that will be said ready before the first call, on no test's time."""
    if session.config.option.collectonly:
        return
    if any(item.get_closest_marker("network") for item in session.items):
        voices.rehearse()


@pytest.fixture(scope="session")
def clinic_system(
    templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClinicSystem]:
    """The whole product and the outside world, once for all tests that call.

    Whoever kills or freezes a part of it starts it again.
    """

    def fill(url: str) -> None:
        migrate(url)
        database = Database(url)
        clinic.build(database, SystemClock())
        database.dispose()

    templates.make("calls", fill)
    with templates.copy("calls") as database:
        system = ClinicSystem(tmp_path_factory.mktemp("clinic"), database, synthesizer="espeak")
        try:
            system.start()
            yield system
        finally:
            system.stop()


@pytest.fixture
def calm(clinic_system: ClinicSystem) -> Iterator[ClinicSystem]:
    """The system, checked after the test: nothing may be left open, nothing have died."""
    yield clinic_system
    clinic_system.tell()
    clinic_system.assert_nothing_left_open()
    assert clinic_system.is_whole()
