"""Plain views of the clinic's world: what flows, actions and the API pass around."""

from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True)
class BranchView:
    """A branch as callers and agents know it."""

    id: int
    name: str
    spoken_names: tuple[str, ...]
    address: str
    directions: str
    city: str
    country: str
    zone: str
    phone: str


@dataclass(frozen=True)
class ProfessionalView:
    """A professional as callers and agents know them."""

    id: int
    title: str
    given: str
    family: str
    specialty: str
    service_ids: tuple[int, ...]
    branch_ids: tuple[int, ...]

    @property
    def spoken(self) -> str:
        """E.g. ``la doctora Ruiz`` without article: ``doctora Ruiz``."""
        return f"{self.title} {self.family}".strip()


@dataclass(frozen=True)
class ServiceView:
    """A service as callers and agents know it."""

    id: int
    code: str
    name: str
    spoken_names: tuple[str, ...]
    specialty: str
    minutes: int
    preparation: str
    first_visit: bool
    by_phone: bool
    position: int


@dataclass(frozen=True)
class PatientView:
    """The part of a patient's file a call needs."""

    id: int
    given: str
    family: str
    birth_date: date | None
    language: str
    provisional: bool

    @property
    def full_name(self) -> str:
        """As spoken."""
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True)
class SlotQuery:
    """What free time is wanted. Dates and times are local to each branch; ``None``: open.

    ``time_from``/``time_to`` bound the start of the slot (inclusive).
    """

    service_id: int
    professional_id: int | None = None
    branch_id: int | None = None
    date_from: date | None = None
    date_to: date | None = None
    time_from: time | None = None
    time_to: time | None = None
    weekdays: frozenset[int] | None = None
    excluded_dates: frozenset[date] = frozenset()
    limit: int = 3
    skip: int = 0
    """How many leading slots were already offered and refused."""
    spread: bool = True
    """Prefer slots on different days or parts of the day over consecutive ones."""


@dataclass(frozen=True)
class Slot:
    """A free stretch of a professional's time; moments are aware, UTC."""

    professional_id: int
    branch_id: int
    service_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class AppointmentView:
    """An appointment with the names needed to say it or show it."""

    id: int
    reference: str
    status: str
    starts_at: datetime
    ends_at: datetime
    patient_id: int | None
    patient_name: str
    professional_id: int
    professional: str
    branch_id: int
    branch: str
    service_id: int
    service: str
    preparation: str
    zone: str
