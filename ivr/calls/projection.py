"""What each event means for the row of its call: the only place that knows.

Pure: :func:`changes` gives the columns an event sets, :func:`next_status` applies the
one transition table of a call's status. How a call ended the database derives
(:mod:`ivr.calls.sql`).
"""

from datetime import datetime
from typing import Any

from ivr.flow import events as e

MANUAL = "manual"
"""``flow`` of a call that an agent placed."""

TRANSITIONS: dict[str, frozenset[str]] = {
    "live": frozenset({"queued", "talking", "ended"}),
    "queued": frozenset({"live", "talking", "ended"}),
    "talking": frozenset({"live", "queued", "ended"}),
    "ended": frozenset(),
}
"""Statuses of a call: with the machine, waiting, with a person, over. Whoever has had a person
does not go back to the machine when that one leaves: another takes the call, or it ends."""


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
        case e.QueueLeft():
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
        case e.PersonRequested(how="key" | "voice"):
            return {"reason": "person"}
        case _:
            return {}


def yields(event: e.EventBase) -> bool:
    """Whether what the row already says counts more than what ``event`` sets: whoever wants an
    appointment and asks for a person still calls about the appointment."""
    return isinstance(event, e.PersonRequested)
