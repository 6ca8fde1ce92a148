"""The desk's report. Every figure is defined in docs/reports.md; seconds throughout."""

from datetime import date

from pydantic import BaseModel

from ivr.queues.schemas import QueueFigures


class QueueLine(QueueFigures):
    """One queue on one day, or (``day`` null) over the whole range."""

    day: date | None
    queue: str
    title: str
    conversations: int
    """More than ``answered`` where callers were passed on."""
    talk_s: float
    wrap_up_s: float
    aht_s: float | None


class AgentLine(BaseModel):
    """One agent on one day, or (``day`` null) over the whole range."""

    day: date | None
    username: str
    name: str
    rang: int
    conversations: int
    no_answer: int
    talk_s: float
    wrap_up_s: float
    aht_s: float | None
    available_s: float
    ringing_s: float
    on_call_s: float
    paused_s: float
    away_s: float
    shift_s: float
    occupancy: float | None


class DispositionLine(BaseModel):
    """How often a disposition was chosen; an empty ``code``: none was."""

    code: str
    name: str
    count: int


class DeskReport(BaseModel):
    """Queues, agents and dispositions from ``day_from`` to ``day_to``, both included."""

    day_from: date
    day_to: date
    zone: str
    queues: list[QueueLine]
    all_queues: QueueLine
    """Their sum, each rate of the sums; ``answer_within_s`` is 0 where they differ. Who was in
    two queues is in it twice."""
    agents: list[AgentLine]
    all_agents: AgentLine
    dispositions: list[DispositionLine]
