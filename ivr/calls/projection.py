"""What each event means for the row of its call: the only place that knows.

Pure: :func:`changes` gives the columns an event sets, :func:`next_status` applies the
one transition table of a call's status, :func:`outcome` derives how a call ended.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from ivr.flow import events as e

Outcome = Literal[
    "completed", "transferred", "voicemail", "abandoned", "failed", "lost", "unanswered"
]

MANUAL = "manual"
"""``flow`` of a call that an agent placed."""

TRANSITIONS: dict[str, frozenset[str]] = {
    "live": frozenset({"queued", "talking", "ended"}),
    "queued": frozenset({"live", "talking", "ended"}),
    "talking": frozenset({"live", "queued", "ended"}),
    "ended": frozenset(),
}
"""Statuses of a call: with the machine, waiting, with a person, over."""


def next_status(present: str, event: e.EventBase) -> str:
    """The status after ``event``; the present one where the table allows no change."""
    wanted = wanted_status(event)
    return wanted if wanted in TRANSITIONS[present] else present


def wanted_status(event: e.EventBase) -> str | None:
    """The status ``event`` asks for, if any; the table says from where it is allowed."""
    match event:
        case e.QueueJoined():
            return "queued"
        case e.QueueLeft(reason="connected") | e.AgentConnected():
            return "talking"
        case e.QueueLeft() | e.AgentDisconnected(others_stay=False):
            return "live"
        case e.CallEnded():
            return "ended"
        case _:
            return None


def changes(event: e.EventBase, at: datetime) -> dict[str, Any]:
    """Columns of the call's row that ``event`` sets, apart from its status."""
    match event:
        case e.CallStarted():
            return {
                "direction": event.direction,
                "flow": event.flow,
                "flow_version": event.flow_version,
                "language": event.language,
                "ani": event.ani,
                "dnis": event.dnis,
                "caller_name": event.caller_name,
            }
        case e.CallAnswered():
            return {"answered_at": at}
        case e.CallEnded():
            return {"ended_at": at, "outcome": event.outcome}
        case e.PatientIdentified():
            return {"patient_id": event.patient_id}
        case e.ConsentDecided(purpose="recording"):
            return {"recording_consent": event.decision}
        case e.TurnUnderstood(kind="intent") if isinstance(event.value, dict):
            return {"reason": str(event.value.get("intent", ""))[:64]}
        case e.RedFlagHeard():
            return {"reason": "urgency"}
        case _:
            return {}


DECIDING = [
    "call.started",
    "call.transferred",
    "queue.joined",
    "queue.left",
    "queue.place_kept",
    "agent.connected",
    "message.left",
    "flow.failed",
]
"""Types of the events that :func:`outcome` looks at."""


def outcome(events: Iterable[e.EventBase]) -> Outcome:
    """How a call ended, from its events. Exclusive; the first that applies wins:
    talked to a person, left a message, keeps a place in line, gave up waiting, was handed on,
    flow broke, an agent's call that nobody answered, done.
    """
    seen = list(events)
    if any(_reached_a_person(x) for x in seen):
        return "transferred"
    if any(isinstance(x, e.MessageLeft) for x in seen):
        return "voicemail"
    if any(isinstance(x, e.PlaceKept) for x in seen):
        return "completed"
    if any(isinstance(x, e.QueueJoined) for x in seen):
        return "abandoned"
    if any(isinstance(x, e.FlowFailed) for x in seen):
        return "failed"
    handed = [x for x in seen if isinstance(x, e.Transferred)]
    if handed and handed[-1].kind == "extension":
        return "transferred"
    if handed and handed[-1].kind in ("queue", "voicemail"):
        return "abandoned"
    if any(isinstance(x, e.CallStarted) and x.flow == MANUAL for x in seen):
        return "unanswered"
    return "completed"


def _reached_a_person(event: e.EventBase) -> bool:
    """An agent at their browser, or whoever else takes the calls of a queue."""
    match event:
        case e.AgentConnected() | e.QueueLeft(reason="connected"):
            return True
        case _:
            return False
