"""The demo's patients: families that share a phone, with documents whose check letters
are right."""

import random
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from faker import Faker
from sqlalchemy import insert
from sqlalchemy.orm import Session
from stdnum.es import dni
from stdnum.mx import curp

from ivr.clinic import search
from ivr.clinic.demo.place import Place
from ivr.clinic.model import Branch, Patient, PatientPhone

PATIENTS = 400
FAMILY_SIZES = [1, 1, 1, 1, 1, 2, 2, 3, 3, 4]
MADRID_SHARE = 0.68

WELL_KNOWN: list[tuple[str, str, str, str, str, date]] = [
    # city, number, given, family, sex, birth date
    ("Madrid", "+34600000001", "Marta", "Serrano López", "F", date(1985, 3, 14)),
    ("Madrid", "+34600000001", "Pablo", "Ortiz Serrano", "M", date(2014, 9, 2)),
    ("Madrid", "+34600000001", "Carmen", "López Vidal", "F", date(1956, 11, 28)),
    ("Madrid", "+34600000002", "Javier", "Domínguez Peña", "M", date(1979, 6, 21)),
    ("Ciudad de México", "+525550000001", "Guadalupe", "Ramírez Torres", "F", date(1990, 12, 12)),
    ("Ciudad de México", "+525550000001", "Diego", "Flores Ramírez", "M", date(2017, 4, 5)),
]
"""Callers named in the README's first five minutes."""

WARNINGS = [
    "Alergia a la penicilina",
    "Toma anticoagulantes",
    "Lleva marcapasos",
    "Embarazo",
    "Alergia al látex",
    "Movilidad reducida: sala de la planta baja",
    "Diabetes",
]
NOTES = [
    "Prefiere citas por la tarde.",
    "Prefiere a la misma profesional siempre.",
    "Le cuesta oír: hablar despacio.",
    "Viene acompañado de su hija.",
    "Pedir factura a nombre de la empresa.",
    "Nervios con las agujas.",
]
YOUNGEST = 2021
"""Last year of birth."""


@dataclass(frozen=True)
class Person:
    """What the agenda needs of a patient."""

    id: int
    branch_id: int
    number: str


def make(session: Session, where: Place, dice: random.Random, seed: int) -> list[Person]:
    """Write the patients."""
    branches = {branch.city: branch for branch in where.branches}
    fakers = {"Madrid": Faker("es_ES"), "Ciudad de México": Faker("es_MX")}
    for faker in fakers.values():
        faker.seed_instance(seed)
    rows: list[dict[str, Any]] = []
    numbers: list[str] = []
    for city, number, given, family, sex, born in WELL_KNOWN:
        rows.append(_row(branches[city], given, family, sex, born, number, len(rows), dice))
        numbers.append(number)
        rows[-1].update(balance_cents=0, warnings="", notes="")
    household = 10
    while len(rows) < PATIENTS:
        city = "Madrid" if dice.random() < MADRID_SHARE else "Ciudad de México"
        household += 1
        number = f"+3460000{household:04d}" if city == "Madrid" else f"+52555000{household:04d}"
        size = min(dice.choice(FAMILY_SIZES), PATIENTS - len(rows))
        for given, family, sex, born in _family(fakers[city], size, dice):
            rows.append(_row(branches[city], given, family, sex, born, number, len(rows), dice))
            numbers.append(number)
    ids = list(
        session.scalars(insert(Patient).returning(Patient.id, sort_by_parameter_order=True), rows)
    )
    session.execute(
        insert(PatientPhone),
        [{"patient_id": i, "number": n} for i, n in zip(ids, numbers, strict=True)],
    )
    return [
        Person(i, row["home_branch_id"], number)
        for i, row, number in zip(ids, rows, numbers, strict=True)
    ]


def _family(faker: Any, size: int, dice: random.Random) -> list[tuple[str, str, str, date]]:
    """Adults first; children carry the first surname of each parent."""
    surnames = [(faker.last_name(), faker.last_name()) for _ in range(2)]
    members: list[tuple[str, str, str, date]] = []
    for position in range(size):
        sex = dice.choice("FM") if position != 1 else ("M" if members[0][2] == "F" else "F")
        given = faker.first_name_female() if sex == "F" else faker.first_name_male()
        if position < 2:
            family, year = " ".join(surnames[position]), dice.randint(1945, 1999)
        else:
            family, year = f"{surnames[1][0]} {surnames[0][0]}", dice.randint(2008, YOUNGEST)
        members.append((given, family, sex, date(year, dice.randint(1, 12), dice.randint(1, 28))))
    return members


def _row(
    branch: Branch,
    given: str,
    family: str,
    sex: str,
    born: date,
    number: str,
    index: int,
    dice: random.Random,
) -> dict[str, Any]:
    spanish = branch.country == "es"
    document = _dni(index) if spanish else _curp(given, family, sex, born, dice)
    if spanish and born.year > 2012:
        document = ""  # not compulsory before 14
    login = f"{_letters(given)}.{_letters(family.split()[0])}{index}".lower()
    return {
        "given": given,
        "family": family,
        "birth_date": born,
        "document": document or None,
        "email": f"{login}@example.com" if dice.random() < 0.7 else "",
        "language": "es-ES" if spanish else "es-MX",
        "preferred_channel": dice.choice(["call", "call", "whatsapp", "sms"]),
        "warnings": dice.choice(WARNINGS) if dice.random() < 0.12 else "",
        "notes": dice.choice(NOTES) if dice.random() < 0.15 else "",
        "balance_cents": dice.randrange(20, 400) * 100 if dice.random() < 0.1 else 0,
        "home_branch_id": branch.id,
        "provisional": False,
        **search.index(given, family, document, [number]),
    }


def _dni(index: int) -> str:
    """Above 99 million: none was ever issued."""
    number = f"{99_000_000 + index * 37:08d}"
    return number + dni.calc_check_digit(number)


def _curp(given: str, family: str, sex: str, born: date, dice: random.Random) -> str:
    """Built as RENAPO's instructions say, for somebody born abroad (``NE``)."""
    father, mother = ([_letters(part) for part in family.split()] + ["X", "X"])[:2]
    name = _letters(given.split()[0])
    head = father[0] + _inner(father, "AEIOU") + mother[0] + name[0]
    if not curp.is_valid(f"{head}800101HNEXXX09", validate_check_digits=False):
        head = f"{head[0]}X{head[2:]}"  # a word the instructions forbid
    century = str(dice.randrange(10)) if born.year < 2000 else dice.choice("ABCDEFGH")
    body = (
        f"{head}{born:%y%m%d}{'H' if sex == 'M' else 'M'}NE"
        f"{''.join(_inner(x, 'BCDFGHJKLMNPQRSTVWXYZ') for x in (father, mother, name))}{century}"
    )
    return body + curp.calc_check_digit(body)


def _letters(text: str) -> str:
    """A to Z only, upper case; Ñ becomes X, as in a CURP."""
    plain = unicodedata.normalize("NFKD", text.upper().replace("Ñ", "X"))
    return "".join(c for c in plain if "A" <= c <= "Z") or "X"


def _inner(word: str, wanted: str) -> str:
    """The first of the ``wanted`` letters after the word's own first."""
    return next((c for c in word[1:] if c in wanted), "X")
