"""Reads, prepares and judges the scenarios of ``tests/scenarios`` (see its README)."""

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range

from ivr.campaigns.model import Attempt
from ivr.clinic import search
from ivr.clinic.model import Appointment, Branch, Patient, PatientPhone, Professional, Service
from ivr.database import Database
from ivr.recordings.model import Recording
from ivr.tickets.model import Ticket

FOLDER = Path(__file__).parent / "scenarios"
TURNS = ("hear", "say", "press", "silence", "noise", "wait", "hangup")
KEYS = {
    "scenario", "flow", "from", "language", "now", "over", "clinic", "given", "turns", "expect",
}  # fmt: skip


@dataclass(frozen=True)
class Turn:
    """One turn: ``kind`` is one of :data:`TURNS`."""

    kind: str
    value: str


@dataclass(frozen=True)
class Scenario:
    """One telephone call and what must come of it."""

    path: Path
    name: str
    flow: str
    number: str
    language: str
    now: datetime
    over: tuple[str, ...]
    clinic: str
    given: dict[str, Any]
    turns: tuple[Turn, ...]
    expect: dict[str, Any]


@dataclass
class Given:
    """Ids of what was put into the database before the call."""

    patients: list[int] = field(default_factory=list)
    appointments: list[int] = field(default_factory=list)
    attempt: int | None = None


def load(path: Path) -> Scenario:
    """Read one scenario; a key nobody knows is an error."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    unknown = set(data) - KEYS
    assert not unknown, f"{path.name}: unknown keys {sorted(unknown)}"
    turns = []
    for turn in data["turns"]:
        ((kind, value),) = turn.items()
        assert kind in TURNS, f"{path.name}: unknown turn {kind}"
        turns.append(Turn(kind, "no" if value is False else str(value)))  # YAML 1.1's "no"
    return Scenario(
        path=path,
        name=data["scenario"],
        flow=data.get("flow", "recepcion"),
        number=data.get("from", ""),
        language=data.get("language", ""),
        now=datetime.fromisoformat(data.get("now", "2026-11-23T10:00:00+01:00")),
        over=tuple(data.get("over", ("simulator", "sip"))),
        clinic=data.get("clinic", "open"),
        given=data.get("given", {}),
        turns=tuple(turns),
        expect=data["expect"],
    )


def all_scenarios(over: str) -> list[Scenario]:
    """Every scenario that can be played ``over`` the simulator or SIP."""
    found = [load(path) for path in sorted(FOLDER.glob("*.yaml"))]
    return [scenario for scenario in found if over in scenario.over]


# --- Before the call -----------------------------------------------------------------------


def prepare(
    database: Database, scenario: Scenario, now: datetime, *, branch_number: str = ""
) -> Given:
    """Write what the scenario takes as given; days count from ``now``. The appointments
    are in the branch with ``branch_number``, the first branch by default."""
    given = Given()
    with database.transaction() as session:
        for one in scenario.given.get("patients", ()):
            born = one["birth_date"]
            patient = Patient(
                given=one["given"],
                family=one["family"],
                birth_date=born if isinstance(born, date) else date.fromisoformat(born),
                **search.index(one["given"], one["family"], None, [one["number"]]),
                phones=[PatientPhone(number=one["number"])],
            )
            session.add(patient)
            session.flush()
            given.patients.append(patient.id)
        for one in scenario.given.get("appointments", ()):
            service = session.scalars(select(Service).where(Service.code == one["service"])).one()
            branch = session.scalars(
                select(Branch)
                .where((Branch.phone == branch_number) | (branch_number == ""))
                .order_by(Branch.id)
            ).first()
            assert branch is not None
            professional = session.scalars(
                select(Professional)
                .where(
                    Professional.services.contains(service),
                    Professional.hours.any(branch_id=branch.id),
                )
                .order_by(Professional.id)
            ).first()
            assert professional is not None
            starts = working_moment(now, one["in_days"], one["time"], branch.zone)
            appointment = Appointment(
                reference=str(uuid.uuid4().int)[:6],
                patient_id=given.patients[one["patient"]],
                professional_id=professional.id,
                branch_id=branch.id,
                service_id=service.id,
                during=Range(starts, starts + timedelta(minutes=service.minutes)),
                status="booked",
                created_at=now,
            )
            session.add(appointment)
            session.flush()
            given.appointments.append(appointment.id)
        if "reminder" in scenario.given:
            index = int(scenario.given["reminder"])
            attempt = Attempt(
                appointment_id=given.appointments[index],
                patient_id=session.get_one(Appointment, given.appointments[index]).patient_id,
                step=1,
                starts_at=session.get_one(Appointment, given.appointments[index]).during.lower,
                number=scenario.number,
                status="dialling",
                planned_at=now,
                dialled_at=now,
            )
            session.add(attempt)
            session.flush()
            given.attempt = attempt.id
    return given


def working_moment(now: datetime, in_days: int, hour: str, zone: str) -> datetime:
    """The moment ``in_days`` working days ahead, at a local hour."""
    day = now.astimezone(ZoneInfo(zone)).date()
    left = in_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return datetime.combine(day, time.fromisoformat(hour), ZoneInfo(zone)).astimezone(UTC)


# --- After the call ------------------------------------------------------------------------


def judge(
    database: Database, scenario: Scenario, call_id: str, events: Sequence[dict[str, Any]]
) -> list[str]:
    """What is not as the scenario expects; empty: all is well."""
    expect, wrong = scenario.expect, []
    unknown = set(expect) - {"outcome", "transfer", "events", "never", "database"}
    if unknown:
        wrong.append(f"unknown expectations {sorted(unknown)}")
    if "outcome" in expect:
        ended = [event["outcome"] for event in events if event["type"] == "call.ended"]
        if ended != [expect["outcome"]]:
            wrong.append(f"the call ended {ended}, not {expect['outcome']}")
    if "transfer" in expect:
        wrong += missing(events, [{"type": "call.transferred", **expect["transfer"]}])
    wrong += missing(events, expect.get("events", ()))
    for pattern in expect.get("never", ()):
        wrong += [f"must not happen: {event}" for event in events if matches(event, pattern)]
    counted = counts(database, call_id)
    for name, number in expect.get("database", {}).items():
        if counted.get(name, 0) != number:
            wrong.append(f"{name}: {counted.get(name, 0)}, not {number}")
    return wrong


def matches(event: dict[str, Any], pattern: dict[str, Any]) -> bool:
    """Whether every field of ``pattern`` is so in ``event``; texts may be ``/regex/``."""
    return all(name in event and _same(event[name], value) for name, value in pattern.items())


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, str) and len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return re.search(wanted[1:-1], str(found), re.IGNORECASE) is not None
    return bool(found == wanted)


def missing(events: Iterable[dict[str, Any]], patterns: Iterable[dict[str, Any]]) -> list[str]:
    """The patterns that do not come in this order."""
    rest: Iterator[dict[str, Any]] = iter(events)
    for pattern in patterns:
        if not any(matches(event, pattern) for event in rest):
            return [f"did not happen (in this order): {pattern}"]
    return []


def counts(database: Database, call_id: str) -> dict[str, int]:
    """Appointments of the call by status, its tickets, its recordings not sealed."""
    with database.transaction() as session:
        found: dict[str, int] = {
            status: number
            for status, number in session.execute(
                select(Appointment.status, func.count())
                .where(Appointment.call_id == call_id)
                .group_by(Appointment.status)
            ).all()
        }
        found["tickets"] = (
            session.scalar(
                select(func.count()).select_from(Ticket).where(Ticket.call_id == call_id)
            )
            or 0
        )
        found["recordings_open"] = (
            session.scalar(
                select(func.count())
                .select_from(Recording)
                .where(Recording.call_id == call_id, Recording.status == "recording")
            )
            or 0
        )
    return found
