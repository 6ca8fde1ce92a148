"""Every scenario of ``tests/scenarios`` in the simulator, on a real PostgreSQL."""

import re

import pytest

from ivr.actions.simulation import play
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.flow.simulate import TextPhone
from tests import scenario_clinic
from tests.scenario import Scenario, all_scenarios, judge, prepare
from tests.simulator import Caller

SCENARIOS = all_scenarios("simulator")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.path.stem for one in SCENARIOS])
def test_the_caller_lives_through_it_as_written(
    scenario: Scenario, database: Database, clock: FixedClock
) -> None:
    scenario_clinic.build(database)
    clock.moment = scenario.now
    given = prepare(database, scenario, scenario.now)
    caller = Caller(database, clock)
    call_id = f"scenario-{scenario.path.stem}"[:36]
    heard_until = 0

    def hear(wanted: str) -> None:
        nonlocal heard_until
        for event in caller.services.calls.events(call_id, heard_until):
            if event.type != "prompt.said":
                continue
            heard_until = event.call_seq or 0
            if wanted.startswith("/"):
                if re.search(wanted.strip("/"), event.data["text"], re.IGNORECASE):
                    return
            elif event.data["key"] == wanted:
                return
        said = [
            event.data["text"]
            for event in caller.services.calls.events(call_id)
            if event.type == "prompt.said"
        ]
        pytest.fail(f"the caller waits for {wanted} and has heard {said}")

    play(
        caller.services,
        caller.library,
        iter(()),
        flow=scenario.flow,
        number=scenario.number,
        language=scenario.language,
        attempt_id=given.attempt,
        call_id=call_id,
        phone=TextPhone(caller.scenario_lines(scenario.turns, hear)),
    )
    events = [{**event.data, "type": event.type} for event in caller.services.calls.events(call_id)]
    wrong = judge(database, scenario, call_id, events)
    assert not wrong, "\n".join([*wrong, *(str(event) for event in events)])
