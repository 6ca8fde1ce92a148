"""Draws a flow as a Mermaid diagram, from the flow itself."""

from ivr.flow.catalogue import Catalogue
from ivr.flow.document import ENDS, Flow, Step


def mermaid(flow: Flow) -> str:
    """A ``flowchart`` with one box a step and one arrow for each way on."""
    lines = ["flowchart TD"]
    for step in flow.steps.values():
        opening, closing = ("([", "])") if step.verb in ENDS else ("[", "]")
        label = f"{step.name}<br/><i>{step.verb} {step.argument}</i>"
        lines.append(f'  {step.name}{opening}"{label}"{closing}')
    lines.append(f"  start(( )) --> {flow.start.step}")
    lines.append(f'  anywhere(("*")) -- persona --> {flow.person.step}')
    lines.append(f"  anywhere -- emergencia --> {flow.urgency.step}")
    if flow.urgency_today:
        lines.append(f"  anywhere -- urgencia --> {flow.urgency_today.step}")
    for step in flow.steps.values():
        lines.extend(f"  {step.name} -- {label} --> {to}" for label, to in _arrows(step))
    for intent, target in flow.intents.items():
        lines.append(f"  anywhere -. {intent} .-> {target.step}")
    return "\n".join(lines) + "\n"


def _arrows(step: Step) -> list[tuple[str, str]]:
    found = [(f"{choice.key} {choice.heard}", choice.target.step) for choice in step.choices]
    found += [(outcome, target.step) for outcome, target in step.outcomes.items()]
    if step.silence:
        found.append(("silence", step.silence.target.step))
    if step.not_understood:
        found.append(("not understood", step.not_understood.target.step))
    if step.next:
        found.append(("next", step.next.step))
    if step.verb == "goto":
        found.append(("goto", step.argument))
    return found


def actions_table(catalogue: Catalogue) -> str:
    """The actions a flow may use, as the Markdown table of ``docs/flows.md``."""
    lines = ["| `do:` | What it does | Outcomes to wire | `with:` |", "|---|---|---|---|"]
    for name, spec in sorted(catalogue.items()):
        outcomes = ", ".join(f"`{outcome}`" for outcome in spec.outcomes)
        parameters = "; ".join(
            f"`{key}`: {', '.join(values) or 'any text'}" for key, values in spec.parameters.items()
        )
        lines.append(f"| `{name}` | {spec.summary} | {outcomes} | {parameters} |")
    return "\n".join(lines) + "\n"
