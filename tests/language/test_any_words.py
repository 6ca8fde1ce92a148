"""Whatever a caller, a recognizer or an attacker sends, an answer of the right shape comes."""

import json
import re
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.language import KINDS, Context, Named, Option, understand

NOW = datetime(2026, 11, 24, 10, 0)  # noqa: DTZ001 (the clinic's own clock)
PEOPLE = (Named(1, ("doctora Ruiz", "Marta Ruiz")), Named(2, ("doctor Sanz", "Pablo Sanz")))
OFFERS = (
    Option("a", ("el jueves a las diez",), NOW.replace(day=26)),
    Option("b", ("el viernes a las cinco",), NOW.replace(day=27, hour=17)),
)
CONTEXTS = [
    Context(NOW, country=country, professionals=PEOPLE, options=OFFERS, patients=PEOPLE)
    for country in ("es", "mx")
]
SPOKEN = re.findall(
    r"\S+",
    """
    el lunes martes jueves que viene a las diez y media cuarto menos de la mañana tarde noche hoy
    mañana pasado no sí perdón mejor 23 12.30 10:30 5/3/84 noviembre treinta mil cien un doble
    cero seis + - , . ¿ ? entre desde hasta antes después del al día semana mes año por en con
    para cita cambiar doctora Ruiz me duele respirar sangra zeta equis be uve primero último otro
    siguiente finales dentro tres días 31 febrero 0 00 99999999999999999999 pm h Ana García
    """,
)
SENTENCES = st.lists(st.sampled_from(SPOKEN), max_size=14).map(" ".join)
TEXTS = st.one_of(st.text(max_size=200), SENTENCES)

MONTHS = re.findall(
    r"\S+",
    """enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre
    diciembre""",
)
DIGITS = re.findall(r"\S+", "cero uno dos tres cuatro cinco seis siete ocho nueve")
ISO = re.compile(r"\d{4}-\d\d-\d\d")
CLOCK = re.compile(r"\d\d:\d\d")


def is_span(value: Any, edge: re.Pattern[str]) -> bool:
    if "options" in value:
        return len(value["options"]) > 1 and all(is_span(v, edge) for v in value["options"])
    ends = [value["from"], value["to"]]
    if not all(end is None or edge.fullmatch(end) for end in ends):
        return False
    return None in ends or ends[0] <= ends[1]


def has_its_shape(kind: str, value: Any) -> bool:
    if value is None:
        return True
    match kind:
        case "date":
            return is_span(value, ISO)
        case "time":
            return is_span(value, CLOCK)
        case "datetime":
            on, at = value["date"], value["time"]
            return (on or at) and has_its_shape("date", on) and has_its_shape("time", at)
        case "yesno":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int) and not isinstance(value, bool)
        case "phone":
            return bool(re.fullmatch(r"\+[1-9]\d{7,14}", value))
        case "name":
            return set(value) == {"given", "family"} and any(value.values())
        case "national_id":
            return bool(re.fullmatch(r"[0-9A-ZÑ]{9}|[0-9A-ZÑ]{18}", value))
        case "urgency":
            return value in {"emergency", "today"}
        case "intent":
            return isinstance(value["intent"], str) and isinstance(value["slots"], dict)
        case "birth_date":
            return date(1900, 1, 1) <= date.fromisoformat(value) <= NOW.date()
        case "choice":
            return value in {"a", "b"}
    return True


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS)
def test_any_words_get_an_answer_of_the_right_shape(kind: str, text: str) -> None:
    for context in CONTEXTS:
        understood = understand(kind, text, context)
        assert has_its_shape(kind, understood.value), understood
        assert 0.0 <= understood.confidence <= 1.0
        assert (understood.value is None) == (understood.confidence == 0.0)
        json.dumps(understood.plain())


@settings(max_examples=200, deadline=None)
@given(day=st.dates(date(2026, 11, 24), date(2031, 11, 23)))
def test_a_day_said_in_full_is_that_day(day: date) -> None:
    for said in (
        f"el {day.day} de {MONTHS[day.month - 1]} de {day.year}",
        f"{day.day}/{day.month}/{day.year}",
        f"el {day.day:02}-{day.month:02}-{day.year}",
    ):
        value = understand("date", said, CONTEXTS[0]).value
        assert value == {"from": day.isoformat(), "to": day.isoformat()}


@settings(max_examples=200, deadline=None)
@given(moment=st.times(time(8), time(20, 59)))
def test_an_hour_read_from_a_clock_is_that_hour(moment: time) -> None:
    written = f"{moment:%H:%M}"
    value = understand("time", f"a las {written} horas", CONTEXTS[0]).value
    spans = value.get("options", [value])
    assert {"from": written, "to": written} in spans
    assert len(spans) == 1 or moment.hour == 8


@settings(max_examples=200, deadline=None)
@given(digits=st.from_regex(r"[67][0-9]{8}", fullmatch=True))
def test_a_number_dictated_digit_by_digit_is_that_number(digits: str) -> None:
    spoken = " ".join(DIGITS[int(digit)] for digit in digits)
    assert understand("phone", spoken, CONTEXTS[0]).value == f"+34{digits}"
    assert understand("phone", " ".join(digits), CONTEXTS[0]).value == f"+34{digits}"


@settings(max_examples=200, deadline=None)
@given(number=st.integers(0, 999_999_999))
def test_a_number_said_in_words_is_that_number(number: int) -> None:
    from num2words import num2words

    assert understand("number", num2words(number, lang="es"), CONTEXTS[0]).value == number
