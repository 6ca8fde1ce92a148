"""What a flow may ask for with ``do:``, as the checker and the runner know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

UNIVERSAL_OUTCOMES = frozenset({"wants_person", "failed"})
"""Outcomes every action can have. Wiring them is optional: unwired, both go to the
flow's ``person`` step."""


@dataclass(frozen=True)
class ActionSpec:
    """An action's face: its outcomes, all to be wired, and the prompts it says."""

    name: str
    summary: str
    outcomes: tuple[str, ...]
    prompts: Mapping[str, frozenset[str]]
    """Prompt keys with the placeholders the action fills in."""
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names allowed under ``with:`` and their values; an empty tuple allows any value."""


Catalogue = Mapping[str, ActionSpec]
