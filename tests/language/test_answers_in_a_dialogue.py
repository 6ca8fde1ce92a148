"""Answers that depend on what was offered, on the clinic's people and on its hours."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from ivr.errors import InvalidInput, NotFound
from ivr.language import Context, Dates, Named, Option, Times, load, match_name, understand

NOW = datetime(2026, 11, 24, 10, 0)  # noqa: DTZ001 (the clinic's own clock)
CLINIC = Context(
    NOW,
    professionals=(
        Named(1, ("doctora Ruiz", "Marta Ruiz", "Ruiz", "Marta")),
        Named(2, ("doctor Vázquez", "Pablo Vázquez", "Vázquez", "Pablo")),
        Named(3, ("doctora Giménez", "Yolanda Giménez", "Giménez", "Yolanda")),
        Named(4, ("doctor Ruiz", "Hugo Ruiz", "Ruiz", "Hugo")),
        Named(5, ("fisioterapeuta Etxebarria", "Ane Etxebarria", "Etxebarria", "Ane")),
    ),
    services=(
        Named("LIM", ("Higiene dental", "limpieza")),
        Named("REV", ("Revisión general", "revisión", "chequeo")),
        Named("END", ("Endodoncia",)),
    ),
    branches=(
        Named("centro", ("Clínica Centro", "centro")),
        Named("norte", ("Clínica Norte", "norte", "Chamartín")),
    ),
)
OFFERED = (
    Option(
        10, ("el jueves veintiséis a las diez y media",), NOW.replace(day=26, hour=10, minute=30)
    ),
    Option(11, ("el jueves veintiséis a las cinco",), NOW.replace(day=26, hour=17)),
    Option(12, ("el viernes veintisiete a las nueve",), NOW.replace(day=27, hour=9)),
)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("la primera", 10),
        ("el segundo", 11),
        ("la segunda opción", 11),
        ("la tercera, por favor", 12),
        ("la última", 12),
        ("la de en medio", 11),
        ("la 2", 11),
        ("opción 3", 12),
        ("uno", 10),
        ("la de las diez y media", 10),
        ("a las 10.30", 10),
        ("la de las cinco", 11),
        ("la del viernes", 12),
        ("el viernes me va mejor", 12),
        ("el jueves por la tarde", 11),
        ("la primera no, la segunda", 11),
        ("la más temprana", 10),
        ("cualquiera", 10),
        ("me da igual", 10),
        ("la del 27", 12),
        ("ninguna", None),
        ("no, otro día", None),
        ("el martes", None),
        ("a las ocho", None),
        ("¿cuánto cuesta?", None),
    ],
)
def test_the_caller_takes_one_of_the_offers(words: str, key: int | None) -> None:
    assert understand("choice", words, replace(CLINIC, options=OFFERED)).value == key


def test_two_offers_on_the_day_said_are_asked_back() -> None:
    understood = understand("choice", "la del jueves", replace(CLINIC, options=OFFERED))
    assert understood.confidence < 0.5
    assert {understood.value, *understood.alternatives} == {10, 11}


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("con la doctora Ruis", 1),
        ("con el doctor Ruiz", 4),
        ("el doctor Basques", 2),
        ("con Vasquez si puede ser", 2),
        ("la doctora Jimenez", 3),
        ("con Marta", 1),
        ("Etcheverría", 5),
        ("quiero cita con la doctora Yolanda el martes por la tarde", 3),
        ("el martes por la mañana", None),
        ("soy Marta y quería una revisión para el martes", None),
        ("me da igual quién", None),
        ("con mi marido", None),
        ("Yolanda, me parece que se llama", 3),
        ("mi hija se llama Yolanda", None),
    ],
)
def test_a_professional_is_known_by_the_sound_of_the_name(words: str, key: int | None) -> None:
    understood = understand("professional", words, CLINIC)
    assert understood.value == key


def test_two_professionals_of_one_surname_are_told_apart_by_asking() -> None:
    understood = understand("professional", "con Ruiz", CLINIC)
    assert understood.confidence < 0.5
    assert {understood.value, *understood.alternatives} == {1, 4}


@pytest.mark.parametrize(
    ("kind", "words", "key"),
    [
        ("service", "una limpieza de boca", "LIM"),
        ("service", "quería una higiene", "LIM"),
        ("service", "un chequeo", "REV"),
        ("service", "endodonsia", "END"),
        ("service", "matar el nervio", "END"),
        ("service", "el jueves por la tarde", None),
        ("branch", "en la del centro", "centro"),
        ("branch", "en Chamartin", "norte"),
        ("branch", "me da igual", None),
    ],
)
def test_the_clinics_own_names_come_first(kind: str, words: str, key: str | None) -> None:
    assert understand(kind, words, CLINIC).value == key


def test_a_whole_wish_keeps_the_clinics_keys() -> None:
    words = "quería una limpieza con la doctora Giménez en Chamartín el jueves a las diez"
    assert understand("intent", words, CLINIC).value == {
        "intent": "book",
        "slots": {
            "service": "LIM",
            "professional": 3,
            "branch": "norte",
            "date": {"from": "2026-11-26", "to": "2026-11-26"},
            "time": {"from": "10:00", "to": "10:00"},
        },
    }


def test_a_patient_is_found_among_those_of_the_phone() -> None:
    family = (Named(7, ("Lucía Gómez Vila",)), Named(8, ("Hugo Gómez Vila",)))
    context = replace(CLINIC, patients=family)
    assert understand("patient", "es para Ugo", context).value == 8
    assert understand("patient", "para Lucia", context).value == 7
    assert understand("patient", "Gómez", context).confidence < 0.5
    assert match_name("Lusía Gomes", family, load())[0].key == 7


def test_opening_hours_settle_which_half_of_the_day_is_meant() -> None:
    late = replace(CLINIC, opens=time(9), closes=time(14))
    assert understand("time", "a las ocho", late).value == {"from": "08:00", "to": "08:00"}
    night = replace(CLINIC, opens=time(0), closes=time(23, 59))
    options = understand("time", "a las cinco", night).value["options"]
    assert [option["from"] for option in options] == ["05:00", "17:00"]


def test_days_are_counted_on_the_clinics_clock_not_in_utc() -> None:
    midnight = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    spain, mexico = Context(midnight), Context(midnight, country="mx")
    assert understand("date", "mañana", spain).value["from"] == "2026-11-26"
    assert understand("date", "mañana", mexico).value["from"] == "2026-11-25"


def test_a_correction_says_what_is_ruled_out_and_what_is_wanted() -> None:
    reading = understand("date", "no, el miércoles no, el jueves", CLINIC).reading
    assert isinstance(reading, Dates)
    assert reading.day is not None and reading.day.isoformat() == "2026-11-26"
    assert reading.excluded_weekdays == {2}


def test_typed_readings_carry_what_json_says() -> None:
    understood = understand("time", "entre las cuatro y las seis", CLINIC)
    assert understood.reading == Times(time(16), time(18))
    assert understood and understood.plain()["value"] == {"from": "16:00", "to": "18:00"}


def test_one_misheard_digit_of_a_document_is_settled_by_those_on_file() -> None:
    on_file = replace(CLINIC, documents=("12345678Z", "X1234567L"))
    assert understand("national_id", "12345679 zeta", on_file).value == "12345678Z"
    assert understand("national_id", "12345679 zeta", CLINIC).value is None


def test_a_letter_misheard_for_one_that_sounds_like_it_is_mended() -> None:
    misheard = understand("national_id", "uno dos tres cuatro cinco seis siete dos be", CLINIC)
    assert misheard.value == "12345672P"
    assert misheard.confidence < 0.8
    assert not understand("national_id", "uno dos tres cuatro cinco seis siete dos zeta", CLINIC)


def test_unknown_kinds_and_languages_are_refused_in_plain_words() -> None:
    with pytest.raises(InvalidInput, match="Unknown kind"):
        understand("color", "rojo", CLINIC)
    with pytest.raises(NotFound, match="missing"):
        load("xx-XX")
