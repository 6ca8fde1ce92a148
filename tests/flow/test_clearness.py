"""How clearly an answer must be heard to count at once."""

from datetime import UTC, datetime

import pytest

from ivr.config import settings
from ivr.errors import CallerHungUp
from ivr.flow.conversation import Conversation
from ivr.flow.library import load
from ivr.flow.simulate import TextPhone
from ivr.language import Context, understand
from ivr.ports import Alternative, Expectation, Turn, Words


class Once(TextPhone):
    """A caller who says one thing and hangs up when asked again."""

    def __init__(self, words: Words) -> None:
        super().__init__(iter(()), language="es-ES")
        self._said = [words]

    def listen(self, text: str, expect: Expectation) -> Turn:
        if not self._said:
            raise CallerHungUp
        return self._said.pop()


def answer(words: Words) -> bool:
    texts = load(settings().callflows)[1]["es-ES"]
    return Conversation(
        Once(words), texts, understand, lambda _: None, lambda: Context(datetime.now(UTC))
    ).yesno("algo_mas")


@pytest.mark.parametrize(
    "words",
    [
        Words("Sí", 0.44),
        Words("Sí.", 0.44, (Alternative("Sí, sí", 0.4),)),
        Words("Andale, sí.", 0.46, (Alternative("Andalesee", 0.42),)),
    ],
)
def test_a_yes_heard_fairly_and_no_other_way_counts(words: Words) -> None:
    assert answer(words) is True


@pytest.mark.parametrize(
    "words",
    [
        Words("Sí", 0.35),
        Words("Sí", 0.44, (Alternative("No.", 0.3),)),
    ],
)
def test_a_yes_that_may_be_a_no_is_asked_again(words: Words) -> None:
    with pytest.raises(CallerHungUp):
        answer(words)


@pytest.mark.parametrize("words", ["Me va perfecto, gracias.", "Me parece bien, muchas gracias."])
def test_a_yes_with_thanks_is_a_yes(words: str) -> None:
    assert answer(Words(words, 1.0)) is True


@pytest.mark.parametrize("words", ["Bueno, adiós.", "Muy bien, pues hasta luego."])
def test_a_farewell_is_no_yes(words: str) -> None:
    with pytest.raises(CallerHungUp):
        answer(Words(words, 1.0))
