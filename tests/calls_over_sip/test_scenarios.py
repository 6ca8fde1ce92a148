"""Every scenario of ``tests/scenarios`` lived through by real callers over SIP.

Several at once, as in a clinic: each calls a branch of its own, so that none takes the time
another was offered.
"""

from dataclasses import replace
from functools import partial
from itertools import count

import pytest

from ivr.clock import SystemClock
from tests.scenario import Scenario, all_scenarios, judge, prepare
from tests.telephone_network import voices
from tests.telephone_network.player import Player
from tests.telephone_network.system import ClinicSystem
from tests.telephone_network.together import Together

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]
together = Together()

SCENARIOS = [one for one in all_scenarios("sip") if one.flow == "recepcion"]
NAMES = [one.path.stem for one in SCENARIOS]

NUMBERS = count(1)


def on_its_own_line(scenario: Scenario) -> Scenario:
    """The scenario with telephone numbers nobody else has."""
    people = [dict(one) for one in scenario.given.get("patients", ())]
    own: dict[str, str] = {}
    for number in (scenario.number, *(one["number"] for one in people)):
        if number:
            own.setdefault(number, f"+346002{next(NUMBERS):05d}")
    for one in people:
        one["number"] = own[one["number"]]
    given = {**scenario.given, "patients": people}
    return replace(scenario, number=own.get(scenario.number, ""), given=given)


def play(scenario: Scenario, system: ClinicSystem) -> None:
    """Live through a scenario."""
    scenario = on_its_own_line(scenario)
    number = system.branch(closed=scenario.clinic == "closed")
    prepare(system.database, scenario, SystemClock().now(), branch_number=number)
    person, watch = system.call(scenario.number, number, withheld=not scenario.number)
    try:
        Player(person, watch).play(scenario.turns)
    finally:
        person.hang_up()
    watch.wait_for_end()
    events = [seen.data for seen in watch.events()]
    wrong = judge(system.database, scenario, watch.call_id, events)
    assert not wrong, "\n".join([*wrong, *(str(event) for event in events)])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=NAMES)
def test_the_caller_lives_through_it_as_written(
    clinic_system: ClinicSystem, request: pytest.FixtureRequest, scenario: Scenario
) -> None:
    asked = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = {spec.id for spec in asked if spec and "scenario" in spec.params}
    together.tell(scenario.path.stem, clinic_system, chosen)


for one in SCENARIOS:
    voices.will_say(turn.value for turn in one.turns if turn.kind == "say")
    together.add(one.path.stem, partial(play, one))
