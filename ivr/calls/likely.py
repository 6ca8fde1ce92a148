"""Whom a number most likely is, of calls in which nobody said who they were."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, func, select
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


def likely_named(viewer: Viewer, part: str) -> ColumnElement[bool]:
    """Calls whose likely name is like ``part``, a pattern of LIKE."""
    one, phone = aliased(Patient), aliased(PatientPhone)
    whose = select(phone.number).join(one, one.id == phone.patient_id)
    numbers = (
        select(PatientPhone.number)
        .join(Patient, Patient.id == PatientPhone.patient_id)
        .where(
            # few numbers first: only of them is it asked whose else they are
            PatientPhone.number.in_(whose.where(full_name(one).ilike(part))),
            Patient.merged_into_id.is_(None),
            visible_patient(viewer),
        )
        .group_by(PatientPhone.number)
        .having(func.count() == 1, func.bool_or(full_name(Patient).ilike(part)))
    )
    number = case((Call.direction == "outbound", Call.dnis), else_=Call.ani)
    return and_(Call.patient_id.is_(None), number.in_(numbers))


def full_name(patient: type[Patient]) -> ColumnElement[str]:
    """As :attr:`Patient.full_name` has it."""
    return func.concat_ws(" ", patient.given, patient.family)
