"""Reminder calls: who is to be called about which appointment, each dialled at most once.

An attempt is a row before it is a call. Claiming it (``planned`` → ``dialling``) is one
committed UPDATE that only one dialler can win; what happens after a crash is known from
the row: it fails as ``unknown`` and is not dialled again.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ivr.calls.model import Call
from ivr.calls.stream import EventStream, Outgoing
from ivr.campaigns.model import Attempt
from ivr.campaigns.profile import profile
from ivr.campaigns.status import BUSY, TRANSITIONS
from ivr.clinic.directory import Directory
from ivr.clinic.model import Appointment, PatientPhone
from ivr.clinic.opening import at
from ivr.clock import Clock, local
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.errors import Conflict, NotFound
from ivr.flow.events import AttemptChanged

PURPOSE = "reminder"
RING_S = 30
"""How long a patient's phone rings."""
UNKNOWN_AFTER = timedelta(seconds=RING_S + 60)
"""An attempt that is still ``dialling`` after so long, with no call, has been lost."""

EVENING_HOUR = 18
"""Local hour from which the next days' reminders are planned and called."""
MOST_DAYS_AHEAD = 5
"""Longest stretch of days without calls that is bridged (Easter, Christmas)."""

Outcome = Literal[
    "confirmed", "cancelled", "queue", "no_answer", "busy", "wrong_person", "machine",
    "no_decision", "unreachable", "unknown", "opted_out", "no_number", "changed",
]  # fmt: skip
FAILURES = frozenset({"no_answer", "busy", "unreachable", "unknown"})
"""Outcomes of attempts that reached nobody."""


@dataclass(frozen=True)
class AttemptView:
    """One try to reach a patient. ``number`` is personal data."""

    id: int
    appointment_id: int
    patient_id: int
    step: int
    number: str
    status: str
    outcome: str
    call_id: str | None
    branch_id: int
    starts_at: datetime


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
        self._ledger = Ledger(database, clock, stream)

    # --- Planning ----------------------------------------------------------------------

    def candidates(self, day: date) -> list[AttemptView]:
        """The appointments of a local ``day`` a reminder is due for and not planned yet,
        as attempts that do not exist (id 0). Reads only."""
        with self._database.read() as session:
            return self._candidates(session, day)

    def plan_evening(self) -> int:
        """What is planned every evening, branch by branch in its own time: everybody
        expected until the end of the next day on which calling is allowed. Returns how
        many attempts were added."""
        added = 0
        for branch in self._directory.branches():
            here = local(self._clock.now(), branch.zone)
            if here.hour < EVENING_HOUR:
                continue
            for ahead in range(1, MOST_DAYS_AHEAD + 1):
                day = here.date() + timedelta(days=ahead)
                added += len(self.plan(day, branch.id))
                if self.may_call(branch.id, at(day, time(12), branch.zone)):
                    break
        return added

    def plan(self, day: date, branch_id: int | None = None) -> list[AttemptView]:
        """Write the attempts for the appointments of a local ``day`` that nobody has
        confirmed; returns those added. Planning again adds nothing twice."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            added = []
            for wanted in self._candidates(session, day, branch_id):
                outcome = self._objection(wanted)
                new_id = session.scalar(
                    insert(Attempt)
                    .values(
                        appointment_id=wanted.appointment_id,
                        patient_id=wanted.patient_id,
                        purpose=PURPOSE,
                        step=wanted.step,
                        number=wanted.number,
                        status="skipped" if outcome else "planned",
                        outcome=outcome,
                        planned_at=self._clock.now(),
                    )
                    .on_conflict_do_nothing()
                    .returning(Attempt.id)
                )
                if new_id is not None:
                    added.append(_load(session, new_id))
            self._publish(session, added)
            return [_view(session, row) for row in added]

    def _candidates(
        self, session: Session, day: date, only: int | None = None
    ) -> list[AttemptView]:
        found = []
        number = (
            select(func.min(PatientPhone.number))
            .where(PatientPhone.patient_id == Appointment.patient_id)
            .scalar_subquery()
        )
        planned = select(Attempt.id).where(
            Attempt.appointment_id == Appointment.id, Attempt.purpose == PURPOSE
        )
        for branch in self._directory.branches():
            if only not in (None, branch.id):
                continue
            starts = func.lower(Appointment.during)
            rows = session.execute(
                select(Appointment, number)
                .where(
                    Appointment.branch_id == branch.id,
                    Appointment.status == "booked",
                    starts >= at(day, time.min, branch.zone),
                    starts < at(day + timedelta(days=1), time.min, branch.zone),
                    starts > self._clock.now(),
                    ~planned.exists(),
                )
                .order_by(starts, Appointment.id)
            )
            for row, phone in rows:
                assert row.patient_id is not None and row.during.lower is not None
                found.append(
                    AttemptView(
                        id=0,
                        appointment_id=row.id,
                        patient_id=row.patient_id,
                        step=1,
                        number=phone or "",
                        status="planned",
                        outcome="",
                        call_id=None,
                        branch_id=branch.id,
                        starts_at=row.during.lower,
                    )
                )
        return found

    def _objection(self, wanted: AttemptView) -> str:
        """Why this patient is not to be called; empty: they may be."""
        if not wanted.number:
            return "no_number"
        if self._ledger.refused(
            "automated_calls", patient_id=wanted.patient_id, number=wanted.number
        ):
            return "opted_out"
        return ""

    # --- Dialling ----------------------------------------------------------------------

    def may_call(self, branch_id: int, moment: datetime | None = None) -> bool:
        """Whether the country's calling hours of a branch allow a call now."""
        branch = self._directory.branch(branch_id)
        calendar = self._directory.setup().calendars[branch_id]
        return profile(branch.country).hours.allow(
            moment or self._clock.now(), branch.zone, lambda day: bool(calendar.holiday(day))
        )

    def due(self, limit: int = 100, *, any_hour: bool = False) -> list[AttemptView]:
        """Planned attempts that may be dialled now, the soonest appointment first."""
        with self._database.transaction() as session:
            return [_view(session, row) for row in self._due(session, limit, any_hour)]

    def _due(self, session: Session, limit: int, any_hour: bool) -> list[Attempt]:
        open_now = [b.id for b in self._directory.branches() if any_hour or self.may_call(b.id)]
        query = (
            select(Attempt)
            .join(Appointment, Appointment.id == Attempt.appointment_id)
            .where(
                Attempt.status == "planned",
                Appointment.status == "booked",
                func.lower(Appointment.during) > self._clock.now(),
                Appointment.branch_id.in_(open_now),
            )
            .order_by(func.lower(Appointment.during), Attempt.id)
            .limit(limit)
        )
        return list(session.scalars(query))

    def outstanding(self, *, any_hour: bool = False) -> int:
        """How many attempts are due now or being dialled."""
        with self._database.transaction() as session:
            busy = select(func.count()).select_from(Attempt).where(Attempt.status.in_(BUSY))
            return int(session.execute(busy).scalar_one()) + len(self._due(session, 1000, any_hour))

    def claim(self, lines: int, *, any_hour: bool = False) -> AttemptView | None:
        """Take the next attempt to dial, now ``dialling`` with a call id of its own;
        ``None`` when nothing is due or all ``lines`` are busy. Whoever has asked since the
        planning not to be called is skipped."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            busy = select(func.count()).select_from(Attempt).where(Attempt.status.in_(BUSY))
            if int(session.execute(busy).scalar_one()) >= lines:
                return None
            for row in self._due(session, 100, any_hour):
                if outcome := self._objection(_view(session, row)):
                    row.status, row.outcome, row.ended_at = "skipped", outcome, self._clock.now()
                    self._publish(session, [row])
                elif self._take(session, row.id, str(uuid.uuid4())):
                    return _view(session, _load(session, row.id))
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
        self._publish(session, [_load(session, attempt_id)])
        return True

    # --- What became of them -----------------------------------------------------------

    def get(self, attempt_id: int) -> AttemptView:
        """One attempt."""
        with self._database.transaction() as session:
            return _view(session, _load(session, attempt_id))

    def of_call(self, call_id: str) -> AttemptView | None:
        """The attempt a call belongs to."""
        with self._database.transaction() as session:
            row = session.scalar(select(Attempt).where(Attempt.call_id == call_id))
            return _view(session, row) if row is not None else None

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
            self._publish(session, closed)
            return [row.id for row in closed]

    def skip_changed(self) -> int:
        """Skip planned attempts whose appointment was confirmed, moved away or cancelled,
        or has begun; returns how many."""
        query = (
            select(Attempt)
            .join(Appointment, Appointment.id == Attempt.appointment_id)
            .where(
                Attempt.status == "planned",
                (Appointment.status != "booked")
                | (func.lower(Appointment.during) <= self._clock.now()),
            )
        )
        with self._database.transaction() as session:
            self._stream.lock(session)
            rows = list(session.scalars(query))
            for row in rows:
                row.status, row.outcome, row.ended_at = "skipped", "changed", self._clock.now()
            self._publish(session, rows)
            return len(rows)

    def _change(self, attempt_id: int, status: str, outcome: str) -> AttemptView:
        with self._database.transaction() as session:
            self._stream.lock(session)
            row = _load(session, attempt_id)
            if row.status != status and TRANSITIONS[row.status]:
                if status not in TRANSITIONS[row.status]:
                    raise Conflict(f"An attempt that is {row.status} cannot become {status}.")
                row.status, row.outcome = status, outcome
                if status != "answered":
                    row.ended_at = self._clock.now()
                self._publish(session, [row])
            return _view(session, row)

    def _publish(self, session: Session, rows: list[Attempt]) -> None:
        session.flush()
        branches = {
            row.id: session.scalar(
                select(Appointment.branch_id).where(Appointment.id == row.appointment_id)
            )
            for row in rows
        }
        self._stream.add(
            session,
            [
                Outgoing(
                    AttemptChanged(attempt_id=row.id, status=row.status, outcome=row.outcome),
                    branch_id=branches[row.id],
                )
                for row in rows
            ],
        )


def _load(session: Session, attempt_id: int) -> Attempt:
    row = session.get(Attempt, attempt_id, populate_existing=True)
    if row is None:
        raise NotFound("There is no such attempt.")
    return row


def _view(session: Session, row: Attempt) -> AttemptView:
    appointment = session.get_one(Appointment, row.appointment_id)
    assert appointment.during.lower is not None
    return AttemptView(
        id=row.id,
        appointment_id=row.appointment_id,
        patient_id=row.patient_id,
        step=row.step,
        number=row.number,
        status=row.status,
        outcome=row.outcome,
        call_id=row.call_id,
        branch_id=appointment.branch_id,
        starts_at=appointment.during.lower,
    )
