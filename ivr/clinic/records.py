"""Patients' files as reception keeps them: opened, completed, annotated, compared."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import phonenumbers
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ivr.calls.stream import EventStream, Outgoing
from ivr.clinic import finding, likeness, search
from ivr.clinic.directory import Directory
from ivr.clinic.likeness import Identity, Reason
from ivr.clinic.model import Patient, PatientNote, PatientPhone
from ivr.clinic.patients import clean_name, patient_view
from ivr.clinic.schemas import PatientView
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import InvalidInput, NotFound
from ivr.flow.events import PatientChanged
from ivr.language.documents import DNI_LETTERS, check_letter

_SPANISH = re.compile(rf"[\dXYZ]\d{{7}}[{DNI_LETTERS}A-Z]")
NAMESAKES = 60
"""How many files of a like name are compared."""


@dataclass(frozen=True)
class FileData:
    """What reception writes into a file. All of it is personal data."""

    given: str
    family: str
    birth_date: date | None = None
    document: str = ""
    numbers: tuple[str, ...] = ()
    email: str = ""
    language: str = "es-ES"
    preferred_channel: str = "call"
    warnings: str = ""
    notes: str = ""
    balance_cents: int = 0
    pending_documents: tuple[str, ...] = ()
    home_branch_id: int | None = None


@dataclass(frozen=True)
class Likely:
    """A file that may be of the same person. ``score`` 0–100."""

    patient: PatientView
    numbers: tuple[str, ...]
    document: str
    score: int
    reasons: tuple[Reason, ...]


class Records:
    """Writes patients' files; every change is an event."""

    def __init__(
        self, database: Database, clock: Clock, stream: EventStream, directory: Directory
    ) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream
        self._directory = directory

    def create(self, data: FileData, *, agent: str) -> PatientView:
        """A new file."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            row = Patient(provisional=False)
            session.add(row)
            self._write(session, row, data)
            self._publish(session, row, "created", agent)
            return patient_view(row)

    def edit(self, patient_id: int, data: FileData, *, agent: str) -> PatientView:
        """Replace what a file says; it is complete from now on."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            row = load(session, patient_id)
            row.provisional = False
            self._write(session, row, data)
            self._publish(session, row, "edited", agent)
            return patient_view(row)

    def add_note(
        self, patient_id: int, text: str, *, user_id: int, agent: str, call_id: str | None
    ) -> int:
        """Add a note with its author; returns its id."""
        text = text.strip()
        if not text:
            raise InvalidInput("Write something first.")
        with self._database.transaction() as session:
            self._stream.lock(session)
            row = load(session, patient_id)
            note = PatientNote(
                patient_id=row.id, user_id=user_id, call_id=call_id, at=self._clock.now(), text=text
            )
            session.add(note)
            session.flush()
            self._publish(session, row, "noted", agent)
            return note.id

    def duplicates(self, data: FileData, *, of: int | None = None, limit: int = 5) -> list[Likely]:
        """Files that may be of the same person, likeliest first. ``of``: the file itself,
        left out."""
        wanted = Identity(
            data.given,
            data.family,
            data.birth_date,
            _document(data.document),
            frozenset(self._numbers(data.numbers, strict=False)),
        )
        with self._database.transaction() as session:
            ids = self._like(session, wanted) - {of}
            rows = session.scalars(
                select(Patient)
                .where(Patient.id.in_(ids), Patient.merged_into_id.is_(None))
                .options(selectinload(Patient.phones))
            ).all()
            found = [_likely(row, wanted) for row in rows]
        suggested = [one for one in found if one.score >= likeness.SUGGESTED]
        return sorted(suggested, key=lambda one: (-one.score, one.patient.id))[:limit]

    def duplicates_of(self, patient_id: int, *, limit: int = 5) -> list[Likely]:
        """Files that may be the same person as this one."""
        with self._database.transaction() as session:
            row = load(session, patient_id)
            data = FileData(
                given=row.given,
                family=row.family,
                birth_date=row.birth_date,
                document=row.document or "",
                numbers=tuple(phone.number for phone in row.phones),
            )
        return self.duplicates(data, of=patient_id, limit=limit)

    # --- Within a transaction ----------------------------------------------------------

    def _like(self, session: Session, wanted: Identity) -> set[int | None]:
        found: set[int | None] = set()
        name = f"{wanted.given} {wanted.family}".strip()
        for text in (name, wanted.document, *wanted.numbers):
            if len(text) >= search.SHORTEST_END:
                hits = finding.find(session, text, limit=NAMESAKES)
                found |= {hit.patient.id for hit in hits}
        return found

    def _write(self, session: Session, row: Patient, data: FileData) -> None:
        given, family = clean_name(data.given), clean_name(data.family)
        if not given or not family:
            raise InvalidInput("A file needs a given name and a family name.")
        if data.birth_date is not None and data.birth_date > self._clock.now().date():
            raise InvalidInput("The date of birth is in the future.", code="born_in_future")
        row.given, row.family, row.birth_date = given, family, data.birth_date
        row.document = _document(data.document, strict=True) or None
        row.email, row.language = data.email.strip(), data.language
        row.preferred_channel = data.preferred_channel
        row.warnings, row.notes = data.warnings.strip(), data.notes.strip()
        row.balance_cents = data.balance_cents
        row.pending_documents = [x for one in data.pending_documents if (x := one.strip())]
        row.home_branch_id = data.home_branch_id
        numbers = self._numbers(data.numbers)
        kept = {phone.number: phone for phone in row.phones}
        row.phones[:] = [kept.get(one) or PatientPhone(number=one) for one in numbers]
        found_by = search.index(given, family, row.document, numbers)
        row.search_keys, row.search_words = found_by["search_keys"], found_by["search_words"]
        session.flush()

    def _numbers(self, numbers: Iterable[str], *, strict: bool = True) -> list[str]:
        """In E.164; ``strict``: raise for what is no number."""
        country = self._directory.clinic().country.upper()
        found: list[str] = []
        for text in filter(None, map(str.strip, numbers)):
            try:
                number = phonenumbers.parse(text, country)
                possible = phonenumbers.is_possible_number(number)
            except phonenumbers.NumberParseException:
                possible = False
            if possible:
                written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
                found += [] if written in found else [written]
            elif strict:
                raise InvalidInput("That is not a phone number.", code="wrong_number")
        return found

    def _publish(self, session: Session, row: Patient, change: str, agent: str) -> None:
        event = PatientChanged.model_validate(
            {"patient_id": row.id, "change": change, "agent": agent}
        )
        self._stream.add(session, [Outgoing(event, branch_id=row.home_branch_id)])


def load(session: Session, patient_id: int) -> Patient:
    """A file that stands by itself; :class:`NotFound` for one put into another."""
    found = session.get(Patient, patient_id)
    if found is None or found.merged_into_id is not None:
        raise NotFound("There is no such patient.")
    return found


def identity(row: Patient) -> Identity:
    """What tells this patient from others."""
    return Identity(
        row.given,
        row.family,
        row.birth_date,
        row.document or "",
        frozenset(phone.number for phone in row.phones),
    )


def _document(text: str, *, strict: bool = False) -> str:
    """Normalised. ``strict``: raise for a DNI or NIE whose letter is wrong."""
    compact = re.sub(r"[^A-Z0-9]", "", text.upper())
    if strict and _SPANISH.fullmatch(compact) and compact[-1] != check_letter(compact[:-1]):
        raise InvalidInput(
            "The letter does not belong to that number: look at the document again.",
            code="wrong_document",
        )
    return compact[:20]


def _likely(row: Patient, wanted: Identity) -> Likely:
    known = identity(row)
    score, reasons = likeness.compared(wanted, known)
    numbers: Sequence[str] = sorted(known.numbers)
    return Likely(patient_view(row), tuple(numbers), known.document, score, reasons)
