"""The demo's branches, services and professionals, from ``clinic.yaml``."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import resources
from typing import Any

import yaml
from sqlalchemy.orm import Session

from ivr.agents.model import Disposition, PauseReason
from ivr.clinic.model import (
    Branch,
    Clinic,
    Leave,
    LocalHoliday,
    OpeningHours,
    Professional,
    ProfessionalHours,
    Service,
)
from ivr.queues.model import Queue

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_VISIT = "revision"
"""Code of the service an unknown caller is booked for."""


@dataclass(frozen=True)
class Place:
    """What was made, with its ids."""

    branches: list[Branch]
    services: dict[str, Service]
    professionals: list[Professional]


def make(session: Session, now: datetime) -> Place:
    """Write the clinic itself."""
    data = yaml.safe_load(resources.files(__package__).joinpath("clinic.yaml").read_text("utf-8"))
    own = data["clinic"]
    session.add(
        Clinic(
            name=own.pop("name"),
            country=own.pop("country"),
            language=own.pop("language"),
            caller_id=data["branches"][0]["phone"],
            settings={**own, "faq": data["answers"]},
        )
    )
    branches = [_branch(session, row, now.year) for row in data["branches"]]
    services = {
        row["code"]: Service(**row, position=position, first_visit=row["code"] == FIRST_VISIT)
        for position, row in enumerate(data["services"], start=1)
    }
    session.add_all(services.values())
    professionals = [
        _professional(session, row, branches, services, now.date()) for row in data["professionals"]
    ]
    _desk(session, data)
    session.flush()
    return Place(branches, services, professionals)


def _desk(session: Session, data: dict[str, Any]) -> None:
    for position, row in enumerate(data["pauses"]):
        minutes = row.pop("minutes", None)
        limit = minutes * 60 if minutes else None
        session.add(PauseReason(**row, limit_s=limit, position=position))
    for position, row in enumerate(data["dispositions"]):
        session.add(Disposition(**row, position=position))
    for position, row in enumerate(data["queues"]):
        session.add(Queue(**row, position=position))


def _branch(session: Session, row: dict[str, Any], year: int) -> Branch:
    opening, holidays = row.pop("open"), row.pop("local_holidays")
    branch = Branch(**row)
    session.add(branch)
    session.flush()
    for weekday, opens, closes in _week(opening):
        session.add(OpeningHours(branch_id=branch.id, weekday=weekday, opens=opens, closes=closes))
    for day, name in holidays.items():
        for around in (year - 1, year, year + 1):
            on = date.fromisoformat(f"{around}-{day}")
            session.add(LocalHoliday(branch_id=branch.id, day=on, name=name))
    return branch


def _professional(
    session: Session,
    row: dict[str, Any],
    branches: list[Branch],
    services: dict[str, Service],
    today: date,
) -> Professional:
    branch = next(b for b in branches if b.name == row["branch"])
    professional = Professional(
        title=row["title"],
        given=row["given"],
        family=row["family"],
        specialty=row["specialty"],
        services=[services[code] for code in row["services"]],
    )
    session.add(professional)
    session.flush()
    for weekday, starts, ends in _week(row["hours"]):
        session.add(
            ProfessionalHours(
                professional_id=professional.id,
                branch_id=branch.id,
                weekday=weekday,
                starts=starts,
                ends=ends,
            )
        )
    if leave := row.get("leave"):
        first = today + timedelta(days=leave["in_days"])
        session.add(
            Leave(
                professional_id=professional.id,
                first_day=first,
                last_day=first + timedelta(days=leave["days"] - 1),
                reason=leave["reason"],
            )
        )
    return professional


def _week(hours: dict[str, str]) -> Iterator[tuple[int, time, time]]:
    """``{"mon": "09:00-14:00, 16:00-19:30"}`` as weekday, from, to."""
    for day, stretches in hours.items():
        for stretch in stretches.split(", "):
            starts, ends = stretch.split("-")
            yield DAYS.index(day), time.fromisoformat(starts), time.fromisoformat(ends)
