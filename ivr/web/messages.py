"""What the server says on the events websocket, one JSON object a message."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ivr.calls.views import CallSummary, StreamEvent
from ivr.clinic.patients import PatientFile
from ivr.clinic.schemas import PatientView
from ivr.queues.schemas import Board


class Caller(BaseModel):
    """Who may be calling: everybody of that number, and the file once it is known who."""

    patients: list[PatientView]
    file: PatientFile | None


class LiveCall(CallSummary):
    """A call on air with all that happened in it so far."""

    hidden: bool
    """It belongs to another branch: counted, not shown."""
    events: list[StreamEvent]
    caller: Caller | None


class Snapshot(BaseModel):
    """Everything at one moment; what follows are the events after ``number``."""

    kind: Literal["snapshot"] = "snapshot"
    number: int
    now: datetime
    calls: list[LiveCall]


class Events(BaseModel):
    """Events in the order of the stream; each number is greater than the one before.

    Numbers may leave gaps: events that are not for this screen are not sent.
    """

    kind: Literal["events"] = "events"
    events: list[StreamEvent]


class CallShown(BaseModel):
    """A call became this screen's to read: it rang on the user's phone."""

    kind: Literal["call"] = "call"
    call: LiveCall


class CallerShown(BaseModel):
    """The patients a call is about, known or changed."""

    kind: Literal["caller"] = "caller"
    call_id: str
    caller: Caller


class Pulse(BaseModel):
    """Said when there is nothing else: all up to ``number`` has been sent."""

    kind: Literal["pulse"] = "pulse"
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)
    number: int
    now: datetime


class BoardShown(BaseModel):
    """The wallboard changed: for supervisors."""

    kind: Literal["board"] = "board"
    board: Board


StreamMessage = Annotated[
    Snapshot | Events | CallShown | CallerShown | BoardShown | Pulse, Field(discriminator="kind")
]
