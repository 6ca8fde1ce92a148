"""What the server says on the events websocket, one JSON object a message."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ivr.calls.views import CallSummary, StreamEvent
from ivr.clinic.patients import PatientFile
from ivr.clinic.schemas import PatientView
from ivr.queues.schemas import Board
from ivr.web.audience import CallSight


class Caller(BaseModel):
    """Who may be calling: everybody of that number, and the file once it is known who."""

    patients: list[PatientView]
    file: PatientFile | None


class LiveCall(CallSummary):
    """A call on air with what happened in it so far, as far as it is the viewer's to read:
    ``sight`` is ``full``; ``waiting``, in a queue they serve: who, in the fewest words, and
    where; or ``bare``: that there is one. Decision 0040."""

    sight: CallSight
    who: str
    """Of one who waits: given name and initial, or the last digits of the number."""
    number: int
    """Of the last event that is in it."""
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
    """A call became another one to read for this screen: offered to the user, it is sent
    with all its past; offered to somebody else, it is taken off the screen."""

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


class Watch(BaseModel):
    """What a screen says: whether it shows the wallboard now. Nobody else is sent it."""

    kind: Literal["watch"] = "watch"
    board: bool


StreamMessage = Annotated[
    Snapshot | Events | CallShown | CallerShown | BoardShown | Pulse, Field(discriminator="kind")
]
