"""Planning reminder calls: whom to call about which appointment, and whom not."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ivr.calls.stream import EventStream
from ivr.campaigns.attempts import AttemptView, announce, load, view
from ivr.campaigns.model import Attempt
from ivr.campaigns.profile import profile
from ivr.clinic.directory import Directory
from ivr.clinic.model import Appointment, Patient, PatientPhone
from ivr.clinic.opening import at
from ivr.clock import Clock, local
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.tickets.service import Tickets

PURPOSE = "reminder"
EVENING_HOUR = 18
"""Local hour from which the next days' reminders are planned and called."""
MOST_DAYS_AHEAD = 5
"""Longest stretch of days without calls that is bridged (Easter, Christmas)."""

BEGINS = func.lower(Appointment.during)
"""When an appointment begins."""


class Planner:
    """Writes attempts; never dials. The methods that take a session work in the caller's
    transaction, which holds the stream's lock."""

    def __init__(
        self, database: Database, clock: Clock, stream: EventStream, directory: Directory
    ) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream
        self._directory = directory
        self._ledger = Ledger(database, clock, stream)
        self._tickets = Tickets(database, clock, stream)

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

    def plan(
        self, day: date, branch_id: int | None = None, *, any_hour: bool = False
    ) -> list[AttemptView]:
        """Write the attempts for the appointments of a local ``day`` that nobody has
        confirmed; returns those added. Planning again adds nothing twice.

        ``any_hour``: they, and those of the day that wait already, need not wait for the
        calling hours. Whose date of birth is not on file could not say who they are:
        reception calls them.
        """
        with self._database.transaction() as session:
            self._stream.lock(session)
            self.skip_changed(session)
            added = []
            for wanted in self._candidates(session, day, branch_id):
                outcome = self.objection(session, wanted)
                row = self.add(session, wanted, outcome, any_hour=any_hour)
                if row is not None:
                    added.append(row)
                    if outcome == "no_birth_date":
                        self.leave_to_reception(session, wanted)
            announce(self._stream, session, added)
            if any_hour:
                self._hurry(session, day, branch_id)
            return [view(session, row) for row in added]

    def add(
        self,
        session: Session,
        wanted: AttemptView,
        outcome: str = "",
        *,
        any_hour: bool = False,
        not_before: datetime | None = None,
    ) -> Attempt | None:
        """A new attempt, unless the appointment has one that is not over."""
        new_id = session.scalar(
            insert(Attempt)
            .values(
                appointment_id=wanted.appointment_id,
                patient_id=wanted.patient_id,
                purpose=PURPOSE,
                step=wanted.step,
                starts_at=wanted.starts_at,
                number=wanted.number,
                status="skipped" if outcome else "planned",
                outcome=outcome,
                any_hour=any_hour,
                not_before=not_before,
                planned_at=self._clock.now(),
            )
            .on_conflict_do_nothing()
            .returning(Attempt.id)
        )
        return None if new_id is None else load(session, new_id)

    def leave_to_reception(self, session: Session, wanted: AttemptView) -> None:
        """Make it a task that a person calls this patient."""
        branch = self._directory.branch(wanted.branch_id)
        name = session.get_one(Patient, wanted.patient_id).full_name
        when = local(wanted.starts_at, branch.zone)
        self._tickets.add(
            session,
            "reminder",
            summary=f"Recordar a {name} su cita del {when:%d/%m a las %H:%M}: "
            "no consta su fecha de nacimiento y el asistente no puede identificarle.",
            number=wanted.number,
            patient_id=wanted.patient_id,
            branch_id=wanted.branch_id,
            due_at=max(wanted.starts_at, self._clock.now()),
        )

    def _hurry(self, session: Session, day: date, only: int | None) -> None:
        """Let the planned attempts of a local day be dialled at any hour."""
        for branch in self._directory.branches():
            if only in (None, branch.id):
                session.execute(
                    update(Attempt)
                    .where(
                        Attempt.status == "planned",
                        Attempt.starts_at >= at(day, time.min, branch.zone),
                        Attempt.starts_at < at(day + timedelta(days=1), time.min, branch.zone),
                        Attempt.appointment_id.in_(
                            select(Appointment.id).where(Appointment.branch_id == branch.id)
                        ),
                    )
                    .values(any_hour=True)
                )

    def _candidates(
        self, session: Session, day: date, only: int | None = None
    ) -> list[AttemptView]:
        found = []
        number = (
            select(func.min(PatientPhone.number))
            .where(PatientPhone.patient_id == Appointment.patient_id)
            .scalar_subquery()
        )
        of_this = (Attempt.appointment_id == Appointment.id) & (Attempt.purpose == PURPOSE)
        planned = select(Attempt.id).where(of_this, Attempt.starts_at == BEGINS)
        last = select(func.coalesce(func.max(Attempt.step), 0)).where(of_this).scalar_subquery()
        for branch in self._directory.branches():
            if only not in (None, branch.id):
                continue
            rows = session.execute(
                select(Appointment, number, last)
                .where(
                    Appointment.branch_id == branch.id,
                    Appointment.status == "booked",
                    at(day, time.min, branch.zone) <= BEGINS,
                    at(day + timedelta(days=1), time.min, branch.zone) > BEGINS,
                    self._clock.now() < BEGINS,
                    ~planned.exists(),
                )
                .order_by(BEGINS, Appointment.id)
            )
            for row, phone, step in rows:
                assert row.patient_id is not None and row.during.lower is not None
                found.append(
                    AttemptView(
                        id=0,
                        appointment_id=row.id,
                        patient_id=row.patient_id,
                        step=step + 1,
                        number=phone or "",
                        status="planned",
                        outcome="",
                        call_id=None,
                        branch_id=branch.id,
                        starts_at=row.during.lower,
                    )
                )
        return found

    def objection(self, session: Session, wanted: AttemptView) -> str:
        """Why this patient is not to be called; empty: they may be."""
        if not wanted.number:
            return "no_number"
        if self._ledger.refused(
            "automated_calls", patient_id=wanted.patient_id, number=wanted.number
        ):
            return "opted_out"
        if session.get_one(Patient, wanted.patient_id).birth_date is None:
            return "no_birth_date"
        return ""

    def skip_changed(self, session: Session) -> int:
        """Skip planned attempts whose appointment was confirmed, moved or cancelled, or has
        begun; returns how many."""
        query = (
            select(Attempt)
            .join(Appointment, Appointment.id == Attempt.appointment_id)
            .where(
                Attempt.status == "planned",
                (Appointment.status != "booked")
                | (Attempt.starts_at != BEGINS)
                | (self._clock.now() >= BEGINS),
            )
        )
        rows = list(session.scalars(query))
        for row in rows:
            row.status, row.outcome, row.ended_at = "skipped", "changed", self._clock.now()
        announce(self._stream, session, rows)
        return len(rows)

    def may_call(self, branch_id: int, moment: datetime | None = None) -> bool:
        """Whether the country's calling hours of a branch allow a call now."""
        branch = self._directory.branch(branch_id)
        calendar = self._directory.setup().calendars[branch_id]
        return profile(branch.country).hours.allow(
            moment or self._clock.now(), branch.zone, lambda day: bool(calendar.holiday(day))
        )
