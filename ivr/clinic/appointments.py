"""Reading appointments, and saying why the table refused one."""

from datetime import UTC, datetime
from typing import Any

from psycopg import errors as pg
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from ivr.clinic.model import Appointment
from ivr.clinic.schemas import AppointmentView
from ivr.errors import Conflict, NotFound, SlotTaken


def reference_taken(session: Session, text: str) -> bool:
    """Whether an appointment has this reference."""
    query = select(Appointment.id).where(Appointment.reference == text)
    return session.scalar(query) is not None


def flush(session: Session) -> None:
    """Write; what the constraints refuse is raised in the product's words."""
    try:
        session.flush()
    except IntegrityError as error:
        raise explained(error) from error


def explained(error: IntegrityError) -> Exception:
    """The constraint's refusal in the product's words."""
    cause = error.orig
    if isinstance(cause, pg.ExclusionViolation):
        if cause.diag.constraint_name == "ex_appointment_patient_time":
            return Conflict("The patient has another appointment then.", code="patient_busy")
        return SlotTaken("That time has just been taken: choose another.")
    if isinstance(cause, pg.ForeignKeyViolation):
        return NotFound("The patient, professional, service or branch does not exist.")
    return error


def selection() -> Select[Any]:
    """Appointments with all that a view of them needs."""
    return select(Appointment).options(
        joinedload(Appointment.patient),
        joinedload(Appointment.professional),
        joinedload(Appointment.branch),
        joinedload(Appointment.service),
    )


def load(session: Session, appointment_id: int) -> Appointment:
    """One appointment, read anew."""
    query = selection().where(Appointment.id == appointment_id)
    found = session.scalar(query.execution_options(populate_existing=True))
    if not isinstance(found, Appointment):
        raise NotFound("There is no such appointment.")
    return found


def bounds(appointment: Appointment) -> tuple[datetime, datetime]:
    """Start and end, UTC."""
    during = appointment.during
    assert during.lower is not None and during.upper is not None
    return during.lower.astimezone(UTC), during.upper.astimezone(UTC)


def view(row: Appointment) -> AppointmentView:
    """The appointment as it is passed around."""
    starts_at, ends_at = bounds(row)
    doctor = row.professional
    return AppointmentView(
        id=row.id,
        reference=row.reference or "",
        status=row.status,
        starts_at=starts_at,
        ends_at=ends_at,
        patient_id=row.patient_id,
        patient_name=row.patient.full_name if row.patient else "",
        professional_id=row.professional_id,
        professional=f"{doctor.title} {doctor.family}".strip(),
        branch_id=row.branch_id,
        branch=row.branch.name,
        service_id=row.service_id,
        service=row.service.name,
        preparation=row.service.preparation,
        zone=row.branch.zone,
    )
