"""The end of an answer need not be waited for when nothing can follow it."""

from datetime import datetime

import pytest

from ivr.language import Context, Named, answers, complete

NOW = datetime(2027, 3, 10, 12, 20)  # noqa: DTZ001 (local)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("yesno", "sí"),
        ("yesno", "pues sí, por favor"),
        ("yesno", "no, gracias"),
        ("time", "a las diez y media"),
        ("time", "a las ocho y cuarto"),
        ("time", "a las cinco de la tarde"),
        ("time", "a las doce en punto"),
        ("time", "17:30"),
        ("date", "el tres de abril"),
        ("datetime", "el jueves a las diez y media"),
        ("birth_date", "el cinco de mayo de mil novecientos ochenta y dos"),
        ("birth_date", "5 de mayo de 2010"),
        ("birth_date", "5 de mayo de 1982"),
        ("phone", "seis uno dos, treinta y cuatro, cincuenta y seis, setenta y ocho"),
        ("national_id", "uno dos tres cuatro cinco seis siete ocho zeta"),
        ("choice", "La primera."),
        ("choice", "la segunda, por favor"),
        ("choice", "pues me quedo con la última"),
    ],
)
def test_a_whole_answer_is_taken_at_once(kind: str, text: str) -> None:
    assert complete(text, (kind,), Context(NOW))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("yesno", "sí, pero"),
        ("yesno", "no es que"),
        ("yesno", "no sé"),
        ("time", "a las diez"),
        ("time", "a las diez y"),
        ("time", "a las cinco de la"),
        ("time", "por la mañana"),
        ("date", "el jueves"),
        ("date", "el tres de"),
        ("datetime", "el jueves por la"),
        ("datetime", "el jueves a las diez"),
        ("datetime", "el martes con"),
        ("birth_date", "el cinco de mayo de mil novecientos ochenta"),
        ("birth_date", "5 de mayo de 1980"),
        ("birth_date", "el cinco de mayo de mil novecientos"),
        ("birth_date", "5 de mayo de 19"),
        ("birth_date", "el cinco de mayo de dos mil"),
        ("birth_date", "5 de mayo de 2000"),
        ("phone", "seis uno dos, treinta y cuatro"),
        ("national_id", "uno dos tres cuatro cinco seis siete ocho"),
        ("intent", "quiero pedir cita para"),
        ("choice", "la primera no"),
        ("choice", "la de las diez"),
        ("choice", "a primera hora"),
        ("choice", "la primera de"),
        ("yesno", ""),
    ],
)
def test_an_answer_that_may_go_on_is_waited_for(kind: str, text: str) -> None:
    assert not complete(text, (kind,), Context(NOW))


def test_nine_digits_are_no_whole_number_in_mexico() -> None:
    said = "ocho uno uno ocho dos cero tres cero cuatro"
    assert not complete(said, ("phone",), Context(NOW, country="mx"))
    assert complete(f"{said} cero", ("phone",), Context(NOW, country="mx"))


SERVICE = Named(1, ("limpieza dental",))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("intent", "quería pedir cita"),
        ("intent", "quería pedir cita para una limpieza dental"),
        ("service", "una limpieza dental"),
        ("date", "el jueves"),
        ("datetime", "el jueves por la tarde"),
        ("time", "por la mañana"),
        ("birth_date", "5 de mayo de 1980"),
        ("birth_date", "el cinco de mayo de dos mil"),
    ],
)
def test_an_answer_that_may_go_on_is_one_all_the_same(kind: str, text: str) -> None:
    assert answers(text, (kind,), Context(NOW, services=(SERVICE,)))
    assert not complete(text, (kind,), Context(NOW, services=(SERVICE,)))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("intent", "quería pedir cita para"),
        ("intent", "quería cita con la doctora"),
        ("intent", "mire, es que"),
        ("date", "el jueves por la"),
        ("service", "una"),
        ("birth_date", "el cinco de mayo"),
        ("birth_date", "el cinco de mayo de mil novecientos"),
        ("birth_date", "5 de mayo de 19"),
    ],
)
def test_a_sentence_left_open_is_no_answer_yet(kind: str, text: str) -> None:
    assert not answers(text, (kind,), Context(NOW, services=(SERVICE,)))
