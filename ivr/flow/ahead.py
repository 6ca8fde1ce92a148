"""Which prompts can be spoken before anybody calls, those first that a caller hears first."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from ivr.flow.catalogue import Catalogue
from ivr.flow.document import Flow, Step
from ivr.flow.texts import CONVERSATION_PROMPTS, Texts

AT_ONCE = ("no_oido", "no_entendido", "es_urgente")
"""What the dialogue itself may say at a call's first question already."""


def opening(flow: Flow, texts: Texts, values: Mapping[str, str], catalogue: Catalogue) -> list[str]:
    """What every call begins with: all texts up to the first menus or questions that the flow
    itself asks, and what may be said at these: once more, or to somebody in danger."""
    keys = _keys(_walk(flow, beyond_questions=False), catalogue)
    shared = (flow.steps[each.step] for each in flow.shared_targets() if each.step in flow.steps)
    urgent = {flow.person.step, flow.urgency.step}
    said = _keys((step for step in shared if step.name in urgent), catalogue)
    return _fixed([*keys, *said, *AT_ONCE], texts, values)


def everything(
    flow: Flow, texts: Texts, values: Mapping[str, str], catalogue: Catalogue
) -> list[str]:
    """All texts whose words are known, in the order in which a call can come to them; what the
    flow itself never says comes last."""
    keys = _keys(_walk(flow, beyond_questions=True), catalogue)
    return _fixed([*keys, *CONVERSATION_PROMPTS, *texts.prompts], texts, values)


def _walk(flow: Flow, *, beyond_questions: bool) -> Iterator[Step]:
    waiting = [flow.start.step]
    seen: set[str] = set()
    shared = [target.step for target in flow.shared_targets()] if beyond_questions else []
    while waiting or shared:
        if not waiting:
            waiting, shared = shared, []
        name = waiting.pop(0)
        if name in seen or name not in flow.steps:
            continue
        seen.add(name)
        step = flow.steps[name]
        yield step
        if beyond_questions or step.verb not in ("menu", "ask"):
            waiting += [target.step for target in step.targets()]


def _keys(steps: Iterable[Step], catalogue: Catalogue) -> list[str]:
    keys: list[str] = []
    for step in steps:
        if step.verb == "do":
            asked = step.parameters.get("ask")
            said = catalogue[step.argument].prompts if step.argument in catalogue else {}
            keys += [asked] if asked else said
        else:
            keys += [step.argument, step.prompt]
    return keys


def _fixed(keys: list[str], texts: Texts, values: Mapping[str, str]) -> list[str]:
    """The texts of ``keys`` that need no more than ``values`` to be said; once each. Not those
    with braces that only look like a placeholder."""
    found: dict[str, None] = {}
    for key in keys:
        if key in texts.prompts and texts.prompts[key].placeholders <= values.keys():
            with suppress(ValueError, IndexError, KeyError, AttributeError):
                found[texts.prompts[key].text.format_map(values)] = None
    return list(found)
