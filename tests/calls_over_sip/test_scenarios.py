"""Every scenario of ``tests/scenarios`` lived through by real callers over SIP."""

import pytest

from ivr.clock import SystemClock
from tests.scenario import Scenario, all_scenarios, judge, prepare
from tests.telephone_network.player import Player
from tests.telephone_network.system import ClinicSystem

pytestmark = pytest.mark.network

SCENARIOS = [one for one in all_scenarios("sip") if one.flow == "recepcion"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.path.stem for one in SCENARIOS])
def test_the_caller_lives_through_it_as_written(calm: ClinicSystem, scenario: Scenario) -> None:
    prepare(calm.database, scenario, SystemClock().now())
    with calm.hours(closed=scenario.clinic == "closed"):
        person, watch = calm.call(scenario.number, withheld=not scenario.number)
        Player(person, watch).play(scenario.turns)
        watch.wait_for_end()
    events = [seen.data for seen in watch.events()]
    wrong = judge(calm.database, scenario, watch.call_id, events)
    assert not wrong, "\n".join([*wrong, *(str(event) for event in events)])
