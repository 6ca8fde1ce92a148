"""Calls as the API shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from ivr.calls.unreached import Unreached
from ivr.flow.events import Event, Outcome, PromptSaid, TurnHeard, TurnKeys

Status = Literal["live", "queued", "talking", "ended"]


class CallSummary(BaseModel):
    """One line of the log. Moments are UTC; ``zone`` is that of the call's branch."""

    id: str
    direction: Literal["inbound", "outbound"]
    ani: str
    dnis: str
    caller_name: str
    language: str
    flow: str
    branch_id: int | None
    branch: str
    zone: str
    patient_id: int | None
    patient_name: str
    likely_name: str
    """Of a call in which nobody said who they were: the only patient of the number."""
    status: Status
    reason: str
    recording_consent: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    unreached: Unreached | None
    """Of a call that went out in vain: what the line said, if it did."""
    duration_s: float | None
    agents: list[str]
    recordings: int
    """Sealed recordings of this call."""


class StreamEvent(BaseModel):
    """An event of the stream with its place in it; ``data`` is described in docs/events.md.

    ``branch_id`` is null for what belongs to no branch in particular.
    """

    number: int
    at: datetime
    call_id: str | None
    call_seq: int | None
    branch_id: int | None
    data: Event


class Leg(BaseModel):
    """One channel of the call."""

    channel: str
    kind: str
    agent: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: int | None


class ConsentGiven(BaseModel):
    """A decision taken in the call."""

    purpose: str
    decision: str
    how: str
    wording_version: str
    at: datetime


class Listening(BaseModel):
    """Somebody listened to a recording."""

    at: datetime
    by: str
    """User name."""


class RecordingInfo(BaseModel):
    """A recording of the call; ``audio`` is its address, empty while there is none to play."""

    id: str
    status: str
    purpose: str
    duration_s: float | None
    started_at: datetime
    ended_at: datetime | None
    delete_after: datetime | None
    audio: str
    listened: list[Listening]
    """Who listened, oldest first; for supervisors, empty for others."""


class Line(BaseModel):
    """One line of the conversation."""

    at: datetime
    offset_s: float
    """Seconds from the start of the call."""
    who: Literal["clinic", "caller"]
    how: Literal["voice", "keys"]
    text: str
    confidence: float | None = None


class CallDetail(CallSummary):
    """Everything known of one call."""

    events: list[StreamEvent]
    transcript: list[Line]
    legs: list[Leg]
    consents: list[ConsentGiven]
    recording_files: list[RecordingInfo]


class CallPage(BaseModel):
    """A page of the log, newest first; ``next`` is the ``before`` of the next page."""

    calls: list[CallSummary]
    total: int
    next: str | None


def transcript(events: Sequence[StreamEvent], start: datetime) -> list[Line]:
    """The conversation among the events."""
    lines = []
    for event in events:
        offset = max(0.0, (event.at - start).total_seconds())
        match event.data:
            case PromptSaid(text=text):
                lines.append(
                    Line(at=event.at, offset_s=offset, who="clinic", how="voice", text=text)
                )
            case TurnHeard(text=text, confidence=confidence):
                lines.append(
                    Line(
                        at=event.at,
                        offset_s=offset,
                        who="caller",
                        how="voice",
                        text=text,
                        confidence=confidence,
                    )
                )
            case TurnKeys(keys=keys):
                lines.append(
                    Line(at=event.at, offset_s=offset, who="caller", how="keys", text=keys)
                )
    return lines
