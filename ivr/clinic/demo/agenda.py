"""The demo's agendas: three months back, two ahead, as full as a real clinic's."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session
from stdnum import damm

from ivr.clinic import slots
from ivr.clinic.demo.people import Person
from ivr.clinic.demo.place import Place
from ivr.clinic.directory import Setup, load_setup
from ivr.clinic.model import Appointment
from ivr.clinic.schemas import ProfessionalView, ServiceView, Slot
from ivr.clock import local

BACK, AHEAD = timedelta(days=92), timedelta(days=60)
PAST_FULL, NEXT_FULL, FAR_FULL = 0.88, 0.75, 0.2
"""Share of the time taken: in the past, tomorrow, in two months."""
CANCELLED, NO_SHOW = 0.09, 0.1

WELL_KNOWN = [(0, "Navarro", "limpieza", 2, 0), (2, "Ruiz", "revision", 5, 1),
              (3, "Ruiz", "revision", 1, 2), (4, "Hernández", "limpieza", 1, 1)]  # fmt: skip
"""Appointments of the README's callers: patient, professional, service, days ahead, and
which of the day's free times."""


@dataclass
class Filler:
    """Fills one professional's day after the other."""

    setup: Setup
    dice: random.Random
    now: datetime
    rows: list[dict[str, Any]] = field(default_factory=list)
    visits: set[tuple[int, date]] = field(default_factory=set)
    """Nobody comes twice on one day."""

    def book(
        self, slot: Slot, day: date, person: Person, status: str, references: Iterator[str]
    ) -> None:
        """Add an appointment."""
        made = slot.starts_at - timedelta(days=self.dice.randint(3, 40))
        self.visits.add((person.id, day))
        self.rows.append(
            {
                "reference": next(references),
                "patient_id": person.id,
                "professional_id": slot.professional_id,
                "branch_id": slot.branch_id,
                "service_id": slot.service_id,
                "during": Range(slot.starts_at, slot.ends_at),
                "status": status,
                "source": self.dice.choice(["phone", "desk", "desk"]),
                "created_at": min(made, self.now),
                "updated_at": min(made, self.now),
            }
        )

    def free(self, doctor: ProfessionalView, service: ServiceView, day: date) -> list[Slot]:
        """Every start a professional could have on a day, taken or not."""
        branch_id = doctor.branch_ids[0]
        calendar = self.setup.calendars[branch_id]
        if self.setup.away(doctor.id, day):
            return []
        return slots.free_slots(
            day,
            [s for s in self.setup.shifts if s.professional_id == doctor.id],
            service_id=service.id,
            length=timedelta(minutes=service.minutes),
            grid=timedelta(minutes=15),
            zone=calendar.zone,
            opening=calendar.opening(day),
            busy={},
            earliest=datetime.min.replace(tzinfo=self.now.tzinfo),
        )

    def status(self, slot: Slot) -> str:
        """What has become, or will, of an appointment at that time."""
        luck = self.dice.random()
        if luck < CANCELLED:
            return "cancelled"
        if slot.ends_at <= self.now:
            return "no_show" if luck < CANCELLED + NO_SHOW else "completed"
        if slot.starts_at <= self.now:
            return "arrived"
        near = slot.starts_at - self.now < timedelta(days=2)
        return "confirmed" if luck > (0.6 if near else 0.93) else "booked"

    def fullness(self, day: date) -> float:
        """Share of a day's time that is taken."""
        ahead = (day - self.now.date()).days
        if ahead <= 0:
            return PAST_FULL
        return NEXT_FULL + (FAR_FULL - NEXT_FULL) * min(ahead / AHEAD.days, 1)

    def fill(
        self,
        doctor: ProfessionalView,
        day: date,
        own: list[Person],
        references: Iterator[str],
    ) -> None:
        """Book a professional's day."""
        services = [self.setup.services[i] for i in doctor.service_ids]
        taken_until = datetime.min.replace(tzinfo=self.now.tzinfo)
        shortest = min(services, key=lambda s: s.minutes)
        booked = [
            (row["during"].lower, row["during"].upper)
            for row in self.rows[: len(WELL_KNOWN)]
            if row["professional_id"] == doctor.id
        ]
        for start in self.free(doctor, shortest, day):
            if start.starts_at < taken_until or self.dice.random() > self.fullness(day):
                continue
            service = self.dice.choice(services)
            slot = Slot(
                doctor.id,
                start.branch_id,
                service.id,
                start.starts_at,
                start.starts_at + timedelta(minutes=service.minutes),
            )
            fits = any(s.starts_at == slot.starts_at for s in self.free(doctor, service, day))
            clash = any(a < slot.ends_at and slot.starts_at < b for a, b in booked)
            person = self.dice.choice(own)
            if not fits or clash or (person.id, day) in self.visits:
                continue
            status = self.status(slot)
            self.book(slot, day, person, status, references)
            if status != "cancelled":
                taken_until = slot.ends_at


def make(
    session: Session, where: Place, patients: list[Person], dice: random.Random, now: datetime
) -> int:
    """Write the appointments; returns how many."""
    setup = load_setup(session)
    references = _references(dice)
    filler = Filler(setup, dice, now)
    doctors = {p.family: p for p in setup.professionals.values()}
    for index, family, code, ahead, which in WELL_KNOWN:
        day = now.date() + timedelta(days=ahead)
        while not (free := filler.free(doctors[family], _service(where, setup, code), day)):
            day += timedelta(days=1)
        filler.book(free[which * 4], day, patients[index], "booked", references)
    for doctor in setup.professionals.values():
        branch_id = doctor.branch_ids[0]
        zone = setup.branches[branch_id].zone
        own = [p for p in patients[len(WELL_KNOWN) + 2 :] if p.branch_id == branch_id]
        day, last = local(now - BACK, zone).date(), local(now + AHEAD, zone).date()
        while day <= last:
            filler.fill(doctor, day, own, references)
            day += timedelta(days=1)
    session.execute(insert(Appointment), filler.rows)
    return len(filler.rows)


def _service(where: Place, setup: Setup, code: str) -> ServiceView:
    return setup.services[where.services[code].id]


def _references(dice: random.Random) -> Iterator[str]:
    for body in dice.sample(range(10_000, 100_000), 20_000):
        yield f"{body}{damm.calc_check_digit(str(body))}"
