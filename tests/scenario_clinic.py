"""The clinic the scenarios of ``tests/scenarios`` play in: one branch, three people."""

from datetime import time

from ivr.clinic.model import (
    Branch,
    Clinic,
    OpeningHours,
    Professional,
    ProfessionalHours,
    Service,
)
from ivr.database import Database

ANSWERS = {
    "price": "La revisión y la limpieza cuestan cincuenta euros.",
    "insurance": "Trabajamos con las principales aseguradoras.",
}


def build(database: Database) -> None:
    """Write the clinic: open on weekdays from nine to eight, in Madrid."""
    with database.transaction() as session:
        session.add(
            Clinic(
                name="Clínica Olmo",
                country="es",
                caller_id="+34910000000",
                settings={"faq": ANSWERS},
            )
        )
        branch = Branch(
            name="Olmo Centro",
            spoken_names=["centro"],
            address="calle del Olmo, ocho",
            directions="Hay aparcamiento en la plaza.",
            city="Madrid",
            country="es",
            region="MD",
            zone="Europe/Madrid",
            phone="+34910000001",
        )
        check = _service("revision", "revisión", 30, 1, first_visit=True)
        clean = _service("limpieza", "limpieza dental", 30, 2, "Venga con los dientes cepillados.")
        implant = _service("implante", "implante", 60, 3)
        ruiz = _professional("doctora", "Elena", "Ruiz Campo", [check, implant])
        soto = _professional("doctor", "Marcos", "Soto Lara", [check])
        marin = _professional("higienista", "Lola", "Marín Sanz", [clean])
        session.add_all([branch, check, clean, implant, ruiz, soto, marin])
        session.flush()
        for weekday in range(5):
            session.add(
                OpeningHours(branch_id=branch.id, weekday=weekday, opens=time(9), closes=time(20))
            )
            for person in (ruiz, soto, marin):
                session.add(
                    ProfessionalHours(
                        professional_id=person.id,
                        branch_id=branch.id,
                        weekday=weekday,
                        starts=time(9),
                        ends=time(18),
                    )
                )


def _service(
    code: str,
    name: str,
    minutes: int,
    position: int,
    preparation: str = "",
    *,
    first_visit: bool = False,
) -> Service:
    return Service(
        code=code,
        name=name,
        spoken_names=[],
        specialty="dental",
        minutes=minutes,
        preparation=preparation,
        first_visit=first_visit,
        position=position,
    )


def _professional(title: str, given: str, family: str, services: list[Service]) -> Professional:
    return Professional(
        title=title, given=given, family=family, specialty="dental", services=services
    )
