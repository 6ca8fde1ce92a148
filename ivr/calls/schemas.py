"""Plain views of calls and of the stored stream."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivr.flow.events import EVENT, Event


@dataclass(frozen=True)
class NumberedEvent:
    """An event of the stored stream. ``number`` orders all events, ``call_seq`` those of
    one call, from 1."""

    number: int
    at: datetime
    type: str
    call_id: str | None
    call_seq: int | None
    branch_id: int | None
    data: dict[str, Any]

    @property
    def event(self) -> Event:
        """The typed event."""
        return EVENT.validate_python(self.data)


@dataclass(frozen=True)
class LegView:
    """One channel of a call."""

    channel: str
    kind: str
    agent: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: int | None


@dataclass(frozen=True)
class CallView:
    """A call as the console and the call log show it. ``ani`` and ``caller_name`` are
    personal data."""

    id: str
    direction: str
    ani: str
    dnis: str
    caller_name: str
    language: str
    flow: str
    branch_id: int | None
    patient_id: int | None
    patient_name: str
    status: str
    reason: str
    recording_consent: str
    recording_id: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    last_seq: int
    legs: tuple[LegView, ...] = ()
