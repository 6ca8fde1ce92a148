"""The demo clinic is believable, and the same again."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import phonenumbers
from sqlalchemy import func, select, text
from stdnum.es import dni
from stdnum.mx import curp

from ivr import reference
from ivr.agents import first_passwords
from ivr.agents.service import Accounts
from ivr.calls.stream import EventStream
from ivr.clinic import demo
from ivr.clinic.agenda import Agenda
from ivr.clinic.directory import Directory
from ivr.clinic.model import Appointment, Patient, PatientPhone, Professional
from ivr.clinic.patients import Patients
from ivr.clinic.schemas import SlotQuery
from ivr.clock import FixedClock, local
from ivr.database import Database


def test_the_demo_has_what_the_readme_promises(demo_clinic: Database, clock: FixedClock) -> None:
    directory = Directory(demo_clinic, clock)
    assert [b.city for b in directory.branches()] == ["Madrid", "Ciudad de México"]
    assert len(directory.professionals()) == 8
    assert len(directory.services(by_phone=False)) == 12
    assert sum(s.first_visit for s in directory.services()) == 1
    with demo_clinic.read() as session:
        assert session.scalar(select(func.count()).select_from(Patient)) == 400
        starts = func.lower(Appointment.during)
        first, last = session.execute(select(func.min(starts), func.max(starts))).one()
        assert first < clock.now() - timedelta(days=85)
        assert last > clock.now() + timedelta(days=55)
        past = Counter(session.scalars(select(Appointment.status).where(starts < clock.now())))
        assert past["completed"] > past["no_show"] > 0 < past["cancelled"]
        patterns = {
            tuple(sorted((h.weekday, h.starts, h.ends) for h in p.hours))
            for p in session.scalars(select(Professional))
        }
        assert len(patterns) == 8


def test_callers_named_in_the_readme_are_there(demo_clinic: Database, clock: FixedClock) -> None:
    stream = EventStream(demo_clinic, clock)
    patients = Patients(demo_clinic, clock, stream)
    assert len(patients.by_number("+34600000001")) == 3
    (single,) = patients.by_number("+34600000002")
    assert Agenda(demo_clinic, clock, stream).upcoming(single.id)
    assert len(patients.by_number("+525550000001")) == 2


def test_identity_documents_and_numbers_are_well_formed(demo_clinic: Database) -> None:
    with demo_clinic.read() as session:
        for patient in session.scalars(select(Patient)):
            document = patient.document
            spanish = patient.language == "es-ES"
            assert document is None or (dni if spanish else curp).is_valid(document)
            assert spanish or document
        numbers = Counter(session.scalars(select(PatientPhone.number)))
        assert max(numbers.values()) > 2
        assert all(phonenumbers.is_valid_number(phonenumbers.parse(n)) for n in numbers)
        for known in session.scalars(select(Appointment.reference)):
            assert known is not None and reference.valid(known)


def test_demo_appointments_respect_hours_holidays_and_leave(
    demo_clinic: Database, clock: FixedClock
) -> None:
    setup = Directory(demo_clinic, clock).setup()
    with demo_clinic.read() as session:
        for row in session.scalars(select(Appointment)):
            assert row.during.lower is not None and row.during.upper is not None
            calendar = setup.calendars[row.branch_id]
            day = local(row.during.lower, calendar.zone).date()
            assert not setup.away(row.professional_id, day)
            assert any(
                a <= row.during.lower and row.during.upper <= b for a, b in calendar.opening(day)
            )


def test_every_service_by_phone_has_free_slots_in_the_next_weeks(
    demo_clinic: Database, clock: FixedClock
) -> None:
    directory = Directory(demo_clinic, clock)
    agenda = Agenda(demo_clinic, clock, EventStream(demo_clinic, clock), directory)
    for service in directory.services():
        assert len(agenda.find_slots(SlotQuery(service_id=service.id))) == 3, service.name


def test_the_same_seed_gives_the_same_clinic(demo_clinic: Database, clock: FixedClock) -> None:
    def fingerprint() -> list[Any]:
        with demo_clinic.read() as session:
            query = "SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM {} t"
            return [
                session.scalar(text(query.format(table)))
                for table in ("branch", "service", "professional", "leave", "appointment")
            ] + list(session.execute(select(Patient.given, Patient.document).order_by(Patient.id)))

    first = fingerprint()
    demo.make(demo_clinic, clock)
    assert fingerprint() == first
    demo.make(demo_clinic, clock, seed=2)
    assert fingerprint() != first


def test_first_passwords_are_made_here_and_kept(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    accounts = Accounts(database, clock)
    made = first_passwords.create(accounts, tmp_path / "secrets")
    assert made == ["supervisora", "recepcion", "recepcion2"]
    assert first_passwords.create(accounts, tmp_path / "secrets") == []
    file = tmp_path / "secrets" / "first-passwords.json"
    assert file.stat().st_mode & 0o077 == 0
    first = first_passwords.passwords(tmp_path / "secrets")
    assert (
        accounts.login("supervisora", first["supervisora"], "127.0.0.1").user.role == "supervisor"
    )
    other = first_passwords.passwords(tmp_path / "elsewhere")
    assert set(other) == set(first) and set(other.values()).isdisjoint(first.values())
