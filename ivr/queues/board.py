"""The wallboard's numbers, from the stored events, states and calls."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from ivr.agents.access import of_branch
from ivr.agents.machine import Wished
from ivr.agents.model import SupervisorAction, User
from ivr.agents.shifts import StateView
from ivr.agents.states import States
from ivr.agents.viewer import Viewer
from ivr.calls.model import Call, CallLeg, StoredEvent
from ivr.calls.projection import MANUAL
from ivr.calls.stream import EventStream, Outgoing
from ivr.clinic.model import Branch, Patient
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import Forbidden, NotFound, Unavailable
from ivr.flow.events import QueueMoved
from ivr.ports import AgentDesk
from ivr.queues.done import acts
from ivr.queues.line import Standing, standing
from ivr.queues.model import KeptPlace
from ivr.queues.schemas import (
    AgentOnBoard,
    Board,
    CallNow,
    Done,
    DoneFilter,
    QueueNow,
    WaitingCaller,
)
from ivr.queues.service import Queues, QueueView, Skill, named
from ivr.queues.totals import Totals

URGENT = 10
"""Priority of the flow's urgent callers: nobody moved up passes them."""


class Boards:
    """Reads the room, and does in it what a supervisor may."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        stream: EventStream,
        states: States,
        queues: Queues,
        desk: AgentDesk | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream
        self._states = states
        self._queues = queues
        self._desk = desk

    # --- Reading -----------------------------------------------------------------------

    def read(self) -> Board:
        """The room now, with everything; :func:`seen_by` takes out what is not for all."""
        now = self._clock.now()
        with self._database.read() as session:
            queues = self._queues.all(session)
            calls = session.execute(
                select(Call, Patient.given, Patient.family)
                .outerjoin(Patient, Patient.id == Call.patient_id)
                .where(Call.status != "ended")
            ).all()
            names = {call.id: _full_name(given, family) for call, given, family in calls}
            rows = [call for call, _, _ in calls]
            places = standing(session, [call.id for call in rows if call.status == "queued"])
            people = self._states.all(session)
            at_work = [user.username for user, view in people if view.state != "off"]
            skills = self._queues.skills_with(session, at_work)
            since = midnight(session, now)
            totals = counted(session, queues, since, now + timedelta(seconds=1))
            answered = _conversations(session, since)
            kept = _kept_places(session)
        waiting = _in_line(rows, names, places)
        views = [view for _, view in people]
        within = {queue.answer_within_s for queue in queues}
        overall = QueueView("", "", answer_within_s=within.pop() if len(within) == 1 else 0)
        return Board(
            now=now,
            overall=_queue(overall, sum(totals.values(), Totals()), waiting, kept, skills, views),
            queues=[
                _queue(queue, totals.get(queue.name, Totals()), waiting, kept, skills, views)
                for queue in _all_queues(queues, waiting)
            ],
            waiting=waiting,
            agents=[
                _agent(user, view, skills, names, rows, answered.get(user.username, 0))
                for user, view in people
                if user.role == "agent" or view.state != "off"
            ],
            calls=CallNow(
                machine=sum(call.status == "live" and call.flow != MANUAL for call in rows),
                waiting=sum(call.status == "queued" for call in rows),
                talking=sum(call.status == "talking" for call in rows),
            ),
        )

    def done(
        self, viewer: Viewer, wanted: DoneFilter | None = None, limit: int = 100
    ) -> list[Done]:
        """What supervisors did, newest first: what the viewer did, and what was done to
        agents and calls of the viewer's branch; of that, what is ``wanted``."""
        agent = aliased(User)
        with self._database.read() as session:
            conditions = acts(wanted or DoneFilter(), _zone(session, viewer.branch_id))
            rows = session.execute(
                select(SupervisorAction, User.name, Call.ani, Patient.given, Patient.family)
                .join(User, User.id == SupervisorAction.user_id)
                .outerjoin(agent, agent.username == SupervisorAction.agent)
                .outerjoin(Call, Call.id == SupervisorAction.call_id)
                .outerjoin(Patient, Patient.id == Call.patient_id)
                .where(
                    or_(
                        User.id == viewer.id,
                        and_(of_branch(viewer, agent.branch_id), of_branch(viewer, Call.branch_id)),
                    ),
                    *conditions,
                )
                .order_by(SupervisorAction.at.desc(), SupervisorAction.id.desc())
                .limit(limit)
            )
            return [
                Done(
                    at=row.at,
                    by=name,
                    action=row.action,
                    agent=row.agent,
                    call_id=row.call_id,
                    who=_full_name(given, family) or number or "",
                    detail=row.detail,
                    note=row.note,
                )
                for row, name, number, given, family in rows
            ]

    # --- Doing -------------------------------------------------------------------------

    def move_up(self, viewer: Viewer, call_id: str, note: str = "") -> None:
        """Take a waiting caller to the front of those who are not urgent. Raises
        :class:`NotFound` when they do not wait (any more), :class:`Forbidden` for those of
        other branches."""
        with self._database.transaction() as session:
            queued = select(Call.id, Call.branch_id).where(Call.status == "queued")
            branches = {queued_id: branch for queued_id, branch in session.execute(queued)}
            places = standing(session, list(branches))
            if call_id not in places:
                raise NotFound("This caller does not wait any more.")
            if not viewer.sees_branch(branches[call_id]):
                raise Forbidden("This caller waits for another branch.")
            channel = session.scalar(
                select(CallLeg.channel)
                .where(
                    CallLeg.call_id == call_id,
                    CallLeg.kind == "caller",
                    CallLeg.ended_at.is_(None),
                )
                .order_by(CallLeg.id.desc())
                .limit(1)
            )
        place = places[call_id]
        others = [
            one.priority
            for other, one in places.items()
            if other != call_id and one.queue == place.queue and one.priority < URGENT
        ]
        priority = max(place.priority, min(URGENT - 1, max(others, default=0) + 1))
        if channel is None:
            raise NotFound("This caller does not wait any more.")
        if self._desk is None:
            raise Unavailable("The switch has not been set up: run make up.")
        self._desk.move_up(place.queue, channel, priority)
        with self._database.transaction() as session:
            self._stream.lock(session)
            session.add(
                SupervisorAction(
                    at=self._clock.now(),
                    user_id=viewer.id,
                    action="queue.move_up",
                    call_id=call_id,
                    detail=f"{place.queue} {priority}",
                    note=note,
                )
            )
            moved = QueueMoved(queue=place.queue, priority=priority, by=viewer.username)
            self._stream.add(session, [Outgoing(moved, call_id)])

    def command(
        self, viewer: Viewer, username: str, wish: Wished, reason: str, note: str
    ) -> StateView:
        """Put an agent into a state; :class:`NotFound` for those of other branches."""
        self._check_agent(viewer, username)
        return self._states.command(username, wish, reason, by=viewer.username, note=note)

    def _check_agent(self, viewer: Viewer, username: str) -> None:
        with self._database.transaction() as session:
            user = session.scalar(select(User).where(User.username == username, User.active))
            if user is None or not viewer.sees_branch(user.branch_id):
                raise NotFound("There is no such agent among yours.")

    def set_skill(self, viewer: Viewer, queue: str, username: str, level: int | None) -> None:
        """Change an agent's level in a queue; the switch hears of it at once."""
        self._check_agent(viewer, username)
        self._queues.set_skill(queue, username, level)
        with self._database.transaction() as session:
            session.add(
                SupervisorAction(
                    at=self._clock.now(),
                    user_id=viewer.id,
                    action="queue.skill",
                    agent=username,
                    detail=f"{queue} {level or '-'}",
                )
            )
        self._states.skills_changed(username, queue if level is None else "")


def seen_by(board: Board, viewer: Viewer) -> Board:
    """The board without what this supervisor may not see of other branches."""
    if viewer.branch_id is None:
        return board
    hidden = {
        caller.call_id for caller in board.waiting if not viewer.sees_branch(caller.branch_id)
    }
    bare = {"who": "", "number": "", "reason": "", "hidden": True}
    return board.model_copy(
        update={
            "waiting": [
                caller.model_copy(update=bare) if caller.call_id in hidden else caller
                for caller in board.waiting
            ],
            "agents": [_agent_seen_by(agent, viewer) for agent in board.agents],
        }
    )


def _agent_seen_by(agent: AgentOnBoard, viewer: Viewer) -> AgentOnBoard:
    """Whom they talk to is the business of the call's branch, a note to them of their own."""
    bare = {} if viewer.sees_branch(agent.call_branch_id) else {"talking_to": "", "call_id": ""}
    if not viewer.sees_branch(agent.branch_id):
        bare |= {"note": "", "wish_note": ""}
    return agent.model_copy(update=bare)


def _full_name(given: str | None, family: str | None) -> str:
    return f"{given or ''} {family or ''}".strip()


def midnight(session: Session, now: datetime) -> datetime:
    """When today began, by the clock of the clinic's first branch."""
    zone = _zone(session)
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def _zone(session: Session, branch_id: int | None = None) -> ZoneInfo:
    """The branch's, or that of the clinic's first."""
    chosen = select(Branch.zone).order_by(Branch.id != branch_id, Branch.id).limit(1)
    return ZoneInfo(session.scalar(chosen) or "UTC")


def counted(
    session: Session, queues: Sequence[QueueView], since: datetime, until: datetime
) -> dict[str, Totals]:
    """Callers who left each queue in that time."""
    found: dict[str, Totals] = {}
    data = StoredEvent.data
    rows = session.execute(
        select(data["queue"].astext, data["reason"].astext, data["waited_s"].as_float()).where(
            StoredEvent.type == "queue.left", StoredEvent.at >= since, StoredEvent.at < until
        )
    )
    for queue, reason, waited in rows:
        view = named(queues, queue)
        found.setdefault(queue, Totals()).add(
            reason, waited, within_s=view.answer_within_s, short_s=view.short_abandon_s
        )
    return found


def _kept_places(session: Session) -> list[str]:
    """The queue of each place that is kept."""
    places = select(KeptPlace.queue).where(KeptPlace.status.in_(("waiting", "dialling")))
    return list(session.scalars(places))


def _conversations(session: Session, since: datetime) -> dict[str, int]:
    agent = StoredEvent.data["agent"].astext.label("agent")
    rows = session.execute(
        select(agent, func.count())
        .where(StoredEvent.type == "agent.connected", StoredEvent.at >= since)
        .group_by("agent")
    )
    return {name: count for name, count in rows}


def _in_line(
    calls: Sequence[Call], names: dict[str, str], places: dict[str, Standing]
) -> list[WaitingCaller]:
    by_id = {call.id: call for call in calls}
    order = sorted(places.items(), key=lambda item: (-item[1].priority, item[1].since))
    line: list[WaitingCaller] = []
    ahead: dict[str, int] = {}
    for call_id, place in order:
        call = by_id[call_id]
        ahead[place.queue] = ahead.get(place.queue, 0) + 1
        line.append(
            WaitingCaller(
                call_id=call_id,
                queue=place.queue,
                since=place.since,
                place=ahead[place.queue],
                priority=place.priority,
                who=names[call_id],
                number=call.ani,
                reason=call.reason,
                branch_id=call.branch_id,
                ringing=place.ringing,
            )
        )
    return line


def _all_queues(queues: list[QueueView], waiting: Sequence[WaitingCaller]) -> list[QueueView]:
    known = {queue.name for queue in queues}
    return queues + [QueueView(name, name) for name in {w.queue for w in waiting} - known]


def _queue(
    queue: QueueView,
    totals: Totals,
    waiting: Sequence[WaitingCaller],
    kept: Sequence[str],
    skills: Sequence[Skill],
    views: Sequence[StateView],
) -> QueueNow:
    line = [caller for caller in waiting if queue.name in ("", caller.queue)]
    serve = {skill.username for skill in skills if queue.name in ("", skill.queue)}
    at_work = [view for view in views if view.username in serve and view.state != "off"]
    return QueueNow(
        name=queue.name,
        title=queue.title,
        waiting=len(line),
        longest_since=min((caller.since for caller in line), default=None),
        **QueueNow.counted(totals, queue.answer_within_s),
        kept_places=sum(queue.name in ("", name) for name in kept),
        agents_available=sum(view.state == "available" for view in at_work),
        agents_at_work=len(at_work),
    )


def _agent(
    user: User,
    view: StateView,
    skills: Sequence[Skill],
    names: dict[str, str],
    calls: Sequence[Call],
    answered: int,
) -> AgentOnBoard:
    call = next((one for one in calls if one.id == view.call_id), None)
    return AgentOnBoard(
        username=user.username,
        name=user.name,
        supervises=user.role == "supervisor",
        branch_id=user.branch_id,
        state=view.state,
        reason=view.reason,
        since=view.since,
        until=view.until,
        call_id=view.call_id,
        call_branch_id=call.branch_id if call else None,
        talking_to=(names[call.id] or call.ani) if call else "",
        wish=view.wish,
        wish_reason=view.wish_reason,
        changed_by=view.changed_by,
        note=view.note,
        wish_by=view.wish_by,
        wish_note=view.wish_note,
        queues={skill.queue: skill.level for skill in skills if skill.username == user.username},
        answered=answered,
    )
