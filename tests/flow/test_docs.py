"""What an engineer reads about flows is what the code does."""

from ivr.actions import catalogue
from ivr.config import PROJECT
from ivr.flow.document import STEP_KEYS
from ivr.flow.draw import actions_table, mermaid
from ivr.flow.library import load


def test_the_documentation_lists_every_action_as_it_is() -> None:
    text = (PROJECT / "docs" / "flows.md").read_text(encoding="utf-8")
    assert actions_table(catalogue()) in text, "renew it with: auricula check --actions"
    assert all(f"| `{verb}:" in text for verb in STEP_KEYS)


def test_a_diagram_shows_every_step_and_every_way_on() -> None:
    flows, _, _ = load(PROJECT / "callflows")
    for flow in flows.values():
        drawn = mermaid(flow)
        for step in flow.steps.values():
            assert f"  {step.name}" in drawn
            for target in step.targets():
                assert f"--> {target.step}\n" in drawn
