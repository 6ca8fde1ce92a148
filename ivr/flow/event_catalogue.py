"""Draws the event catalogue (``docs/events.md``) from the event types themselves."""

from typing import Any, Literal, get_args, get_origin

from ivr.flow.events import EVENT, EventBase, PersonalMark

HEADER = """# Event catalogue

Made from the types in `ivr/flow/events.py`, `flow_events.py`, `phone_events.py` and
`desk_events.py` by `auricula events`; do not edit by hand.

Every event is stored once, as it happens, with `number` (order of everything), `at`
(moment, UTC), and for events of a call `call_id` and `call_seq` (counts from 1 within the
call). The console receives them in the order of `number`; after a reconnect it resumes
from the last number it has seen. A field marked **personal** may hold a patient's data:
it is replaced by `•••` in logs and left out for users who may not see it.
"""


def _type_name(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return " · ".join(f"`{value}`" for value in get_args(annotation))
    if get_args(annotation) and type(None) in get_args(annotation):
        inner = [a for a in get_args(annotation) if a is not type(None)]
        return " · ".join(_type_name(a) for a in inner) + ", or none"
    if get_origin(annotation) is list:
        return f"list of {_type_name(get_args(annotation)[0])}"
    names = {str: "text", int: "integer", float: "number", bool: "true/false"}
    return names.get(annotation, "any JSON value")


def event_types() -> list[type[EventBase]]:
    """Every event type, in the order of the file."""
    union = get_args(EVENT._type)[0]
    return list(get_args(union))


def catalogue() -> str:
    """The whole page, Markdown."""
    parts = [HEADER]
    for kind in event_types():
        fields = dict(kind.model_fields)
        name = fields.pop("type").default
        parts.append(f"\n## `{name}`\n\n{' '.join((kind.__doc__ or '').split())}\n")
        if fields:
            parts.append("\n| field | what it holds | personal |\n| --- | --- | --- |\n")
        for field, info in fields.items():
            personal = any(isinstance(mark, PersonalMark) for mark in info.metadata)
            mark = "**personal**" if personal else ""
            parts.append(f"| `{field}` | {_type_name(info.annotation)} | {mark} |\n")
    return "".join(parts)
