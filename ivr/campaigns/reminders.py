"""Reminder calls: handed out to be dialled, each at most once, and what became of them.

An attempt is a row before it is a call. Claiming it (``planned`` → ``dialling``) is one
committed UPDATE that only one dialler can win; what happens after a crash is known from
the row: it fails as ``unknown`` and is not dialled again.
"""

import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from ivr.calls.model import Call
from ivr.calls.stream import EventStream
from ivr.campaigns.attempts import (
    FAILURES,
    TRIED_AGAIN,
    AttemptView,
    Outcome,
    announce,
    load,
    view,
)
from ivr.campaigns.model import Attempt
from ivr.campaigns.planning import BEGINS, Planner
from ivr.campaigns.status import BUSY, TRANSITIONS
from ivr.clinic.directory import Directory
from ivr.clinic.model import Appointment
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import Conflict

RING_S = 30
"""How long a patient's phone rings."""
UNKNOWN_AFTER = timedelta(seconds=RING_S + 60)
"""An attempt that is still ``dialling`` after so long, with no call, has been lost."""

TRIES = 3
RETRY_MINUTES = 30
"""How often a patient whose line is busy or not answered is called about one date, and how
much later (``reminder_tries``, ``reminder_retry_minutes`` in the clinic's settings)."""


class Reminders:
    """Plans attempts, hands them out to be dialled, and keeps what became of them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        stream: EventStream,
        directory: Directory | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream
        self._directory = directory or Directory(database, clock)
        self._planner = Planner(database, clock, stream, self._directory)

    # --- Planning ----------------------------------------------------------------------

    def candidates(self, day: date) -> list[AttemptView]:
        """See :meth:`Planner.candidates`."""
        return self._planner.candidates(day)

    def plan(
        self, day: date, branch_id: int | None = None, *, any_hour: bool = False
    ) -> list[AttemptView]:
        """See :meth:`Planner.plan`."""
        return self._planner.plan(day, branch_id, any_hour=any_hour)

    def plan_evening(self) -> int:
        """See :meth:`Planner.plan_evening`."""
        return self._planner.plan_evening()

    def may_call(self, branch_id: int, moment: datetime | None = None) -> bool:
        """See :meth:`Planner.may_call`."""
        return self._planner.may_call(branch_id, moment)

    # --- Dialling ----------------------------------------------------------------------

    def due(self, limit: int = 100) -> list[AttemptView]:
        """Planned attempts that may be dialled now, the soonest appointment first."""
        with self._database.transaction() as session:
            return [view(session, row) for row in self._due(session, limit)]

    def _due(self, session: Session, limit: int) -> list[Attempt]:
        open_now = [b.id for b in self._directory.branches() if self.may_call(b.id)]
        now = self._clock.now()
        query = (
            select(Attempt)
            .join(Appointment, Appointment.id == Attempt.appointment_id)
            .where(
                Attempt.status == "planned",
                Attempt.starts_at == BEGINS,
                or_(Attempt.not_before.is_(None), Attempt.not_before <= now),
                Appointment.status == "booked",
                now < BEGINS,
                or_(Appointment.branch_id.in_(open_now), Attempt.any_hour),
            )
            .order_by(BEGINS, Attempt.id)
            .limit(limit)
        )
        return list(session.scalars(query))

    def outstanding(self) -> int:
        """How many attempts are due now or being dialled."""
        with self._database.transaction() as session:
            busy = select(func.count()).select_from(Attempt).where(Attempt.status.in_(BUSY))
            return int(session.execute(busy).scalar_one()) + len(self._due(session, 1000))

    def waiting(self) -> int:
        """How many attempts are planned, due or not."""
        with self._database.transaction() as session:
            planned = select(func.count()).select_from(Attempt).where(Attempt.status == "planned")
            return int(session.execute(planned).scalar_one())

    def claim(self, lines: int) -> AttemptView | None:
        """Take the next attempt to dial, now ``dialling`` with a call id of its own;
        ``None`` when nothing is due or all ``lines`` are busy. Whoever has asked since the
        planning not to be called is skipped."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            busy = select(func.count()).select_from(Attempt).where(Attempt.status.in_(BUSY))
            if int(session.execute(busy).scalar_one()) >= lines:
                return None
            for row in self._due(session, 100):
                if outcome := self._planner.objection(session, view(session, row)):
                    row.status, row.outcome, row.ended_at = "skipped", outcome, self._clock.now()
                    if outcome == "no_birth_date":
                        self._planner.leave_to_reception(session, view(session, row))
                    announce(self._stream, session, [row])
                elif self._take(session, row.id, str(uuid.uuid4())):
                    return view(session, load(session, row.id))
            return None

    def mark_dialling(self, attempt_id: int, call_id: str | None = None) -> bool:
        """Take one attempt; False when somebody has taken it before. Only who gets True
        may dial."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            return self._take(session, attempt_id, call_id or str(uuid.uuid4()))

    def _take(self, session: Session, attempt_id: int, call_id: str) -> bool:
        taken = session.scalar(
            update(Attempt)
            .where(Attempt.id == attempt_id, Attempt.status == "planned")
            .values(status="dialling", call_id=call_id, dialled_at=self._clock.now())
            .returning(Attempt.id)
        )
        if taken is None:
            return False
        announce(self._stream, session, [load(session, attempt_id)])
        return True

    # --- What became of them -----------------------------------------------------------

    def get(self, attempt_id: int) -> AttemptView:
        """One attempt."""
        with self._database.transaction() as session:
            return view(session, load(session, attempt_id))

    def of_call(self, call_id: str) -> AttemptView | None:
        """The attempt a call belongs to."""
        with self._database.transaction() as session:
            row = session.scalar(select(Attempt).where(Attempt.call_id == call_id))
            return view(session, row) if row is not None else None

    def mark_answered(self, attempt_id: int) -> AttemptView:
        """Somebody picked up."""
        return self._change(attempt_id, "answered", "")

    def finish(self, attempt_id: int, outcome: Outcome) -> AttemptView:
        """How it went. What came first stands: finishing again changes nothing."""
        return self._change(attempt_id, "failed" if outcome in FAILURES else "done", outcome)

    def reconcile(self, present: Collection[str] = ()) -> list[int]:
        """Close attempts nobody will close any more: their call is over, or there never
        was one and it is not among the switch's ``present`` calls. Returns their ids."""
        limit = self._clock.now() - UNKNOWN_AFTER
        query = (
            select(Attempt, Call.status)
            .outerjoin(Call, Call.id == Attempt.call_id)
            .where(Attempt.status.in_(BUSY))
        )
        with self._database.transaction() as session:
            self._stream.lock(session)
            closed = []
            for row, call_status in session.execute(query).all():
                gone = call_status is None and row.call_id not in present
                if call_status == "ended":
                    answered = row.status == "answered"
                    row.status = "done" if answered else "failed"
                    row.outcome = "no_decision" if answered else "unknown"
                elif gone and row.dialled_at is not None and row.dialled_at < limit:
                    row.status, row.outcome = "failed", "unknown"
                else:
                    continue
                row.ended_at = self._clock.now()
                closed.append(row)
            announce(self._stream, session, closed)
            return [row.id for row in closed]

    def skip_changed(self) -> int:
        """Skip planned attempts whose appointment was confirmed, moved or cancelled, or has
        begun; returns how many."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            return self._planner.skip_changed(session)

    def _change(self, attempt_id: int, status: str, outcome: str) -> AttemptView:
        with self._database.transaction() as session:
            self._stream.lock(session)
            row = load(session, attempt_id)
            if row.status != status and TRANSITIONS[row.status]:
                if status not in TRANSITIONS[row.status]:
                    raise Conflict(f"An attempt that is {row.status} cannot become {status}.")
                row.status, row.outcome = status, outcome
                if status != "answered":
                    row.ended_at = self._clock.now()
                announce(self._stream, session, [row])
                if outcome in TRIED_AGAIN:
                    self._try_again(session, row)
            return view(session, row)

    def _try_again(self, session: Session, failed: Attempt) -> None:
        """Plan the next try, as often as the clinic wants; calling hours and a changed
        appointment are looked at when it is due."""
        settings = self._directory.clinic().settings
        tries = select(func.count()).where(
            Attempt.appointment_id == failed.appointment_id,
            Attempt.purpose == failed.purpose,
            Attempt.starts_at == failed.starts_at,
        )
        if session.execute(tries).scalar_one() >= int(settings.get("reminder_tries", TRIES)):
            return
        pause = timedelta(minutes=float(settings.get("reminder_retry_minutes", RETRY_MINUTES)))
        wanted = replace(view(session, failed), step=failed.step + 1, starts_at=failed.starts_at)
        again = self._planner.add(
            session, wanted, any_hour=failed.any_hour, not_before=self._clock.now() + pause
        )
        if again is not None:
            announce(self._stream, session, [again])
