"""The small clinic, ready in the test's database."""

import pytest

from ivr.database import Database
from tests.clinic.world import World, build


@pytest.fixture
def world(database: Database) -> World:
    """The small clinic's ids."""
    return build(database)
