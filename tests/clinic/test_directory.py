"""The clinic as it is set up."""

import pytest

from ivr.clinic.directory import Directory
from ivr.clock import FixedClock
from ivr.database import Database
from tests import scenario_clinic


@pytest.mark.parametrize("form", ["{}", "00{}", "+{}"])
def test_a_carrier_may_write_the_branch_s_number_as_it_likes(
    database: Database, clock: FixedClock, form: str
) -> None:
    scenario_clinic.build(database)
    directory = Directory(database, clock)
    branch = directory.branches()[0]
    digits = branch.phone.removeprefix("+")
    assert directory.branch_called(form.format(digits)) == branch
    assert directory.branch_called(digits[2:]) == branch
    assert directory.branch_called("s") is None and directory.branch_called("1") is None
