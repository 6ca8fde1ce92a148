"""The clinic as the console shows it, and what of it is whose to see."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ivr.agents.access import of_branch, visible_call, visible_patient
from ivr.agents.model import User
from ivr.agents.viewer import Viewer
from ivr.calls.model import Call
from ivr.clinic.directory import Directory
from ivr.clinic.model import Appointment, Branch, Clinic, Patient, Professional, Service
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import NotFound
from ivr.queues.service import Queues


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


class AbleProfessional(ProfessionalInfo):
    """What they do, and where."""

    service_ids: list[int]
    branch_ids: list[int]


class ServiceInfo(BaseModel):
    """Something that can be booked."""

    id: int
    code: str
    name: str
    specialty: str
    minutes: int


class ColleagueInfo(BaseModel):
    """Somebody who takes calls, by the name events know them by."""

    id: int
    branch_id: int | None
    username: str
    name: str


class QueueInfo(BaseModel):
    """A line, by the name events know it by."""

    name: str
    title: str


class ClinicInfo(BaseModel):
    """The clinic, its places, people and services, as far as the viewer works with them."""

    name: str
    country: str
    language: str
    currency: str
    branches: list[BranchInfo]
    professionals: list[AbleProfessional]
    services: list[ServiceInfo]
    colleagues: list[ColleagueInfo]
    queues: list[QueueInfo]
    """Those no longer used, too: events still tell of them."""


class BranchOpening(BaseModel):
    """Whether somebody is there to take a branch's calls, by the rule callers hear."""

    branch_id: int
    open: bool
    changes_at: datetime | None
    """When it closes or opens next; None where no opening is in sight."""


class Opening(BaseModel):
    """The viewer's branches at this moment of the server's clock."""

    now: datetime
    branches: list[BranchOpening]


class ClinicDesk:
    """Reads the clinic for one viewer at a time."""

    def __init__(self, database: Database, clock: Clock, directory: Directory) -> None:
        self.database = database
        self._clock = clock
        self._directory = directory

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
                    AbleProfessional(
                        **ProfessionalInfo.model_validate(row, from_attributes=True).model_dump(),
                        service_ids=sorted(x.id for x in row.services),
                        branch_ids=sorted({x.branch_id for x in row.hours}),
                    )
                    for row in session.scalars(
                        select(Professional)
                        .where(Professional.active)
                        .options(
                            selectinload(Professional.services), selectinload(Professional.hours)
                        )
                        .order_by(Professional.id)
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
                queues=[
                    QueueInfo.model_validate(row, from_attributes=True)
                    for row in Queues(self.database).ever(session)
                ],
            )

    def opening(self, viewer: Viewer) -> Opening:
        """Which of the viewer's branches are open."""
        now = self._clock.now()
        states = {
            branch.id: self._directory.opening(branch.id, now)
            for branch in self._directory.branches()
            if viewer.sees_branch(branch.id)
        }
        return Opening(
            now=now,
            branches=[
                BranchOpening(
                    branch_id=id, open=state.open, changes_at=state.closes or state.next_open
                )
                for id, state in states.items()
            ],
        )

    def demand_patient(self, viewer: Viewer, patient_id: int) -> None:
        """Raise :class:`NotFound` unless the patient is the viewer's to see."""
        with self.database.transaction() as session:
            known = select(Patient.id).where(Patient.id == patient_id, visible_patient(viewer))
            if session.scalar(known) is None:
                raise NotFound("There is no such patient among those you may see.")

    def demand(self, viewer: Viewer, patient_id: int | None, call_id: str | None) -> None:
        """Raise :class:`NotFound` unless both, where given, are the viewer's to see."""
        if patient_id is not None:
            self.demand_patient(viewer, patient_id)
        self.demand_call(viewer, call_id)

    def demand_appointment(self, viewer: Viewer, appointment_id: int) -> None:
        """Raise :class:`NotFound` unless the appointment is in the viewer's agenda."""
        with self.database.transaction() as session:
            known = select(Appointment.id).where(
                Appointment.id == appointment_id, of_branch(viewer, Appointment.branch_id)
            )
            if session.scalar(known) is None:
                raise NotFound("There is no such appointment among those you may see.")

    def demand_call(self, viewer: Viewer, call_id: str | None) -> None:
        """Raise :class:`NotFound` for a call the viewer may not read about."""
        if call_id is None:
            return
        with self.database.transaction() as session:
            known = select(Call.id).where(Call.id == call_id, visible_call(viewer))
            if session.scalar(known) is None:
                raise NotFound("There is no such call among those you may see.")

    def seen_patients(self, viewer: Viewer, patient_ids: Iterable[int]) -> set[int]:
        """Those among ``patient_ids``, ids of patients there are, that are the viewer's to
        see."""
        wanted = set(patient_ids)
        if viewer.branch_id is None or not wanted:
            return wanted
        with self.database.transaction() as session:
            known = select(Patient.id).where(Patient.id.in_(wanted), visible_patient(viewer))
            return set(session.scalars(known))
