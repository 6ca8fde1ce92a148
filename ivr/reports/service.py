"""The desk's report: calls by queue and by agent, day by day."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from ivr.agents.model import AgentInterval, CallDisposition, Disposition, User
from ivr.agents.viewer import Viewer
from ivr.calls.model import StoredEvent
from ivr.clinic.model import Branch
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import InvalidInput
from ivr.queues.service import Queues, QueueView, named
from ivr.queues.totals import Totals
from ivr.reports.legs import DeskEvent, Leg, legs
from ivr.reports.schemas import AgentLine, DeskReport, DispositionLine, QueueLine

LONGEST = timedelta(days=93)
BEFORE = timedelta(hours=6)
"""A call that began so long before the first day is still known to have waited."""
TYPES = ("queue.left", "agent.ringing", "agent.connected", "agent.disconnected", "agent.no_answer")

Key = tuple[date | None, str]
"""Day (None: all) and queue or agent."""


@dataclass
class _Counts:
    """What one line of an agent or queue adds up."""

    totals: Totals = field(default_factory=Totals)
    rang: int = 0
    no_answer: int = 0
    conversations: int = 0
    talk_s: float = 0.0
    wrap_up_s: float = 0.0
    states: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def include(self, other: "_Counts") -> None:
        """Add what another line counted."""
        self.totals += other.totals
        self.rang += other.rang
        self.no_answer += other.no_answer
        self.conversations += other.conversations
        self.talk_s += other.talk_s
        self.wrap_up_s += other.wrap_up_s
        for state, seconds in other.states.items():
            self.states[state] += seconds

    @property
    def aht_s(self) -> float | None:
        handled = self.talk_s + self.wrap_up_s
        return handled / self.conversations if self.conversations else None


class _Lines:
    """Counts by day and name; what is added counts for its day and for the whole."""

    def __init__(self) -> None:
        self.found: dict[Key, _Counts] = defaultdict(_Counts)

    def of(self, day: date, name: str) -> tuple[_Counts, _Counts]:
        return self.found[day, name], self.found[None, name]

    def sorted(self) -> list[tuple[Key, _Counts]]:
        """By name, the whole range before its days."""
        return sorted(
            self.found.items(),
            key=lambda item: (item[0][1], item[0][0] is not None, item[0][0] or date.min),
        )

    def together(self, names: Collection[str]) -> _Counts:
        """All of ``names`` over the whole range: what is summed, not the rates."""
        whole = _Counts()
        for (day, name), counts in self.found.items():
            if day is None and name in names:
                whole.include(counts)
        return whole


class DeskReports:
    """Reads the desk's report."""

    def __init__(self, database: Database, clock: Clock, queues: Queues) -> None:
        self._database = database
        self._clock = clock
        self._queues = queues

    def read(self, viewer: Viewer, day_from: date, day_to: date) -> DeskReport:
        """Days are those of the viewer's branch, or of the clinic's first; agents of other
        branches than the viewer's are left out. Raises :class:`InvalidInput` for more than 93
        days."""
        if day_to < day_from or day_to - day_from > LONGEST:
            raise InvalidInput("Choose a first and a last day, at most 93 days apart.")
        with self._database.read() as session:
            own = select(Branch.zone).order_by(Branch.id != viewer.branch_id, Branch.id)
            zone = session.scalar(own.limit(1)) or "UTC"
            since = datetime.combine(day_from, time(), ZoneInfo(zone))
            until = datetime.combine(day_to + timedelta(days=1), time(), ZoneInfo(zone))
            days = _Days(ZoneInfo(zone), since, until)
            queues = self._queues.ever(session)
            users = {
                user.username: user
                for user in session.scalars(select(User).where(User.extension != ""))
                if viewer.sees_branch(user.branch_id)
            }
            events = _events(session, since - BEFORE, until)
            talks = list(legs(events))
            by_queue, by_agent = _Lines(), _Lines()
            _count_events(events, days, queues, by_queue, by_agent)
            _count_legs(talks, days, by_queue, by_agent)
            _count_time(session, days, self._clock.now(), talks, by_queue, by_agent)
            dispositions = _dispositions(session, since, until, list(users))
            within = {queue.answer_within_s for queue in queues}
            return DeskReport(
                day_from=day_from,
                day_to=day_to,
                zone=zone,
                queues=[
                    _queue_line(key[0], named(queues, key[1]), counts)
                    for key, counts in by_queue.sorted()
                    if key[1]
                ],
                all_queues=_queue_line(
                    None,
                    QueueView("", "", answer_within_s=within.pop() if len(within) == 1 else 0),
                    by_queue.together({key[1] for key in by_queue.found if key[1]}),
                ),
                agents=[
                    _agent_line(key, users[key[1]].name, counts)
                    for key, counts in by_agent.sorted()
                    if key[1] in users
                ],
                all_agents=_agent_line((None, ""), "", by_agent.together(users.keys())),
                dispositions=dispositions,
            )


@dataclass(frozen=True)
class _Days:
    """The days of the report, in its zone."""

    zone: ZoneInfo
    since: datetime
    until: datetime

    def of(self, moment: datetime) -> date | None:
        """The local day of a moment; None outside the report."""
        inside = self.since <= moment < self.until
        return moment.astimezone(self.zone).date() if inside else None

    def pieces(self, start: datetime, end: datetime) -> Iterator[tuple[date, float]]:
        """A stretch of time cut at the days' ends: each day with its seconds."""
        at, end = max(start, self.since), min(end, self.until)
        while at < end:
            day = at.astimezone(self.zone).date()
            midnight = datetime.combine(day + timedelta(days=1), time(), self.zone)
            stop = min(midnight, end)
            yield day, stop.timestamp() - at.timestamp()
            at = stop


def _events(session: Session, since: datetime, until: datetime) -> list[DeskEvent]:
    rows = session.execute(
        select(StoredEvent.call_id, StoredEvent.type, StoredEvent.at, StoredEvent.data)
        .where(
            StoredEvent.type.in_(TYPES),
            StoredEvent.at >= since,
            StoredEvent.at < until,
            StoredEvent.call_id.is_not(None),
        )
        .order_by(StoredEvent.number)
    )
    return [DeskEvent(call_id or "", kind, at, data) for call_id, kind, at, data in rows]


def _count_events(
    events: list[DeskEvent],
    days: _Days,
    queues: list[QueueView],
    by_queue: _Lines,
    by_agent: _Lines,
) -> None:
    for event in events:
        day = days.of(event.at)
        if day is None:
            continue
        if event.type == "queue.left":
            queue = named(queues, event.data["queue"])
            for counts in by_queue.of(day, queue.name):
                counts.totals.add(
                    event.data["reason"],
                    float(event.data["waited_s"]),
                    within_s=queue.answer_within_s,
                    short_s=queue.short_abandon_s,
                )
        elif event.type in ("agent.ringing", "agent.no_answer"):
            for counts in by_agent.of(day, event.data["agent"]):
                counts.rang += event.type == "agent.ringing"
                counts.no_answer += event.type == "agent.no_answer"


def _count_legs(talks: list[Leg], days: _Days, by_queue: _Lines, by_agent: _Lines) -> None:
    for leg in talks:
        day = days.of(leg.ended_at)
        if day is None:
            continue
        for counts in (*by_agent.of(day, leg.agent), *by_queue.of(day, leg.queue)):
            counts.conversations += 1
            counts.talk_s += leg.talked_s


def _count_time(
    session: Session,
    days: _Days,
    now: datetime,
    talks: list[Leg],
    by_queue: _Lines,
    by_agent: _Lines,
) -> None:
    queue_of = {(leg.call_id, leg.agent): leg.queue for leg in talks}
    rows = session.execute(
        select(
            User.username,
            AgentInterval.state,
            AgentInterval.call_id,
            AgentInterval.starts_at,
            func.coalesce(AgentInterval.ends_at, now),
        )
        .join(User, User.id == AgentInterval.user_id)
        .where(
            AgentInterval.starts_at < days.until,
            or_(AgentInterval.ends_at.is_(None), AgentInterval.ends_at > days.since),
        )
    )
    for username, state, call_id, starts, ends in rows:
        for day, seconds in days.pieces(starts, ends):
            for counts in by_agent.of(day, username):
                counts.states[state] += seconds
                if state == "wrap_up":
                    counts.wrap_up_s += seconds
            if state == "wrap_up" and (queue := queue_of.get((call_id or "", username))):
                for counts in by_queue.of(day, queue):
                    counts.wrap_up_s += seconds


def _dispositions(
    session: Session, since: datetime, until: datetime, usernames: list[str]
) -> list[DispositionLine]:
    chosen = session.execute(
        select(Disposition.code, Disposition.name, func.count(User.id))
        .outerjoin(
            CallDisposition,
            and_(
                CallDisposition.code == Disposition.code,
                CallDisposition.at >= since,
                CallDisposition.at < until,
            ),
        )
        .outerjoin(User, and_(User.id == CallDisposition.user_id, User.username.in_(usernames)))
        .group_by(Disposition.code)
        .having(or_(Disposition.retired_at.is_(None), func.count(User.id) > 0))
        .order_by(Disposition.position)
    )
    lines = [DispositionLine(code=c, name=name, count=count) for c, name, count in chosen]
    wrapped = (
        select(AgentInterval.call_id, AgentInterval.user_id)
        .join(User, User.id == AgentInterval.user_id)
        .where(
            AgentInterval.state == "wrap_up",
            AgentInterval.ends_at >= since,
            AgentInterval.ends_at < until,
            User.username.in_(usernames),
        )
        .distinct()
        .subquery()
    )
    missing = session.scalar(
        select(func.count())
        .select_from(wrapped)
        .outerjoin(
            CallDisposition,
            and_(
                CallDisposition.call_id == wrapped.c.call_id,
                CallDisposition.user_id == wrapped.c.user_id,
            ),
        )
        .where(CallDisposition.id.is_(None))
    )
    return [*lines, DispositionLine(code="", name="", count=missing or 0)]


def _queue_line(day: date | None, queue: QueueView, counts: _Counts) -> QueueLine:
    totals = counts.totals
    return QueueLine(
        day=day,
        queue=queue.name,
        title=queue.title,
        **QueueLine.counted(totals, queue.answer_within_s),
        conversations=counts.conversations,
        talk_s=round(counts.talk_s, 1),
        wrap_up_s=round(counts.wrap_up_s, 1),
        aht_s=counts.aht_s,
    )


def _agent_line(key: Key, name: str, counts: _Counts) -> AgentLine:
    states = counts.states
    busy = states["on_call"] + states["wrap_up"]
    ready = busy + states["available"] + states["ringing"]
    return AgentLine(
        day=key[0],
        username=key[1],
        name=name,
        rang=counts.rang,
        conversations=counts.conversations,
        no_answer=counts.no_answer,
        talk_s=round(counts.talk_s, 1),
        wrap_up_s=round(states["wrap_up"], 1),
        aht_s=counts.aht_s,
        available_s=round(states["available"], 1),
        ringing_s=round(states["ringing"], 1),
        on_call_s=round(states["on_call"], 1),
        paused_s=round(states["paused"], 1),
        away_s=round(states["away"], 1),
        shift_s=round(sum(states.values()), 1),
        occupancy=busy / ready if ready else None,
    )
