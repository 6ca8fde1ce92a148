"""What the screens say for what the server names by a code."""

import re
from typing import get_args

import pytest
import yaml

from ivr.actions import catalogue
from ivr.config import PROJECT
from ivr.flow import events as e
from ivr.flow.catalogue import UNIVERSAL_OUTCOMES
from ivr.language import KINDS

I18N = PROJECT / "agents_ui" / "src" / "i18n"
TOLD_OTHERWISE = {"queue_place_changed"}
"""By what the place was changed to."""


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_event_every_action_and_its_outcomes_have_words(language: str) -> None:
    texts = (I18N / language / "log.ts").read_text(encoding="utf-8")
    block = re.search(r"^export const event\b.*? = \{$(.*?)^\};$", texts, re.M | re.S)
    assert block is not None
    types = {kind.model_fields["type"].default for kind in get_args(get_args(e.Event)[0])}
    events = {name.replace(".", "_") for name in types} - TOLD_OTHERWISE
    assert not events - set(re.findall(r"^  (\w+): *\"?", block[1], re.M))
    actions = catalogue().values()
    outcomes = {one for action in actions for one in action.outcomes} | UNIVERSAL_OUTCOMES
    for name, codes in (
        ("action", {action.name for action in actions}),
        ("result", outcomes),
        ("understood", {*KINDS, "keys"}),
    ):
        words = re.search(rf"^  {name}: \{{$(.*?)^  \}},$", block[1], re.M | re.S)
        assert words is not None, name
        assert not codes - set(re.findall(r"^    (\w+): *\"", words[1], re.M)), name


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_step_of_the_flows_that_come_with_it_has_words(language: str) -> None:
    texts = (I18N / language / "calls.ts").read_text(encoding="utf-8")
    block = re.search(r"^export const step\b.*? = \{$(.*?)^\};$", texts, re.M | re.S)
    assert block is not None
    flows = [yaml.safe_load(file.read_text()) for file in (PROJECT / "callflows").glob("*.yaml")]
    steps = {step for flow in flows if "steps" in flow for step in flow["steps"]}
    assert steps and not steps - set(re.findall(r"^  (\w+): *\"", block[1], re.M))
