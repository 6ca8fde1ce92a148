"""Every event of the product, typed. The stored stream of these is the call log, the
agent's live view, the reports' source and what tests assert.

``docs/events.md`` is generated from this file. A field typed ``Personal…`` may hold a
patient's data: it is redacted in logs and never sent to someone who may not see it.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from ivr.flow.desk_events import (
    AgentNoAnswer,
    AgentStateChanged,
    CallDisposed,
    MessageChanged,
    PlaceChanged,
    PlaceKept,
    QueueMoved,
)
from ivr.flow.event_base import PERSONAL, EventBase, PersonalData, PersonalMark, PersonalText
from ivr.flow.flow_events import (
    ActionFinished,
    ActionStarted,
    FlowFailed,
    PersonRequested,
    PromptSaid,
    RedFlagHeard,
    SpeechUnavailable,
    StepEntered,
    Transferred,
    TurnHeard,
    TurnKeys,
    TurnNotUnderstood,
    TurnSilent,
    TurnUnderstood,
)
from ivr.flow.phone_events import (
    AgentLost,
    CallHandedOver,
    CallHeld,
    CallResumed,
    CallTakenBack,
    CallTakenOver,
    ConferenceStarted,
    ConsultAnswered,
    ConsultEnded,
    ConsultStarted,
    RecordingPaused,
    RecordingResumed,
    SupervisionEnded,
    SupervisionStarted,
)

__all__ = [
    "PERSONAL",
    "ActionFinished",
    "ActionStarted",
    "AgentLost",
    "AgentNoAnswer",
    "AgentStateChanged",
    "CallDisposed",
    "CallHandedOver",
    "CallHeld",
    "CallResumed",
    "CallTakenBack",
    "CallTakenOver",
    "ConferenceStarted",
    "ConsultAnswered",
    "ConsultEnded",
    "ConsultStarted",
    "EventBase",
    "FlowFailed",
    "MessageChanged",
    "PersonRequested",
    "PersonalData",
    "PersonalMark",
    "PersonalText",
    "PlaceChanged",
    "PlaceKept",
    "PromptSaid",
    "QueueMoved",
    "RecordingPaused",
    "RecordingResumed",
    "RedFlagHeard",
    "SpeechUnavailable",
    "StepEntered",
    "SupervisionEnded",
    "SupervisionStarted",
    "Transferred",
    "TurnHeard",
    "TurnKeys",
    "TurnNotUnderstood",
    "TurnSilent",
    "TurnUnderstood",
]
"""What is defined next door."""


# --- The call --------------------------------------------------------------------------


class CallStarted(EventBase):
    """A call reached the application (inbound) or was answered by the patient (outbound)."""

    type: Literal["call.started"] = "call.started"
    direction: Literal["inbound", "outbound"]
    flow: str
    flow_version: str
    language: str
    ani: PersonalText = ""
    dnis: str = ""
    caller_name: PersonalText = ""
    agent: str = ""
    """Who placed it at the desk; empty: a caller or the machine."""


class CallAnswered(EventBase):
    """The line was answered; the caller hears us from here on."""

    type: Literal["call.answered"] = "call.answered"


Outcome = Literal[
    "completed",
    "transferred",
    "voicemail",
    "callback",
    "abandoned",
    "failed",
    "lost",
    "unanswered",
]
"""How a call ended; exclusive."""


class CallEnded(EventBase):
    """The call is over. ``outcome`` is exclusive; ``duration_s`` counts from the start."""

    type: Literal["call.ended"] = "call.ended"
    outcome: Outcome
    duration_s: float


class LegStarted(EventBase):
    """A channel joined the call."""

    type: Literal["leg.started"] = "leg.started"
    channel: str
    kind: Literal["caller", "agent", "trunk", "other"]


class LegAnswered(EventBase):
    """A channel of the call was answered."""

    type: Literal["leg.answered"] = "leg.answered"
    channel: str


class LegEnded(EventBase):
    """A channel left the call; ``cause`` is the Q.850 cause number."""

    type: Literal["leg.ended"] = "leg.ended"
    channel: str
    cause: int = 0


class QueueJoined(EventBase):
    """The caller waits for a person."""

    type: Literal["queue.joined"] = "queue.joined"
    queue: str
    position: int = 0
    priority: int = 0


class QueueLeft(EventBase):
    """The caller left the queue: connected to an agent, or gave up, or waited too long; or
    (``empty``) nobody's phone was connected, and they went on without having joined it, or
    everybody has left who served it."""

    type: Literal["queue.left"] = "queue.left"
    queue: str
    reason: Literal["connected", "abandoned", "timeout", "empty", "other"]
    waited_s: float = 0


class AgentRinging(EventBase):
    """An agent's phone rings for this call."""

    type: Literal["agent.ringing"] = "agent.ringing"
    agent: str


class AgentConnected(EventBase):
    """Agent and caller talk."""

    type: Literal["agent.connected"] = "agent.connected"
    agent: str


class AgentDisconnected(EventBase):
    """Agent and caller no longer talk."""

    type: Literal["agent.disconnected"] = "agent.disconnected"
    agent: str
    talked_s: float = 0
    others_stay: bool = False
    """Other agents go on talking with the caller."""


# --- What calls do ---------------------------------------------------------------------


class PatientIdentified(EventBase):
    """The call belongs to this patient."""

    type: Literal["patient.identified"] = "patient.identified"
    patient_id: int
    how: Literal["phone_and_birth_date", "document", "agent", "new", "appointment"]


class ConsentDecided(EventBase):
    """The caller decided on a consent."""

    type: Literal["consent.decided"] = "consent.decided"
    purpose: str
    decision: Literal["granted", "refused", "unanswered", "revoked"]
    how: Literal["key", "voice", "silence", "unclear", "agent", "message"]
    wording_version: str


class RecordingStarted(EventBase):
    """The conversation is being recorded."""

    type: Literal["recording.started"] = "recording.started"
    recording_id: str


class RecordingStopped(EventBase):
    """The recording ended; ``duration_s`` seconds of audio."""

    type: Literal["recording.stopped"] = "recording.stopped"
    recording_id: str
    duration_s: float


class MessageLeft(EventBase):
    """The caller left a spoken message."""

    type: Literal["message.left"] = "message.left"
    ticket_id: int | None = None
    duration_s: float


class AppointmentChanged(EventBase):
    """An appointment was held, booked, confirmed, moved, cancelled or let go."""

    type: Literal["appointment.changed"] = "appointment.changed"
    appointment_id: int
    change: Literal[
        "held",
        "released",
        "booked",
        "confirmed",
        "cancelled",
        "moved",
        "expired",
        "arrived",
        "completed",
        "no_show",
        "restored",
    ]
    status: str
    was: str = ""
    """Its status before, where that may be asked for again."""
    professional_id: int
    branch_id: int
    starts_at: str
    reference: str = ""
    patient_id: int | None = None
    agent: str = ""
    """User who did it at the desk; empty: the machine or the caller."""


class PatientChanged(EventBase):
    """A patient's file was opened, changed, annotated or put together with another."""

    type: Literal["patient.changed"] = "patient.changed"
    patient_id: int
    change: Literal["created", "edited", "noted", "merged", "separated"]
    agent: str = ""


class TicketChanged(EventBase):
    """A task was opened, assigned, put off, closed, opened again, or its message written down."""

    type: Literal["ticket.changed"] = "ticket.changed"
    ticket_id: int
    change: Literal["opened", "assigned", "due", "closed", "reopened", "transcribed"]
    agent: str = ""


class AttemptChanged(EventBase):
    """An outbound attempt changed its state."""

    type: Literal["attempt.changed"] = "attempt.changed"
    attempt_id: int
    status: str
    outcome: str = ""


Event = Annotated[
    CallStarted
    | CallAnswered
    | CallEnded
    | LegStarted
    | LegAnswered
    | LegEnded
    | QueueJoined
    | QueueLeft
    | AgentRinging
    | AgentConnected
    | AgentDisconnected
    | AgentNoAnswer
    | QueueMoved
    | PlaceKept
    | PlaceChanged
    | CallDisposed
    | AgentStateChanged
    | StepEntered
    | PromptSaid
    | TurnHeard
    | TurnKeys
    | TurnSilent
    | TurnUnderstood
    | TurnNotUnderstood
    | SpeechUnavailable
    | ActionStarted
    | ActionFinished
    | RedFlagHeard
    | PersonRequested
    | Transferred
    | FlowFailed
    | PatientIdentified
    | ConsentDecided
    | RecordingStarted
    | RecordingStopped
    | MessageLeft
    | AppointmentChanged
    | PatientChanged
    | TicketChanged
    | MessageChanged
    | AttemptChanged
    | CallHeld
    | CallResumed
    | ConsultStarted
    | ConsultAnswered
    | ConsultEnded
    | ConferenceStarted
    | CallHandedOver
    | CallTakenOver
    | CallTakenBack
    | AgentLost
    | RecordingPaused
    | RecordingResumed
    | SupervisionStarted
    | SupervisionEnded,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads and writes any event."""

REDACTED = "•••"


def redacted(event: EventBase) -> dict[str, Any]:
    """The event as plain data with every personal field replaced: for logs."""
    data = event.model_dump(mode="json")
    for name, info in type(event).model_fields.items():
        if any(isinstance(mark, PersonalMark) for mark in info.metadata) and data.get(name):
            data[name] = REDACTED
    return data
