"""How what is written is read aloud."""

import pytest

from ivr.adapters.speech.sentences import pieces, sentences
from ivr.adapters.speech.spoken import spoken


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("La Dra. Ruiz y el Dr. Paz", "La doctora Ruiz y el doctor Paz"),
        ("Sr. D. Juan y Sra. Dña. Ana", "señor don Juan y señora doña Ana"),
        ("a las 10:30", "a las diez y media de la mañana"),
        ("a las 17:15 h", "a las cinco y cuarto de la tarde"),
        ("a la 1:00", "a la una"),
        ("de 9:00 a 14:00 h", "de nueve de la mañana a dos de la tarde"),
        ("el 26/11/2026", "el veintiséis de noviembre de dos mil veintiséis"),
        ("45 €", "cuarenta y cinco euros"),
        ("1 €", "un euro"),
        ("21,50 €", "veintiún euros con cincuenta"),
        ("$1.200", "mil doscientos pesos"),
        ("612345678", "seis uno dos, tres cuatro, cinco seis, siete ocho"),
        (
            "+34 612 34 56 78",
            "más treinta y cuatro, seis uno dos, tres cuatro, cinco seis, siete ocho",
        ),
        ("55 1234 5678", "cinco cinco, uno dos tres cuatro, cinco seis siete ocho"),
        ("referencia R4K7TB", "referencia erre cuatro ca, siete te be"),
        ("llame al 112", "llame al uno uno dos"),
        ("21 citas y 1 hora", "veintiuna citas y una hora"),
        ("1 minuto, 31 días", "un minuto, treinta y un días"),
        ("Pulse 1.", "Pulse uno."),
        ("marque 1 para cita", "marque uno para cita"),
        ("el 50 %", "el cincuenta por ciento"),
        ("código 0042", "código cero cero cuatro dos"),
        ("C/ Mayor, 12, 2.º", "calle Mayor, doce, segundo"),
        ("son las 25:70", "son las veinticinco:setenta"),
    ],
)
def test_figures_and_abbreviations_become_words(written: str, read: str) -> None:
    assert spoken(written, "es-ES") == read


def test_english_is_left_as_it_is() -> None:
    assert spoken("Press  1.", "en-US") == "Press 1."


def test_a_text_is_cut_where_a_speaker_would_breathe() -> None:
    assert sentences("Hola. ¿Qué desea? Pulse 1.") == ["Hola.", "¿Qué desea?", "Pulse 1."]
    long = "uno, " * 100
    assert all(len(piece) <= 60 for piece in pieces(long, 60))
    assert "".join(pieces(long, 60)).count("uno") == 100
