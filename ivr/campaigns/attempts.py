"""One try to reach a patient: how it is read, and announced when it changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.calls.stream import EventStream, Outgoing
from ivr.campaigns.model import Attempt
from ivr.clinic.model import Appointment
from ivr.errors import NotFound
from ivr.flow.events import AttemptChanged

Outcome = Literal[
    "confirmed", "cancelled", "queue", "no_answer", "busy", "wrong_person", "machine",
    "no_decision", "unreachable", "unknown", "opted_out", "no_number", "no_birth_date", "changed",
]  # fmt: skip
FAILURES = frozenset({"no_answer", "busy", "unreachable", "unknown"})
"""Outcomes of attempts that reached nobody."""
TRIED_AGAIN = frozenset({"no_answer", "busy"})
"""Outcomes after which the patient is called once more."""


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


def load(session: Session, attempt_id: int) -> Attempt:
    """One attempt's row, read anew."""
    row = session.get(Attempt, attempt_id, populate_existing=True)
    if row is None:
        raise NotFound("There is no such attempt.")
    return row


def view(session: Session, row: Attempt) -> AttemptView:
    """The attempt as it is passed around."""
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


def announce(stream: EventStream, session: Session, rows: Sequence[Attempt]) -> None:
    """Publish how attempts stand now, in the transaction that changed them."""
    session.flush()
    branches = {
        row.id: session.scalar(
            select(Appointment.branch_id).where(Appointment.id == row.appointment_id)
        )
        for row in rows
    }
    stream.add(
        session,
        [
            Outgoing(
                AttemptChanged(attempt_id=row.id, status=row.status, outcome=row.outcome),
                branch_id=branches[row.id],
            )
            for row in rows
        ],
    )
