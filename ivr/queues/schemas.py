"""The room as a supervisor sees it, and what they may do in it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ivr.agents.machine import State, Wished
from ivr.clinic.days import Day
from ivr.queues.totals import Totals


class QueueFigures(BaseModel):
    """What a queue did over some time. ``service_level`` is ``in_time ÷ denominator``, null
    while nobody has called: see docs/reports.md. Seconds throughout."""

    offered: int
    answered: int
    abandoned: int
    short_abandoned: int
    overflowed: int
    left_otherwise: int
    in_time: int
    denominator: int
    answer_within_s: int
    service_level: float | None
    abandonment: float | None
    asa_s: float | None

    @staticmethod
    def counted(totals: Totals, answer_within_s: int) -> dict[str, Any]:
        """The fields of this class, for the keyword arguments of its heirs."""
        own = {
            name: getattr(totals, name)
            for name in QueueFigures.model_fields
            if name != "answer_within_s"
        }
        return own | {"answer_within_s": answer_within_s}


class QueueNow(QueueFigures):
    """A queue now and since midnight."""

    name: str
    title: str
    waiting: int
    longest_since: datetime | None
    """When the caller who waits longest came."""
    kept_places: int
    """Callers who hung up and are called when it is their turn."""
    agents_available: int
    agents_at_work: int


class WaitingCaller(BaseModel):
    """A caller in line. ``hidden``: of another branch, without anything personal."""

    call_id: str
    queue: str
    since: datetime
    place: int
    priority: int
    who: str
    number: str
    reason: str
    branch_id: int | None
    ringing: str
    """The agent whose phone rings for them, or empty."""
    hidden: bool = False


class AgentOnBoard(BaseModel):
    """An agent and what they do."""

    username: str
    name: str
    supervises: bool
    branch_id: int | None
    state: State
    reason: str
    since: datetime | None
    until: datetime | None
    call_id: str
    call_branch_id: int | None
    talking_to: str
    """Patient or number, empty when it may not be shown."""
    wish: Wished
    wish_reason: str
    changed_by: str
    note: str
    wish_by: str
    wish_note: str
    queues: dict[str, int]
    """Level by queue."""
    answered: int
    """Conversations today."""


class CallNow(BaseModel):
    """How many calls are where."""

    machine: int
    waiting: int
    talking: int


class Board(BaseModel):
    """The whole room at one moment."""

    now: datetime
    overall: QueueNow
    """All queues together; ``answer_within_s`` is 0 where they differ."""
    queues: list[QueueNow]
    waiting: list[WaitingCaller]
    agents: list[AgentOnBoard]
    calls: CallNow


class Command(BaseModel):
    """A supervisor puts an agent into a state; the note is kept."""

    state: Literal["available", "paused", "off"]
    reason: Annotated[str, Field(max_length=32, pattern="^[a-z0-9_]*$")] = ""
    note: Annotated[str, Field(max_length=300)] = ""


class Reason(BaseModel):
    """Why a supervisor does it."""

    note: Annotated[str, Field(max_length=300)] = ""


class SkillSet(BaseModel):
    """An agent's level in a queue: 1 is called first, 5 last; null: not in it."""

    level: Annotated[int, Field(ge=1, le=5)] | None


class DoneFilter(BaseModel):
    """Which acts of supervisors are wanted. Days are those of the viewer's branch, or of the
    clinic's first, inclusive."""

    by: Annotated[str, Field(max_length=64)] = ""
    """User name of the supervisor."""
    action: Annotated[str, Field(max_length=32)] = ""
    day_from: Day | None = None
    day_to: Day | None = None


class Done(BaseModel):
    """Something a supervisor did."""

    at: datetime
    by: str
    action: str
    agent: str
    call_id: str | None
    who: str
    """Patient or number of that call, empty without one."""
    detail: str
    note: str
