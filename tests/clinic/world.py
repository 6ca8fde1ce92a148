"""A small clinic for tests: one branch a zone, two professionals, two patients."""

from dataclasses import dataclass
from datetime import date, time

from ivr.clinic import search
from ivr.clinic.model import (
    Branch,
    Clinic,
    OpeningHours,
    Patient,
    PatientPhone,
    Professional,
    ProfessionalHours,
    Service,
)
from ivr.database import Database

MORNING, NOON, EVENING = time(9), time(14), time(18)


@dataclass(frozen=True)
class World:
    """Ids of what was made."""

    madrid: int
    mexico: int
    ruiz: int
    """Works in Madrid, Monday to Friday 9–14."""
    soto: int
    """Works in Madrid, Monday to Friday 9–14."""
    vega: int
    """Works in Ciudad de México, Monday to Saturday 9–18."""
    check: int
    """Thirty minutes; everybody does it."""
    implant: int
    """Sixty minutes; only Ruiz."""
    ana: int
    luis: int
    """Ana and Luis share +34600000009."""


def build(database: Database) -> World:
    """Write the small clinic."""
    with database.transaction() as session:
        session.add(Clinic(name="Clínica Prueba", country="es", caller_id="+34910000000"))
        madrid = _branch("Centro", "Madrid", "es", "MD", "Europe/Madrid", "+34910000001")
        mexico = _branch(
            "Roma", "Ciudad de México", "mx", "", "America/Mexico_City", "+525500000001"
        )
        check = _service("revision", "Revisión", 30, 1)
        implant = _service("implante", "Implante", 60, 2)
        ruiz = _doctor("Ruiz", [check, implant])
        soto = _doctor("Soto", [check])
        vega = _doctor("Vega", [check])
        ana = _patient("Ana", "Gil Mora", date(1980, 5, 17))
        luis = _patient("Luis", "Gil Mora", date(2015, 2, 3))
        session.add_all([madrid, mexico, check, implant, ruiz, soto, vega, ana, luis])
        session.flush()
        for weekday in range(6):
            for branch in (madrid, mexico):
                session.add(
                    OpeningHours(
                        branch_id=branch.id, weekday=weekday, opens=MORNING, closes=time(20)
                    )
                )
        for doctor, branch, days, ends in (
            (ruiz, madrid, 5, NOON),
            (soto, madrid, 5, NOON),
            (vega, mexico, 6, EVENING),
        ):
            for weekday in range(days):
                session.add(
                    ProfessionalHours(
                        professional_id=doctor.id,
                        branch_id=branch.id,
                        weekday=weekday,
                        starts=MORNING,
                        ends=ends,
                    )
                )
        return World(
            madrid.id, mexico.id, ruiz.id, soto.id, vega.id, check.id, implant.id, ana.id, luis.id
        )


def _branch(name: str, city: str, country: str, region: str, zone: str, phone: str) -> Branch:
    return Branch(
        name=name, address=f"{name} 1", city=city, country=country, region=region, zone=zone,
        phone=phone,
    )  # fmt: skip


def _service(code: str, name: str, minutes: int, position: int) -> Service:
    return Service(
        code=code, name=name, specialty="dental", minutes=minutes, position=position,
        first_visit=position == 1,
    )  # fmt: skip


def _doctor(family: str, services: list[Service]) -> Professional:
    return Professional(
        title="doctora", given="Eva", family=family, specialty="dental", services=services
    )


def _patient(given: str, family: str, born: date) -> Patient:
    number = "+34600000009"
    return Patient(
        given=given,
        family=family,
        birth_date=born,
        **search.index(given, family, None, [number]),
        phones=[PatientPhone(number=number)],
    )
