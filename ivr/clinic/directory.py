"""The clinic as it is set up: branches, hours, services, professionals. Read often and
changed rarely, so it is kept for a few seconds."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ivr.clinic.model import (
    Branch,
    Clinic,
    LocalHoliday,
    Professional,
    ProfessionalHours,
    Service,
)
from ivr.clinic.opening import Calendar, OpenState
from ivr.clinic.schemas import BranchView, ProfessionalView, ServiceView
from ivr.clinic.slots import Shift
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import NotFound, Unavailable

KEEP_S = 5.0
NATIONAL_DIGITS = 9
"""Fewest digits of a whole number without its country's prefix (Spain; Mexico has 10)."""


@dataclass(frozen=True)
class ClinicView:
    """The installation's clinic. ``settings``: what the clinic edits (answers to frequent
    questions, notice before a slot, retention…)."""

    name: str
    country: str
    language: str
    caller_id: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Setup:
    """Everything a slot search needs to know of the clinic, read at one moment."""

    clinic: ClinicView
    branches: dict[int, BranchView]
    calendars: dict[int, Calendar]
    services: dict[int, ServiceView]
    professionals: dict[int, ProfessionalView]
    shifts: tuple[Shift, ...]
    leave: dict[int, tuple[tuple[date, date], ...]]

    def away(self, professional_id: int, day: date) -> bool:
        """Whether a professional is on leave on a local day."""
        return any(first <= day <= last for first, last in self.leave.get(professional_id, ()))


class Directory:
    """Answers from the clinic's set-up."""

    def __init__(
        self, database: Database, clock: Clock, *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._clock = clock
        self._timer = timer
        self._lock = threading.Lock()
        self._kept: tuple[float, Setup] | None = None

    def setup(self) -> Setup:
        """The whole set-up, at most :data:`KEEP_S` seconds old."""
        with self._lock:
            if self._kept is None or self._timer() - self._kept[0] > KEEP_S:
                with self._database.read() as session:
                    self._kept = (self._timer(), load_setup(session))
            return self._kept[1]

    def forget(self) -> None:
        """Read anew at the next question: the set-up has just been changed."""
        with self._lock:
            self._kept = None

    def clinic(self) -> ClinicView:
        """The clinic itself."""
        return self.setup().clinic

    def branches(self) -> list[BranchView]:
        """All branches."""
        return list(self.setup().branches.values())

    def branch(self, branch_id: int) -> BranchView:
        """One branch."""
        found = self.setup().branches.get(branch_id)
        if found is None:
            raise NotFound("There is no such branch.")
        return found

    def branch_called(self, dnis: str) -> BranchView | None:
        """The branch whose number was called; ``None`` if it is nobody's. Carriers write a
        number with or without ``+``, ``00`` or the country's prefix."""
        digits = dnis.removeprefix("+").removeprefix("00")
        if not digits.isdecimal() or len(digits) < NATIONAL_DIGITS:
            return None
        return next((x for x in self.branches() if x.phone.endswith(digits)), None)

    def services(self, by_phone: bool = True) -> list[ServiceView]:
        """Services in the order they are offered; ``by_phone``: only those callers may
        book themselves."""
        found = [x for x in self.setup().services.values() if x.by_phone or not by_phone]
        return sorted(found, key=lambda x: (x.position, x.id))

    def service(self, service_id: int) -> ServiceView:
        """One service."""
        found = self.setup().services.get(service_id)
        if found is None:
            raise NotFound("There is no such service.")
        return found

    def professionals(self, service_id: int | None = None) -> list[ProfessionalView]:
        """Active professionals, those able to do a service if one is given."""
        return [
            x
            for x in self.setup().professionals.values()
            if service_id is None or service_id in x.service_ids
        ]

    def opening(self, branch_id: int, moment: datetime | None = None) -> OpenState:
        """Whether a branch is open at ``moment`` (default: now)."""
        calendar = self.setup().calendars.get(branch_id)
        if calendar is None:
            raise NotFound("There is no such branch.")
        return calendar.state(moment or self._clock.now())


def load_setup(session: Session) -> Setup:
    """The set-up as ``session`` sees it."""
    clinic = session.scalar(select(Clinic).order_by(Clinic.id).limit(1))
    if clinic is None:
        raise Unavailable("The database has no clinic yet: run `auricula demo --reset`.")
    branches = session.scalars(
        select(Branch).options(selectinload(Branch.hours)).order_by(Branch.id)
    ).all()
    holidays = session.scalars(select(LocalHoliday)).all()
    services = session.scalars(select(Service).order_by(Service.position, Service.id)).all()
    professionals = session.scalars(
        select(Professional)
        .where(Professional.active)
        .options(selectinload(Professional.services), selectinload(Professional.leave))
        .order_by(Professional.id)
    ).all()
    hours = session.scalars(select(ProfessionalHours).order_by(ProfessionalHours.id)).all()
    return Setup(
        clinic=ClinicView(
            clinic.name, clinic.country, clinic.language, clinic.caller_id, clinic.settings
        ),
        branches={b.id: _branch(b) for b in branches},
        calendars={b.id: _calendar(b, holidays) for b in branches},
        services={s.id: _service(s) for s in services},
        professionals={
            p.id: _professional(p, [h for h in hours if h.professional_id == p.id])
            for p in professionals
        },
        shifts=tuple(
            Shift(h.professional_id, h.branch_id, h.weekday, h.starts, h.ends) for h in hours
        ),
        leave={p.id: tuple((x.first_day, x.last_day) for x in p.leave) for p in professionals},
    )


def _branch(b: Branch) -> BranchView:
    return BranchView(
        id=b.id,
        name=b.name,
        spoken_names=tuple(b.spoken_names),
        address=b.address,
        directions=b.directions,
        city=b.city,
        country=b.country,
        zone=b.zone,
        phone=b.phone,
    )


def _calendar(b: Branch, holidays: Any) -> Calendar:
    hours: dict[int, list[Any]] = {}
    for stretch in b.hours:
        hours.setdefault(stretch.weekday, []).append((stretch.opens, stretch.closes))
    own = {h.day: h.name for h in holidays if h.branch_id in (None, b.id)}
    return Calendar(b.zone, b.country, b.region, hours, own)


def _service(s: Service) -> ServiceView:
    return ServiceView(
        id=s.id,
        code=s.code,
        name=s.name,
        spoken_names=tuple(s.spoken_names),
        specialty=s.specialty,
        minutes=s.minutes,
        preparation=s.preparation,
        first_visit=s.first_visit,
        by_phone=s.by_phone,
        position=s.position,
    )


def _professional(p: Professional, hours: list[ProfessionalHours]) -> ProfessionalView:
    return ProfessionalView(
        id=p.id,
        title=p.title,
        given=p.given,
        family=p.family,
        specialty=p.specialty,
        service_ids=tuple(sorted(s.id for s in p.services)),
        branch_ids=tuple(sorted({h.branch_id for h in hours})),
    )
