"""Places kept in line: "le llamamos cuando le toque".

A caller presses a key, hangs up and is called when an agent is free and nobody is ahead,
within opening hours, twice; after that a person has a ticket to call them.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ivr.agents.model import AgentInterval, User
from ivr.calls.log import CallLog
from ivr.calls.model import Call
from ivr.clinic.directory import Directory
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import AuriculaError
from ivr.flow.events import CallStarted, PlaceKept
from ivr.ports import Origination, Switchboard
from ivr.queues.line import last_stood, standing
from ivr.queues.model import KeptPlace
from ivr.queues.service import Queues
from ivr.tickets.service import Tickets

TRIES = 2
AGAIN = timedelta(minutes=5)
RING_S = 30.0
LOST = timedelta(minutes=3)
"""A call nobody has told the end of for so long is over."""
PRIORITY = 9
"""In the queue, at least: before everybody who is not urgent; the place has been waited for."""
CONTEXT = "called-back"
_ANY = b"SELECT 1 FROM kept_place WHERE status IN ('waiting','dialling') LIMIT 1"
"""Asked every two seconds; mostly nobody's place is kept."""

log = structlog.get_logger(__name__)


class Places:
    """Keeps places and calls back. ``trunk`` is where calls go out, ``host:port``."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        calls: CallLog,
        tickets: Tickets,
        directory: Directory,
        queues: Queues,
        switch: Callable[[], Switchboard],
        trunk: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._calls = calls
        self._tickets = tickets
        self._directory = directory
        self._queues = queues
        self._switch = switch
        self._trunk = trunk

    def keep(self, queue: str, number: str, *, call_id: str | None = None) -> bool:
        """Keep the caller's place and urgency; False when there is no number to call.
        Somebody whose place is kept already keeps that one, as urgent as either."""
        if not number:
            return False
        now = self._clock.now()
        with self._database.transaction() as session:
            stood = last_stood(session, call_id) if call_id else None
            row = insert(KeptPlace).values(
                queue=queue,
                number=number,
                call_id=call_id,
                waiting_since=stood.since if stood else now,
                status="waiting",
                priority=stood.priority if stood else 0,
                attempts=0,
                next_at=now,
                created_at=now,
            )
            session.execute(
                row.on_conflict_do_update(
                    index_elements=["queue", "number"],
                    index_where=KeptPlace.status.in_(("waiting", "dialling")),
                    set_={"priority": func.greatest(KeptPlace.priority, row.excluded.priority)},
                )
            )
        if call_id is not None and self._calls.knows(call_id):
            self._calls.append(call_id, PlaceKept(queue=queue))
        return True

    def turn(self) -> int:
        """Call those whose turn it is; returns how many are being called."""
        if not self._database.ask(_ANY, ()):
            return 0
        self._give_up_lost()
        hours = self._hours()
        self._close(hours)
        called = 0
        for queue in self._queues.all():
            while (origination := self._claim(queue.name, hours)) is not None:
                called += 1
                try:
                    self._switch().originate(origination)
                except AuriculaError as error:
                    log.warning("place not called", error=error.code)
                    self.dialled(origination.call_id, "unreachable")
        return called

    def dialled(self, call_id: str, result: str) -> bool:
        """What became of a call back; False when the call was none of ours."""
        with self._database.transaction() as session:
            row = session.scalar(
                select(KeptPlace)
                .where(KeptPlace.dialled_call == call_id, KeptPlace.status == "dialling")
                .with_for_update()
            )
            if row is None:
                return False
            now = self._clock.now()
            if result == "answered":
                row.status, row.ended_at = "done", now
                return True
            if row.attempts < TRIES:
                row.status, row.next_at = "waiting", now + AGAIN
            else:
                row.status, row.ended_at = "ticket", now
            given_up, place = row.status == "ticket", (row.number, row.call_id)
        self._calls.finish(call_id, "failed" if result == "unreachable" else "unanswered")
        if given_up:
            self._ticket(*place, IN_VAIN)
        return True

    # --- How -----------------------------------------------------------------------------

    def _hours(self) -> ColumnElement[bool]:
        """Whether a place's own branch is open now: that of its call, or the first one."""
        branches = [branch.id for branch in self._directory.branches()]
        open_now = [one for one in branches if self._directory.opening(one).open]
        own = select(Call.branch_id).where(Call.id == KeptPlace.call_id).scalar_subquery()
        return func.coalesce(own, *branches[:1], 0).in_(open_now)

    def _close(self, hours: ColumnElement[bool]) -> None:
        """Who still waits for a branch that has closed is called by a person."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(KeptPlace).where(KeptPlace.status == "waiting", ~hours).with_for_update()
            ).all()
            for row in rows:
                row.status, row.ended_at = "ticket", self._clock.now()
            places = [(row.number, row.call_id) for row in rows]
        for place in places:
            self._ticket(*place, CLOSED)

    def _give_up_lost(self) -> None:
        before = self._clock.now() - LOST
        with self._database.transaction() as session:
            lost = session.scalars(
                select(KeptPlace.dialled_call).where(
                    KeptPlace.status == "dialling", KeptPlace.next_at < before
                )
            ).all()
        for call_id in lost:
            self.dialled(call_id or "", "unreachable")

    def _ticket(self, number: str, call_id: str | None, summary: str) -> None:
        with self._database.transaction() as session:
            call = session.get(Call, call_id) if call_id else None
            patient_id = call.patient_id if call else None
            branch_id = call.branch_id if call else None
        self._tickets.open(
            "callback",
            summary=summary,
            number=number,
            patient_id=patient_id,
            call_id=call_id,
            branch_id=branch_id,
        )

    def _claim(self, queue: str, hours: ColumnElement[bool]) -> Origination | None:
        """The next place of the queue if somebody is free for it, marked as being called."""
        clinic = self._directory.clinic()
        if clinic.settings.get("demo") and not self._trunk.startswith("127."):
            return None
        now = self._clock.now()
        with self._database.transaction() as session:
            session.execute(select(func.pg_advisory_xact_lock(0x4B455054)))
            row = session.scalar(
                select(KeptPlace)
                .where(
                    KeptPlace.queue == queue,
                    KeptPlace.status == "waiting",
                    KeptPlace.next_at <= now,
                    hours,
                )
                .order_by(KeptPlace.priority.desc(), KeptPlace.waiting_since, KeptPlace.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None or not self._is_turn(session, row):
                return None
            row.status, row.attempts, row.next_at = "dialling", row.attempts + 1, now
            row.dialled_call = str(uuid.uuid4())
            first = session.get(Call, row.call_id) if row.call_id else None
            language = first.language if first else clinic.language
            branch_id = first.branch_id if first else None
            number, call_id, waited_in = row.number, row.dialled_call, row.call_id
            priority = max(PRIORITY, row.priority)
        started = CallStarted(
            direction="outbound",
            flow=CONTEXT,
            flow_version="1",
            language=language,
            ani=number,
            dnis=number,
        )
        self._calls.start(started, call_id=call_id, branch_id=branch_id)
        if waited_in is not None:
            self._calls.carry_on(waited_in, call_id)
        return Origination(
            number=number,
            call_id=call_id,
            caller_id=clinic.caller_id,
            timeout_s=RING_S,
            variables={"AURICULA_NEXT_NAME": queue, "AURICULA_PRIORITY": str(priority)},
            context=CONTEXT,
        )

    def _is_turn(self, session: Session, place: KeptPlace) -> bool:
        serve = {s.username for s in self._queues.skills(session) if s.queue == place.queue}
        free = session.scalar(
            select(func.count())
            .select_from(AgentInterval)
            .join(User, User.id == AgentInterval.user_id)
            .where(
                AgentInterval.ends_at.is_(None),
                AgentInterval.state == "available",
                User.username.in_(serve),
            )
        )
        dialling = session.scalar(
            select(func.count())
            .select_from(KeptPlace)
            .where(KeptPlace.queue == place.queue, KeptPlace.status == "dialling")
        )
        return (free or 0) > _ahead(session, place) + (dialling or 0)


def _ahead(session: Session, place: KeptPlace) -> int:
    """How many on the line are ahead of the place: more urgent, or as much and there before."""
    waiting = session.scalars(select(Call.id).where(Call.status == "queued")).all()
    return sum(
        one.queue == place.queue
        and (
            one.priority > place.priority
            or (one.priority == place.priority and one.since < place.waiting_since)
        )
        for one in standing(session, waiting).values()
    )


IN_VAIN = "Pidió que le llamáramos; se intentó dos veces y no se pudo hablar"
"""What the task says after :data:`TRIES` calls."""
CLOSED = "Pidió que le llamáramos y se cerró antes de que le tocara"
