"""Callers whom several tests need."""

from dataclasses import dataclass
from datetime import date
from itertools import count

from tests.telephone_network.clinic import new_patient
from tests.telephone_network.system import ClinicSystem

_numbers = count(1)


@dataclass(frozen=True)
class Turn:
    """One turn of a caller, as in a scenario."""

    kind: str
    value: str


@dataclass(frozen=True)
class Patient:
    """Somebody on file."""

    id: int
    number: str
    born: date

    @property
    def birth_keys(self) -> str:
        """The date of birth as it is keyed."""
        return f"{self.born:%d%m%Y}"


def patient(system: ClinicSystem, given: str = "Carmen", family: str = "Vidal Roca") -> Patient:
    """A patient with a telephone of their own."""
    number, born = f"+346001{next(_numbers):05d}", date(1979, 6, 21)
    return Patient(
        new_patient(system.database, given, family, number=number, born=born), number, born
    )


def press(*keys: str) -> list[Turn]:
    """Turns by keys."""
    return [Turn("press", one) for one in keys]


def booking(who: Patient, *, record: str = "1", slot: str = "1") -> list[Turn]:
    """All keys from the greeting to the goodbye: the first free time of the first service."""
    return press(record, "1", who.birth_keys, "1", "1", slot, "1", "2")
