"""Whom a number most likely is, of calls in which nobody said who they were."""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    any_,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from ivr.agents.access import visible_patient
from ivr.agents.viewer import Viewer
from ivr.calls.model import Call
from ivr.clinic.model import Patient, PatientPhone


def likely_names(session: Session, viewer: Viewer, calls: Sequence[Call]) -> dict[str, str]:
    """By id of the call, the only patient of its number whom the viewer may see: the one the
    live list shows."""
    numbers = {
        call.id: call.dnis if call.direction == "outbound" else call.ani
        for call in calls
        if call.patient_id is None
    }
    if not any(numbers.values()):
        return {}
    names: dict[str, dict[int, str]] = {}
    for number, patient in session.execute(
        select(PatientPhone.number, Patient)
        .join(Patient, Patient.id == PatientPhone.patient_id)
        .where(
            PatientPhone.number.in_({number for number in numbers.values() if number}),
            Patient.merged_into_id.is_(None),
            visible_patient(viewer),
        )
    ):
        names.setdefault(number, {})[patient.id] = patient.full_name
    found = {call_id: list(names.get(number, {}).values()) for call_id, number in numbers.items()}
    return {call_id: whose[0] for call_id, whose in found.items() if len(whose) == 1}


def named_in(session: Session, part: str) -> list[int]:
    """Patients whose name is like ``part``, a pattern of LIKE. All their names are read, so
    once for all that is asked about them."""
    return list(session.scalars(select(Patient.id).where(full_name(Patient).ilike(part))))


def of_named(session: Session, viewer: Viewer, patients: Sequence[int]) -> ColumnElement[bool]:
    """Calls of these patients, and those of which one of them is the likely name."""
    ids = any_(literal(patients, ARRAY(BigInteger)))
    phone = aliased(PatientPhone)
    numbers = session.scalars(
        select(PatientPhone.number)
        .join(Patient, Patient.id == PatientPhone.patient_id)
        .where(
            # few numbers first: only of them is it asked whose else they are
            PatientPhone.number.in_(select(phone.number).where(phone.patient_id == ids)),
            Patient.merged_into_id.is_(None),
            visible_patient(viewer),
        )
        .group_by(PatientPhone.number)
        .having(func.count() == 1, func.bool_or(Patient.id == ids))
    ).all()
    likely = any_(literal(numbers, ARRAY(String)))
    unsaid = Call.patient_id.is_(None)
    outbound: ColumnElement[str] = literal_column("'outbound'")
    return or_(
        Call.patient_id == ids,
        and_(unsaid, Call.direction != outbound, Call.ani == likely),
        and_(unsaid, Call.direction == outbound, Call.dnis == likely),
    )


def full_name(patient: type[Patient]) -> ColumnElement[str]:
    """As :attr:`Patient.full_name` has it."""
    return func.concat_ws(" ", patient.given, patient.family)
