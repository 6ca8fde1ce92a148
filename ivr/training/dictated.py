"""What callers dictate: numbers, telephone numbers, dates of birth, documents."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from num2words import num2words

from ivr.flow.plain import plain
from ivr.ports import Expectation

_SPELLED = {
    "A": ("a",), "B": ("be", "be de Barcelona", "be de burro"), "C": ("ce", "ce de casa"),
    "D": ("de", "de de dedo"), "E": ("e",), "F": ("efe", "efe de Francia"), "G": ("ge", "ge de gato"),
    "H": ("hache",), "I": ("i",), "J": ("jota",), "K": ("ka",), "L": ("ele", "ele de Lugo"),
    "M": ("eme", "eme de Madrid"), "N": ("ene", "ene de Navarra"), "Ñ": ("eñe",), "O": ("o",),
    "P": ("pe", "pe de Pamplona"), "Q": ("cu",), "R": ("erre",), "S": ("ese", "ese de Sevilla"),
    "T": ("te", "te de Toledo"), "U": ("u",), "V": ("uve", "ve", "ve chica"),
    "W": ("uve doble", "doble u"), "X": ("equis",), "Y": ("i griega", "ye"),
    "Z": ("zeta", "zeta de Zaragoza"),
}  # fmt: skip
MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
_ASKS = re.compile(r"^(que|cual|cuales|cuando|cuanto|cuanta|cuantos|donde|como|puedo|podria|podrian|tienen|teneis|hay|aceptan|hacen|atienden|trabajan)\b")  # fmt: skip


@dataclass(frozen=True)
class Sentence:
    """What is said, in which Spanish, and what the machine would be listening for."""

    text: str
    language: str
    expect: Expectation


def as_a_sentence(text: str) -> str:
    """With a capital and a full stop or question marks."""
    text = text.strip()
    if not re.search(r"[.?!]$", text):
        text = f"¿{text}?" if _ASKS.match(plain(text)) and "¿" not in text else f"{text}."
    start = 1 if text[0] in "¿¡" else 0
    return text[:start] + text[start].upper() + text[start + 1 :]


def words(number: int, feminine: bool = False) -> str:
    """The number in words."""
    text = str(num2words(number, lang="es"))
    return re.sub(r"uno$", "una", text) if feminine else text


def sentence(
    text: str, language: str, *kinds: str, hints: Sequence[str] = (), dictation: bool = False
) -> Sentence:
    """A sentence and what is expected of it."""
    return Sentence(text, language, Expectation(kinds, hints=tuple(hints), dictation=dictation))


def number(c: random.Random, language: str) -> Sentence:
    """A number."""
    value = c.choice((c.randint(0, 30), c.randint(0, 100), c.randint(0, 2000)))
    said = words(value)
    ways = (
        "{}.",
        "{}.",
        "El {}.",
        "Son {}.",
        "{}, por favor.",
        "Número {}.",
        "Pues {}.",
        "Creo que {}.",
    )
    return sentence(as_a_sentence(c.choice(ways).format(said)), language, "number", dictation=True)


def minutes(c: random.Random, language: str) -> Sentence:
    """How late somebody will be."""
    said = c.choice((f"{words(c.choice((5, 10, 15, 20, 25, 30, 35, 40, 45, 50)))} minutos", "un cuarto de hora", "media hora", "tres cuartos de hora", "una hora", "hora y media", words(c.choice((5, 10, 15, 20, 30))), "diez minutitos", "como veinte"))  # fmt: skip
    ways = ("{}.", "Unos {}.", "Llego {} tarde.", "Voy a tardar {}.", "Como {}.", "Más o menos {}.", "Pues {}, creo.", "Me voy a retrasar {}.")  # fmt: skip
    return sentence(as_a_sentence(c.choice(ways).format(said)), language, "minutes")


def _digits(c: random.Random, digits: str) -> str:
    """Digits read out as people group them."""
    parts: list[str] = []
    way, place = c.choice(("single", "pairs", "3222", "333", "mixed")), 0
    while place < len(digits):
        left = len(digits) - place
        size = {"single": 1, "pairs": 2, "333": 3, "3222": 3 if place == 0 else 2}.get(
            way
        ) or c.choice((1, 2, 2, 3))
        size = min(size, left)
        group = digits[place : place + size]
        if size == 2 and group[0] == group[1] and c.random() < 0.25:
            parts.append(f"doble {words(int(group[0]))}")
        elif size == 1 or group[0] == "0" or (size == 3 and c.random() < 0.5):
            parts += [words(int(digit)) for digit in group]
        else:
            parts.append(words(int(group)))
        place += size
    return (", " if c.random() < 0.6 else " ").join(parts)


def phone(c: random.Random, language: str) -> Sentence:
    """A telephone number of the country."""
    first = (
        c.choice("6679")
        if language == "es-ES"
        else c.choice(("55", "33", "81", "222", "442", "656"))
    )
    length = 9 if language == "es-ES" else 10
    digits = first + "".join(c.choice("0123456789") for _ in range(length - len(first)))
    ways = ("{}.", "{}.", "Es el {}.", "Sí, es el {}.", "Mi teléfono es el {}.", "Apunte: {}.", "Mi número es {}.", "Mi celular es el {}." if language == "es-MX" else "El móvil es {}.")  # fmt: skip
    return sentence(
        as_a_sentence(c.choice(ways).format(_digits(c, digits))), language, "phone", dictation=True
    )


def birth_date(c: random.Random, language: str) -> Sentence:
    """A date of birth."""
    year, day, month = c.randint(1932, 2023), c.randint(1, 28), c.choice(MONTHS)
    long = words(year)
    short = words(year % 100) if year < 2000 and year % 100 else long
    spoken_day = c.choice(("uno", "primero")) if day == 1 else words(day)
    said_year = c.choice((long, long, short))
    number = words(MONTHS.index(month) + 1)
    made = c.choice((
        f"{spoken_day} de {month} de {long}", f"el {spoken_day} de {month} del {said_year}",
        f"{spoken_day} de {month} del {said_year}", f"{spoken_day} del {number} del {short}",
        f"nací el {spoken_day} de {month} de {said_year}", f"el {spoken_day} de {month} de {long}",
        f"{spoken_day}, {number}, {short}", f"{month} {spoken_day}, {long}",
        f"soy del {spoken_day} de {month} del {short}",
    ))  # fmt: skip
    return sentence(as_a_sentence(f"{made}."), language, "birth_date", dictation=True)


def document(c: random.Random, language: str) -> Sentence:
    """A DNI or NIE, or a CURP, with the letters spelled."""

    def spell(letters: str) -> str:
        return ", ".join(c.choice(_SPELLED[one]) for one in letters)

    if language == "es-MX":
        letters = "".join(c.choice("ABCDEFGHIJLMNOPRSTUVXYZ") for _ in range(4))
        rest = "".join(c.choice("BCDFGHJLMNPRSTVXZ") for _ in range(6))
        birth = f"{c.randint(40, 99):02}{c.randint(1, 12):02}{c.randint(1, 28):02}"
        said = f"{spell(letters)}, {_digits(c, birth)}, {spell(c.choice('HM') + rest[:5])}, {_digits(c, f'{c.randint(0, 99):02}')}"
        ways: tuple[str, ...] = ("{}.", "Mi CURP es {}.", "Es {}.")
    else:
        number = f"{c.randint(0, 99_999_999):08}"
        check = "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23]
        head = f"{spell(c.choice('XYZ'))}, " if c.random() < 0.25 else ""
        said = f"{head}{_digits(c, number[1:] if head else number)}, {spell(check)}"
        ways = ("{}.", "Mi DNI es {}.", "Es el {}.", "El NIE es {}." if head else "{}.")
    return sentence(
        as_a_sentence(c.choice(ways).format(said)), language, "national_id", dictation=True
    )
