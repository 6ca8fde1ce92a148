"""Callers hear dates, times and numbers as a receptionist would say them."""

from datetime import date, datetime, time

import pytest

from ivr.errors import InvalidInput
from ivr.flow import speak

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "language", "spoken"),
    [
        (date(2026, 11, 23), "es-ES", "hoy, lunes veintitrés de noviembre"),
        (date(2026, 11, 24), "es-ES", "mañana, martes veinticuatro de noviembre"),
        (date(2026, 11, 26), "es-ES", "el jueves veintiséis de noviembre"),
        (date(2026, 12, 1), "es-ES", "el martes uno de diciembre"),
        (date(2026, 12, 1), "es-MX", "el martes primero de diciembre"),
        (date(2027, 4, 6), "es-ES", "el martes seis de abril de dos mil veintisiete"),
        (date(2026, 11, 26), "en", "on Thursday, November twenty-sixth"),
        (date(2026, 11, 24), "en", "tomorrow, Tuesday, November twenty-fourth"),
    ],
)
def test_a_day(day: date, language: str, spoken: str) -> None:
    assert speak.day(day, TODAY, language) == spoken


@pytest.mark.parametrize(
    ("hour", "minute", "language", "spoken"),
    [
        (10, 30, "es-ES", "a las diez y media de la mañana"),
        (13, 0, "es-ES", "a la una de la tarde"),
        (12, 0, "es-ES", "a las doce del mediodía"),
        (17, 15, "es-ES", "a las cinco y cuarto de la tarde"),
        (9, 45, "es-ES", "a las diez menos cuarto de la mañana"),
        (9, 45, "es-MX", "a las nueve y cuarenta y cinco de la mañana"),
        (20, 0, "es-ES", "a las ocho de la tarde"),
        (20, 0, "es-MX", "a las ocho de la noche"),
        (12, 45, "es-ES", "a la una menos cuarto del mediodía"),
        (9, 5, "en", "at nine oh five in the morning"),
        (12, 30, "en", "at twelve thirty in the afternoon"),
    ],
)
def test_a_time(hour: int, minute: int, language: str, spoken: str) -> None:
    moment = datetime(2026, 11, 23, hour, minute)  # noqa: DTZ001 (a wall-clock time)
    assert speak.clock_time(moment, language) == spoken


def test_a_reference_digit_by_digit_with_a_breath() -> None:
    assert speak.digits("471302", "es-ES") == "cuatro, siete, uno; tres, cero, dos"
    assert speak.digits("12", "en") == "one, two"


@pytest.mark.parametrize(
    ("cents", "currency", "spoken"),
    [
        (4550, "EUR", "cuarenta y cinco euros con cincuenta"),
        (100, "EUR", "un euro"),
        (2100, "EUR", "veintiún euros"),
        (3100, "MXN", "treinta y un pesos"),
        (90000, "MXN", "novecientos pesos"),
    ],
)
def test_money(cents: int, currency: str, spoken: str) -> None:
    assert speak.money(cents, currency, "es-ES") == spoken


def test_money_nobody_has_words_for_is_refused() -> None:
    with pytest.raises(InvalidInput, match="EUR or MXN"):
        speak.money(100, "USD", "es-ES")


def test_telephone_numbers_in_the_groups_of_their_country() -> None:
    spain = speak.phone_number("+34600123456", "es-ES")
    assert spain == "seis cero cero, uno dos, tres cuatro, cinco seis"
    mexico = speak.phone_number("+525512345678", "es-MX")
    assert mexico == "cinco cinco, uno dos, tres cuatro, cinco seis, siete ocho"


@pytest.mark.parametrize(
    ("title", "given", "family", "language", "spoken"),
    [
        ("doctora", "Elena", "Ruiz Campo", "es-ES", "la doctora Ruiz"),
        ("doctor", "Marcos", "Soto", "es-ES", "el doctor Soto"),
        ("higienista", "Lola", "Marín", "es-ES", "Lola Marín"),
        ("doctora", "Elena", "Ruiz", "en", "Doctor Ruiz"),
    ],
)
def test_a_professional(title: str, given: str, family: str, language: str, spoken: str) -> None:
    assert speak.professional(title, given, family, language) == spoken


def test_days_with_the_same_hours_are_said_together() -> None:
    week = {day: [(time(9), time(14)), (time(16), time(20))] for day in range(5)}
    week[5] = [(time(9, 30), time(14))]
    assert speak.week_hours(week, "es-ES") == (
        "de lunes a viernes, de las nueve de la mañana a las dos de la tarde y "
        "de las cuatro de la tarde a las ocho de la tarde; "
        "sábado, de las nueve y media de la mañana a las dos de la tarde"
    )


def test_slowly_breathes_between_phrases() -> None:
    assert speak.slowly("Sí, claro; diga.") == "Sí... claro... diga."
