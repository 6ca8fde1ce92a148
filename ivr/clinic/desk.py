"""The clinic as the console shows it: who works when, and the agenda of a day."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, selectinload

from ivr.agents.access import visible_patient
from ivr.agents.model import User
from ivr.agents.viewer import Viewer
from ivr.clinic.model import (
    TAKES_TIME,
    Appointment,
    Branch,
    Clinic,
    OpeningHours,
    Patient,
    Professional,
    ProfessionalHours,
    Service,
)
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import NotFound


class BranchInfo(BaseModel):
    """A place of the clinic."""

    id: int
    name: str
    city: str
    country: str
    zone: str
    address: str
    phone: str


class ProfessionalInfo(BaseModel):
    """Somebody who treats patients."""

    id: int
    title: str
    given: str
    family: str
    specialty: str


class ServiceInfo(BaseModel):
    """Something that can be booked."""

    id: int
    code: str
    name: str
    specialty: str
    minutes: int


class ColleagueInfo(BaseModel):
    """Somebody who takes calls, by the name events know them by."""

    username: str
    name: str


class ClinicInfo(BaseModel):
    """The clinic, its places, people and services, as far as the viewer works with them."""

    name: str
    country: str
    language: str
    currency: str
    branches: list[BranchInfo]
    professionals: list[ProfessionalInfo]
    services: list[ServiceInfo]
    colleagues: list[ColleagueInfo]


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
    columns: list[AgendaColumn]


class ClinicDesk:
    """Reads the clinic for one viewer at a time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def info(self, viewer: Viewer) -> ClinicInfo:
        """The clinic with the viewer's branches."""
        with self.database.transaction() as session:
            clinic = session.scalar(select(Clinic).limit(1))
            branches = [
                BranchInfo.model_validate(row, from_attributes=True)
                for row in session.scalars(select(Branch).order_by(Branch.id))
                if viewer.sees_branch(row.id)
            ]
            return ClinicInfo(
                name=clinic.name if clinic else "",
                country=clinic.country if clinic else "es",
                language=clinic.language if clinic else "es-ES",
                currency="MXN" if clinic and clinic.country == "mx" else "EUR",
                branches=branches,
                professionals=[
                    ProfessionalInfo.model_validate(row, from_attributes=True)
                    for row in session.scalars(
                        select(Professional).where(Professional.active).order_by(Professional.id)
                    )
                ],
                services=[
                    ServiceInfo.model_validate(row, from_attributes=True)
                    for row in session.scalars(select(Service).order_by(Service.position))
                ],
                colleagues=[
                    ColleagueInfo.model_validate(row, from_attributes=True)
                    for row in session.scalars(
                        select(User).where(User.active).order_by(User.username)
                    )
                ],
            )

    def demand_patient(self, viewer: Viewer, patient_id: int) -> None:
        """Raise :class:`NotFound` unless the patient is the viewer's to see."""
        with self.database.transaction() as session:
            known = select(Patient.id).where(Patient.id == patient_id, visible_patient(viewer))
            if session.scalar(known) is None:
                raise NotFound("There is no such patient among those you may see.")

    def seen_patients(self, viewer: Viewer, patient_ids: Iterable[int]) -> set[int]:
        """Those among ``patient_ids`` that are the viewer's to see."""
        with self.database.transaction() as session:
            known = select(Patient.id).where(Patient.id.in_(patient_ids), visible_patient(viewer))
            return set(session.scalars(known))

    def day(
        self, viewer: Viewer, day: date | None = None, branch_id: int | None = None
    ) -> AgendaDay:
        """The agenda of ``day`` (today at the branch when not given), side by side."""
        wanted = viewer.branch_or_own(branch_id)
        with self.database.transaction() as session:
            chosen = select(Branch).order_by(Branch.id).limit(1)
            if wanted is not None:
                chosen = chosen.where(Branch.id == wanted)
            branch = session.scalar(chosen)
            if branch is None:
                raise NotFound("There is no such branch.")
            zone = ZoneInfo(branch.zone)
            if day is None:
                day = self.clock.now().astimezone(zone).date()
            hours = session.scalars(
                select(OpeningHours)
                .where(OpeningHours.branch_id == branch.id, OpeningHours.weekday == day.weekday())
                .order_by(OpeningHours.opens)
            )
            return AgendaDay(
                day=day,
                branch=BranchInfo.model_validate(branch, from_attributes=True),
                opening=[_stretch(day, row.opens, row.closes, zone) for row in hours],
                columns=_columns(session, branch, day, zone),
            )


def _stretch(day: date, starts: time, ends: time, zone: ZoneInfo) -> Stretch:
    return Stretch(
        starts_at=datetime.combine(day, starts, zone), ends_at=datetime.combine(day, ends, zone)
    )


def _columns(session: Session, branch: Branch, day: date, zone: ZoneInfo) -> list[AgendaColumn]:
    midnight = datetime.combine(day, time(), zone)
    next_midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    entries: dict[int, list[AgendaEntry]] = {}
    for row in session.scalars(
        select(Appointment)
        .where(
            Appointment.branch_id == branch.id,
            Appointment.status.in_(TAKES_TIME),
            func.lower(Appointment.during) >= midnight - timedelta(days=1),
            func.lower(Appointment.during) < next_midnight,
            Appointment.during.op("&&")(Range(midnight, next_midnight)),
        )
        .options(selectinload(Appointment.patient), selectinload(Appointment.service))
        .order_by(func.lower(Appointment.during))
    ):
        entries.setdefault(row.professional_id, []).append(_entry(row))
    working: dict[int, list[Stretch]] = {}
    for hours in session.scalars(
        select(ProfessionalHours)
        .where(ProfessionalHours.branch_id == branch.id, ProfessionalHours.weekday == day.weekday())
        .order_by(ProfessionalHours.starts)
    ):
        working.setdefault(hours.professional_id, []).append(
            _stretch(day, hours.starts, hours.ends, zone)
        )
    of_branch = select(ProfessionalHours.professional_id).where(
        ProfessionalHours.branch_id == branch.id
    )
    columns = []
    for person in session.scalars(
        select(Professional)
        .where(Professional.id.in_(of_branch) | Professional.id.in_(entries))
        .options(selectinload(Professional.leave))
        .order_by(Professional.id)
    ):
        away = next(
            (x.reason or "ausente" for x in person.leave if x.first_day <= day <= x.last_day), ""
        )
        own = entries.get(person.id, [])
        stretches = [] if away else working.get(person.id, [])
        if own or stretches or away:
            columns.append(
                AgendaColumn(
                    professional=ProfessionalInfo.model_validate(person, from_attributes=True),
                    working=stretches,
                    away=away,
                    entries=own,
                )
            )
    return columns


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
