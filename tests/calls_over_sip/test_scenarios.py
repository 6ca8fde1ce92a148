"""Every scenario of ``tests/scenarios`` lived through by real callers over SIP.

Several at once, as in a clinic: each calls a branch of its own, so that none takes the time
another was offered.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from ivr.clock import SystemClock
from tests.scenario import Scenario, all_scenarios, judge, prepare
from tests.telephone_network.player import Player
from tests.telephone_network.system import ClinicSystem

pytestmark = [pytest.mark.network, pytest.mark.quiet]

AT_ONCE = 3
SCENARIOS = [one for one in all_scenarios("sip") if one.flow == "recepcion"]

Played = dict[str, Future[list[str]]]


def play(system: ClinicSystem, scenario: Scenario) -> list[str]:
    """Live through a scenario; what was not as it should be."""
    number = system.branch(closed=scenario.clinic == "closed")
    prepare(system.database, scenario, SystemClock().now(), branch_number=number)
    person, watch = system.call(scenario.number, number, withheld=not scenario.number)
    Player(person, watch).play(scenario.turns)
    watch.wait_for_end()
    events = [seen.data for seen in watch.events()]
    wrong = judge(system.database, scenario, watch.call_id, events)
    return [*wrong, *(str(event) for event in events)] if wrong else []


@pytest.fixture(scope="module")
def played(clinic_system: ClinicSystem, request: pytest.FixtureRequest) -> Iterator[Played]:
    """The chosen scenarios, begun at once; a number is in one call at a time."""
    asked = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = [spec.params["scenario"] for spec in asked if spec and "scenario" in spec.params]
    lines: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def on_its_line(scenario: Scenario) -> list[str]:
        with lines[scenario.number]:
            return play(clinic_system, scenario)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {one.path.stem: pool.submit(on_its_line, one) for one in SCENARIOS if one in chosen}
    clinic_system.assert_nothing_left_open()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.path.stem for one in SCENARIOS])
def test_the_caller_lives_through_it_as_written(played: Played, scenario: Scenario) -> None:
    wrong = played[scenario.path.stem].result()
    assert not wrong, "\n".join(wrong)
