"""What a recognizer wrote as it heard it is taken for what was said, or is asked back."""

from datetime import UTC, datetime

import pytest

from ivr.adapters.speech.context import with_likely_names
from ivr.flow.questions import PLAUSIBLE, SURE
from ivr.language import Context, Named, likely_name, load, understand
from ivr.ports import Alternative, Expectation, Words

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SPAIN = Context(
    NOW,
    professionals=(
        Named("ruiz", ("doctora Ruiz", "Elena Ruiz", "Ruiz")),
        Named("ortega", ("doctora Ortega", "Carmen Ortega", "Ortega")),
        Named("molina", ("doctor Molina", "Javier Molina", "Molina")),
    ),
    services=(Named("fisio", ("Fisioterapia", "fisio")), Named("limpieza", ("Limpieza",))),
)
NAME = Expectation(kinds=("name",))


@pytest.mark.parametrize(
    ("kind", "heard", "value"),
    [
        ("minutes", "¡Benter!", 20),
        ("number", "si senta", 60),
        ("number", "Susenta.", 60),
        ("date", "Tavril.", {"from": "2027-04-01", "to": "2027-04-30"}),
        ("date", "Deci embre.", {"from": "2026-12-01", "to": "2026-12-31"}),
        ("phone", "Pueve unos cinco, cuatro, tres, dos, uno, cero, nueve.", "+34915432109"),
        ("phone", "seis doce, trenta y cuato, cinquenta y seis, setenta y ocho", "+34612345678"),
        ("phone", "Es cinco nueve, doble, tres, cuarenta y uno, cero dos", "+34659334102"),
        ("birth_date", "el trenta de enebro de mil novecientos cuarenta y siete", "1947-01-30"),
    ],
)
def test_a_word_nobody_knows_is_asked_back_as_the_answer_it_sounds_like(
    kind: str, heard: str, value: object
) -> None:
    understood = understand(kind, heard, SPAIN)
    assert understood.value == value
    assert PLAUSIBLE <= understood.confidence < SURE


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("minutes", "no sé"),
        ("number", "bien"),
        ("number", "gracias"),
        ("date", "no me acuerdo"),
        ("phone", "puede unos cinco, cuatro tres dos, uno cero nueve"),
        ("phone", "mi número es noventa y nueve, treinta y tres, cuarenta y uno, cero dos"),
        ("phone", "es 612 34 56 7"),
        ("phone", "el 12345678Z"),
        ("phone", "nueve nueve, treinta y tres, cuarenta y uno, cero dos"),
        ("birth_date", "el treinta de jurio de mil novecientos cuarenta y siete"),
    ],
)
def test_an_everyday_word_is_not_taken_for_an_answer_it_resembles(kind: str, said: str) -> None:
    assert understand(kind, said, SPAIN).value is None


@pytest.mark.parametrize(
    "heard",
    ["14 de marzo de 1989, 80 y dos.", "14 de marzo de 1980 y dos.", "14 de marzo de 1980 y 2"],
)
def test_a_year_whose_last_figures_were_written_twice_is_the_year_said(heard: str) -> None:
    assert understand("birth_date", heard, SPAIN).value == "1982-03-14"


@pytest.mark.parametrize(
    ("kind", "heard", "value"),
    [
        ("phone", "nueve unos cinco, cuatro tres dos, uno cero nueve", "+34915432109"),
        ("phone", "seis cinco cinco, tres ceros, dos unos, seis", "+34655000116"),
        ("national_id", "40 millones 210 y 3.456 A", "40213456A"),
        ("national_id", "40 millones 213 mil 456 A", "40213456A"),
        ("date", "de mañana a nocho", {"from": "2026-12-01", "to": "2026-12-01"}),
        ("yesno", "que no me graves", False),
        ("number", "Se senta.", 60),
        ("number", "ponga que se senta y tres", 63),
        ("urgency", "Se sienta.", None),
        ("urgency", "hace un año me ingresaron por un pre-infarto, quiero una revisión", None),
        ("urgency", "ayer perdí el conocimiento pero llamo por otra cosa hoy estoy genial", None),
        ("urgency", "ayer perdí el conocimiento y hoy no estoy bien", "emergency"),
        ("urgency", "me enteró una tachuela en el dedo y lo traigo insado", "today"),
        ("date", "el último viernes enero", {"from": "2027-01-29", "to": "2027-01-29"}),
        ("date", "no mañana si no el jueves", {"from": "2026-11-26", "to": "2026-11-26"}),
        (
            "date",
            "no me importa el lunes, si no el martes",
            {"from": "2026-11-30", "to": "2026-11-30"},
        ),
        ("birth_date", "Diez y nueve de abril de mil novecientos ochenta y cinco", "1985-04-19"),
        ("time", "entre diez y siete de la tarde", {"from": "10:00", "to": "19:00"}),
        ("number", "el diez y ocho", 18),
        ("time", "a las diez y ocho", {"from": "10:08", "to": "10:08"}),
        ("time", "a la 11", {"from": "11:00", "to": "11:00"}),
        ("time", "a las doce menos cuartos", {"from": "11:45", "to": "11:45"}),
        ("date", "el 3 de octuble", {"from": "2027-10-03", "to": "2027-10-03"}),
        ("date", "el 27 de de noviembre", {"from": "2026-11-27", "to": "2026-11-27"}),
        ("birth_date", "siete de octubre de dos mil días", "2010-10-07"),
        ("yesno", "¿Qué vas hoy paciente desde hace años?", False),
        ("yesno", "¿Qué vas a hacer hoy?", None),
    ],
)
def test_words_that_ran_together_are_parted_where_they_were(
    kind: str, heard: str, value: object
) -> None:
    assert understand(kind, heard, SPAIN).value == value


def test_a_pause_within_a_moment_does_not_change_it() -> None:
    assert understand("date", "Pasado, mañana.", SPAIN).value["from"] == "2026-11-25"
    heard = understand("time", "a las 10, cuarto de la mañana", SPAIN).value
    assert heard == {"from": "10:15", "to": "10:15"}
    assert understand("time", "a las diez menos cuarto", SPAIN).value["from"] == "09:45"


def test_a_name_written_as_it_sounds_is_that_name() -> None:
    value = understand("name", "Guadalupe Martines Flores", SPAIN).value
    assert value == {"given": "Guadalupe", "family": "Martínez Flores"}


@pytest.mark.parametrize("text", ["Olga Petrova", "Ana Ferreiro", "quiero cita para mañana"])
def test_a_rare_name_heard_clearly_is_kept(text: str) -> None:
    heard = Words(text, 0.9)
    assert with_likely_names(heard, NAME, "es-ES") == heard
    assert understand("name", "Olga Petrova", SPAIN).value["family"] == "Petrova"


def test_a_name_heard_badly_is_the_likeliest_one_first() -> None:
    heard = with_likely_names(Words("cuadalupe martine clores", 0.5), NAME, "es-MX")
    assert heard.text == "Guadalupe Martínez Flores"
    assert [one.text for one in heard.alternatives] == ["cuadalupe martine clores"]
    assert heard.confidence == 0.5
    assert likely_name("A nombre de Ana Socía Mendoza.", load("es-ES")).endswith(
        "Ana Sofía Mendoza."
    )


def test_of_two_readings_the_one_made_of_names_goes_first() -> None:
    loco = Words("Me llamo Antonio García loco", 0.68, (Alternative("Antonio García López", 0.64),))
    heard = with_likely_names(loco, NAME, "es-ES")
    assert (heard.text, heard.confidence) == ("Antonio García López", 0.64)
    assert heard.alternatives == (Alternative(loco.text, 0.68),)
    far = Words("Olga Petrova", 0.8, (Alternative("Olga Pérez", 0.5), Alternative("Olga", 0.79)))
    assert with_likely_names(far, NAME, "es-ES") == far


def test_a_name_after_a_title_is_the_only_professional_it_is_like() -> None:
    heard = understand("professional", "con la doctora ruida, la semana que viene", SPAIN)
    assert heard.value == "ruiz"
    assert heard.confidence < SURE
    assert understand("professional", "con la doctora Gómez", SPAIN).value is None


def test_two_surnames_heard_as_one_word_are_likely_two() -> None:
    assert likely_name("Soy Carmen Morenogarcía", load("es-ES")) == "Soy Carmen Moreno García"
    assert likely_name("Ana Peñaranda", load("es-ES")) == "Ana Peñaranda"
    assert understand("name", "Lucía Mariblanca", SPAIN).value["family"] == "Mariblanca"


def test_a_service_whose_end_was_not_heard_is_that_service() -> None:
    sentence = "quería saber también cuánto me cuesta más o menos una fisiotera"
    assert understand("service", sentence, SPAIN).value == "fisio"
    assert understand("service", "la físi", SPAIN).value is None


def test_a_service_behind_a_syllable_of_noise_is_that_service() -> None:
    assert understand("service", "Profisioterapia", SPAIN).value == "fisio"


def test_a_red_flag_whose_denial_may_have_lost_its_first_sound_is_unsure() -> None:
    clipped = understand("urgency", "o me duele el pecho, solo quiero una cita", SPAIN)
    clear = understand("urgency", "me duele el pecho", SPAIN)
    assert clipped.value == clear.value == "emergency"
    assert clipped.confidence < SURE <= clear.confidence


@pytest.mark.parametrize("heard", ["Con la doctora Villa Señor.", "la doctora Vi Llaseñor"])
def test_a_name_heard_as_two_words_is_that_name(heard: str) -> None:
    here = Context(
        NOW,
        professionals=(
            *SPAIN.professionals,
            Named("villa", ("doctora Villaseñor", "Ana Villaseñor")),
        ),
    )
    assert understand("professional", heard, here).value == "villa"


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("Sí sí quítela que ya no me hace falta.", True),
        ("Sí, cancélela que no puedo ir", True),
        ("Sí, nunca he ido.", True),
        ("No la cancele que sí puedo", False),
        ("No, porque sí puedo ir.", False),
        ("No, no, espere, no la nule.", False),
    ],
)
def test_why_somebody_says_yes_or_no_does_not_make_them_unsure(said: str, value: bool) -> None:
    understood = understand("yesno", said, SPAIN)
    assert understood.value is value
    assert understood.confidence >= SURE


def test_no_me_or_solo_me_heard_as_lo_me_is_asked_back() -> None:
    flag = understand("urgency", "Lo me duele el pecho.", SPAIN)
    assert flag.value == "emergency"
    assert PLAUSIBLE <= flag.confidence < SURE


@pytest.mark.parametrize("said", ["¿y si no el lunes, el martes?", "y si no el lunes cuándo"])
def test_a_day_that_is_refused_is_no_second_choice(said: str) -> None:
    value = understand("date", said, SPAIN).value or {}
    assert "2026-11-30" not in str(value)


@pytest.mark.parametrize("said", ["a las, diez y nueve", "de diez y seis a siete"])
def test_ten_and_some_minutes_stay_an_hour(said: str) -> None:
    value = understand("time", said, SPAIN).value
    assert value["from"].startswith("10:")


@pytest.mark.parametrize("comma", ["", ","])
def test_a_second_choice_needs_no_comma(comma: str) -> None:
    value = understand("date", f"el lunes y si no{comma} el martes", SPAIN).value
    assert value == {
        "options": [
            {"from": "2026-11-24", "to": "2026-11-24"},
            {"from": "2026-11-30", "to": "2026-11-30"},
        ]
    }
