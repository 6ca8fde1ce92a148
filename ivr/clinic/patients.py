"""Patients: who is calling, their file, and finding it in spite of mistakes."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.agents.model import User
from ivr.calls.log import CallLog
from ivr.calls.schemas import CallView
from ivr.calls.stream import EventStream
from ivr.campaigns.model import Attempt
from ivr.clinic import finding, search
from ivr.clinic.appointments import selection, view
from ivr.clinic.finding import PatientHit
from ivr.clinic.model import Appointment, Patient, PatientMerge, PatientNote, PatientPhone
from ivr.clinic.schemas import AppointmentView, PatientView
from ivr.clock import Clock
from ivr.consent.ledger import ConsentView, Ledger
from ivr.database import Database
from ivr.errors import InvalidInput, NotFound
from ivr.tickets.service import Tickets, TicketView

_OF_NUMBER = b"""
SELECT p.id, p.given, p.family, p.birth_date, p.language, p.provisional
FROM patient p JOIN patient_phone n ON n.patient_id = p.id
WHERE n.number = %s AND p.merged_into_id IS NULL
ORDER BY p.birth_date NULLS LAST, p.id
"""
"""Asked at the beginning of each call, by those who take it and by those who show it."""


@dataclass(frozen=True)
class NoteView:
    """A note with its author."""

    id: int
    at: datetime
    author: str
    text: str
    call_id: str | None


@dataclass(frozen=True)
class RunningCampaign:
    """A call that is planned or being made to this patient."""

    purpose: str
    status: str
    step: int
    planned_at: datetime
    appointment_id: int


@dataclass(frozen=True)
class MergeView:
    """A file that was put into another."""

    id: int
    name: str
    at: datetime
    author: str


@dataclass(frozen=True)
class PatientFile:
    """What an agent sees of a patient. All of it is personal data."""

    patient: PatientView
    document: str
    email: str
    preferred_channel: str
    numbers: tuple[str, ...]
    warnings: str
    notes: str
    balance_cents: int
    home_branch_id: int | None
    pending_documents: tuple[str, ...]
    language: str
    note_list: tuple[NoteView, ...]
    next_visits: tuple[AppointmentView, ...]
    last_visits: tuple[AppointmentView, ...]
    consents: tuple[ConsentView, ...]
    tickets: tuple[TicketView, ...]
    calls: tuple[CallView, ...]
    campaigns: tuple[RunningCampaign, ...]
    merges: tuple[MergeView, ...]
    """Files that were put into this one, and can be taken out again."""


class Patients:
    """Finds, adds and shows patients."""

    def __init__(self, database: Database, clock: Clock, stream: EventStream) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream

    # --- Who is calling ----------------------------------------------------------------

    def get(self, patient_id: int) -> PatientView:
        """One patient."""
        with self._database.transaction() as session:
            return patient_view(_load(session, patient_id))

    def by_number(self, e164: str) -> list[PatientView]:
        """Everybody who can be reached at a number: a family shares one."""
        if not e164:
            return []
        found = self._database.ask(_OF_NUMBER, (e164,))
        return [PatientView(*row) for row in found]

    def by_number_and_birth_date(self, e164: str, birth_date: date) -> list[PatientView]:
        """The patients of a number born that day (twins: more than one)."""
        return [p for p in self.by_number(e164) if p.birth_date == birth_date]

    def by_document(self, document: str) -> PatientView | None:
        """The patient with a DNI, NIE or CURP, however it is written."""
        text = re.sub(r"[^A-Z0-9]", "", document.upper())
        if not text:
            return None
        with self._database.transaction() as session:
            query = (
                select(Patient)
                .where(Patient.document == text, Patient.merged_into_id.is_(None))
                .order_by(Patient.id)
                .limit(1)
            )
            found = session.scalar(query)
            return patient_view(found) if found is not None else None

    def create_provisional(
        self,
        given: str,
        family: str,
        number: str,
        birth_date: date | None = None,
        *,
        language: str = "es-ES",
        branch_id: int | None = None,
    ) -> PatientView:
        """A new caller who left name and number; reception completes the file. Somebody
        of that number with the same name (and birth date, if both are known) is taken to
        be the same person."""
        given, family = clean_name(given), clean_name(family)
        if not given and not family:
            raise InvalidInput("A patient needs a name.")
        for known in self.by_number(number):
            same = search.words(known.full_name) == search.words(f"{given} {family}")
            if same and (None in (known.birth_date, birth_date) or known.birth_date == birth_date):
                return known
        patient = Patient(
            given=given,
            family=family,
            birth_date=birth_date,
            language=language,
            home_branch_id=branch_id,
            provisional=True,
            **search.index(given, family, None, [number]),
        )
        if number:
            patient.phones.append(PatientPhone(number=number))
        with self._database.transaction() as session:
            session.add(patient)
            session.flush()
            return patient_view(patient)

    # --- The file ----------------------------------------------------------------------

    def file(self, patient_id: int) -> PatientFile:
        """Everything an agent needs when this patient calls."""
        now = self._clock.now()
        with self._database.transaction() as session:
            patient = _load(session, patient_id)
            visits = selection().where(Appointment.patient_id == patient_id)
            starts = func.lower(Appointment.during)
            coming = session.scalars(
                visits.where(starts >= now, Appointment.status.in_(("booked", "confirmed")))
                .order_by(starts)
                .limit(10)
            ).all()
            past = session.scalars(
                visits.where(
                    starts < now,
                    Appointment.status.in_(
                        ("booked", "confirmed", "arrived", "completed", "no_show")
                    ),
                )
                .order_by(starts.desc())
                .limit(10)
            ).all()
            numbers = tuple(phone.number for phone in patient.phones)
            notes, merges = _notes(session, patient_id), _merges(session, patient_id)
            campaigns = _campaigns(session, patient_id)
        log = CallLog(self._database, self._clock, self._stream)
        return PatientFile(
            patient=patient_view(patient),
            document=patient.document or "",
            email=patient.email,
            preferred_channel=patient.preferred_channel,
            numbers=numbers,
            warnings=patient.warnings,
            notes=patient.notes,
            balance_cents=patient.balance_cents,
            home_branch_id=patient.home_branch_id,
            pending_documents=tuple(patient.pending_documents),
            language=patient.language,
            note_list=notes,
            next_visits=tuple(view(row) for row in coming),
            last_visits=tuple(view(row) for row in past),
            consents=tuple(Ledger(self._database, self._clock, self._stream).of(patient_id)),
            tickets=tuple(
                Tickets(self._database, self._clock, self._stream).open_ones(patient_id=patient_id)
            ),
            calls=tuple(log.past(patient_id=patient_id, numbers=numbers, limit=10)),
            campaigns=campaigns,
            merges=merges,
        )

    def search(
        self, text: str, *, limit: int = 20, branch_id: int | None = None
    ) -> list[PatientHit]:
        """Patients by name, phone number or document, best first: see :func:`finding.find`.

        ``branch_id``: only those at home in that branch or in none.
        """
        with self._database.transaction() as session:
            return finding.find(session, text, limit=limit, branch_id=branch_id)


def patient_view(row: Patient) -> PatientView:
    """The part of a file a call needs."""
    return PatientView(
        id=row.id,
        given=row.given,
        family=row.family,
        birth_date=row.birth_date,
        language=row.language,
        provisional=row.provisional,
    )


def _notes(session: Session, patient_id: int) -> tuple[NoteView, ...]:
    rows = session.execute(
        select(PatientNote, User.name)
        .join(User, PatientNote.user_id == User.id, isouter=True)
        .where(PatientNote.patient_id == patient_id)
        .order_by(PatientNote.id.desc())
        .limit(30)
    )
    return tuple(NoteView(x.id, x.at, name or "", x.text, x.call_id) for x, name in rows)


def _merges(session: Session, patient_id: int) -> tuple[MergeView, ...]:
    rows = session.execute(
        select(PatientMerge, Patient, User.name)
        .join(Patient, Patient.id == PatientMerge.merged_id)
        .join(User, User.id == PatientMerge.user_id)
        .where(PatientMerge.kept_id == patient_id, PatientMerge.undone_at.is_(None))
        .order_by(PatientMerge.id.desc())
    )
    return tuple(MergeView(x.id, merged.full_name, x.at, name) for x, merged, name in rows)


def _campaigns(session: Session, patient_id: int) -> tuple[RunningCampaign, ...]:
    rows = session.scalars(
        select(Attempt)
        .where(
            Attempt.patient_id == patient_id,
            Attempt.status.in_(("planned", "dialling", "answered")),
        )
        .order_by(Attempt.planned_at)
        .limit(5)
    )
    return tuple(
        RunningCampaign(x.purpose, x.status, x.step, x.planned_at, x.appointment_id) for x in rows
    )


def _load(session: Session, patient_id: int) -> Patient:
    found = session.get(Patient, patient_id)
    if found is None:
        raise NotFound("There is no such patient.")
    return found


def clean_name(name: str) -> str:
    """Letters, spaces, hyphens and the like only, at most 80."""
    kept = "".join(c for c in name if c.isalpha() or c in " '-.")
    return re.sub(r"\s+", " ", kept).strip()[:80]
