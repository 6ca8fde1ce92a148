"""The agenda as the console shows it: professionals side by side, a day or a week."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, selectinload

from ivr.agents.viewer import Viewer
from ivr.clinic.desk import BranchInfo, ProfessionalInfo
from ivr.clinic.directory import Directory
from ivr.clinic.model import (
    TAKES_TIME,
    Appointment,
    Branch,
    Professional,
    ProfessionalHours,
)
from ivr.clinic.opening import Calendar, at
from ivr.clock import Clock, local
from ivr.database import Database
from ivr.errors import NotFound

WEEK = 7


class Stretch(BaseModel):
    """From one moment to another, UTC."""

    starts_at: datetime
    ends_at: datetime


class AgendaEntry(BaseModel):
    """An appointment, or a slot held for somebody who is deciding."""

    id: int
    reference: str
    status: str
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None
    patient_id: int | None
    patient_name: str
    service_id: int
    service: str
    professional_id: int
    call_id: str | None
    source: str
    notes: str


class AgendaColumn(BaseModel):
    """The day of one professional."""

    professional: ProfessionalInfo
    working: list[Stretch]
    away: str
    """Why they are away that day; empty when they are not."""
    entries: list[AgendaEntry]


class AgendaDay(BaseModel):
    """A branch's day; ``day`` is local to ``branch.zone``."""

    day: date
    branch: BranchInfo
    opening: list[Stretch]
    holiday: str
    """Its name, when the branch is closed for one."""
    columns: list[AgendaColumn]


class AgendaWeek(BaseModel):
    """A branch's week, Monday first."""

    branch: BranchInfo
    first: date
    days: list[AgendaDay]


class AgendaDesk:
    """Reads the agenda for one viewer at a time."""

    def __init__(self, database: Database, clock: Clock, directory: Directory) -> None:
        self._database = database
        self._clock = clock
        self._directory = directory

    def day(
        self, viewer: Viewer, day: date | None = None, branch_id: int | None = None
    ) -> AgendaDay:
        """The agenda of ``day`` (today at the branch when not given), side by side."""
        with self._database.read() as session:
            branch, wanted = self._where_and_when(session, viewer, day, branch_id)
            return self._days(session, branch, [wanted])[0]

    def week(
        self, viewer: Viewer, day: date | None = None, branch_id: int | None = None
    ) -> AgendaWeek:
        """The week ``day`` (today when not given) is in."""
        with self._database.read() as session:
            branch, wanted = self._where_and_when(session, viewer, day, branch_id)
            first = wanted - timedelta(days=wanted.weekday())
            days = [first + timedelta(days=n) for n in range(WEEK)]
            return AgendaWeek(
                branch=_branch(branch), first=first, days=self._days(session, branch, days)
            )

    def _where_and_when(
        self, session: Session, viewer: Viewer, day: date | None, branch_id: int | None
    ) -> tuple[Branch, date]:
        wanted = viewer.branch_or_own(branch_id)
        chosen = select(Branch).order_by(Branch.id).limit(1)
        if wanted is not None:
            chosen = chosen.where(Branch.id == wanted)
        branch = session.scalar(chosen)
        if branch is None:
            raise NotFound("There is no such branch.")
        return branch, day or local(self._clock.now(), branch.zone).date()

    def _days(self, session: Session, branch: Branch, days: list[date]) -> list[AgendaDay]:
        calendar = self._directory.setup().calendars.get(branch.id)
        if calendar is None:
            raise NotFound("There is no such branch.")
        entries = _entries(session, branch, days)
        hours = session.scalars(
            select(ProfessionalHours)
            .where(ProfessionalHours.branch_id == branch.id)
            .order_by(ProfessionalHours.starts)
        ).all()
        people = session.scalars(
            select(Professional)
            .where(
                Professional.id.in_({x.professional_id for x in hours})
                | Professional.id.in_({x.professional_id for x in entries})
            )
            .options(selectinload(Professional.leave))
            .order_by(Professional.id)
        ).all()
        return [
            AgendaDay(
                day=day,
                branch=_branch(branch),
                opening=[Stretch(starts_at=a, ends_at=b) for a, b in calendar.opening(day)],
                holiday=calendar.holiday(day),
                columns=list(_columns(calendar, day, people, hours, entries)),
            )
            for day in days
        ]


def _branch(row: Branch) -> BranchInfo:
    return BranchInfo.model_validate(row, from_attributes=True)


def _entries(session: Session, branch: Branch, days: list[date]) -> list[AgendaEntry]:
    begin = at(days[0], time(), branch.zone)
    end = at(days[-1] + timedelta(days=1), time(), branch.zone)
    starts = func.lower(Appointment.during)
    rows = session.scalars(
        select(Appointment)
        .where(
            Appointment.branch_id == branch.id,
            Appointment.status.in_(TAKES_TIME),
            starts >= begin - timedelta(days=1),
            starts < end,
            Appointment.during.op("&&")(Range(begin, end)),
        )
        .options(selectinload(Appointment.patient), selectinload(Appointment.service))
        .order_by(starts)
    )
    return [_entry(row) for row in rows]


def _columns(
    calendar: Calendar,
    day: date,
    people: Iterable[Professional],
    hours: Iterable[ProfessionalHours],
    entries: list[AgendaEntry],
) -> Iterable[AgendaColumn]:
    """Whoever works, is away or has patients that day."""
    begin = at(day, time(), calendar.zone)
    end = at(day + timedelta(days=1), time(), calendar.zone)
    closed = bool(calendar.holiday(day))
    for person in people:
        away = next(
            (x.reason or "ausente" for x in person.leave if x.first_day <= day <= x.last_day), ""
        )
        own = [
            x
            for x in entries
            if x.professional_id == person.id and x.starts_at < end and x.ends_at > begin
        ]
        working = [
            Stretch(
                starts_at=at(day, x.starts, calendar.zone), ends_at=at(day, x.ends, calendar.zone)
            )
            for x in hours
            if x.professional_id == person.id and x.weekday == day.weekday()
        ]
        if own or working or away:
            yield AgendaColumn(
                professional=ProfessionalInfo.model_validate(person, from_attributes=True),
                working=[] if away or closed else working,
                away=away,
                entries=own,
            )


def _entry(row: Appointment) -> AgendaEntry:
    assert row.during.lower is not None and row.during.upper is not None
    return AgendaEntry(
        id=row.id,
        reference=row.reference or "",
        status=row.status,
        starts_at=row.during.lower,
        ends_at=row.during.upper,
        held_until=row.held_until,
        patient_id=row.patient_id,
        patient_name=row.patient.full_name if row.patient else "",
        service_id=row.service_id,
        service=row.service.name,
        professional_id=row.professional_id,
        call_id=row.call_id,
        source=row.source,
        notes=row.notes,
    )
