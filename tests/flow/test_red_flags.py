"""A red flag in doubt is asked back; nothing but a clear no takes it away."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from ivr.config import settings
from ivr.flow.conversation import Conversation
from ivr.flow.events import EventBase
from ivr.flow.library import load
from ivr.flow.signals import PersonWanted, Urgent
from ivr.flow.simulate import TextPhone
from ivr.language import Context, understand
from ivr.ports import Expectation, Keys, Silence, Turn, Words

CLIPPED = Words("o me duele el pecho", 0.8)
FAINT = Words("no puedo respirar", 0.4)


class Line(TextPhone):
    """A caller who says these things, one after the other."""

    def __init__(self, *turns: Turn) -> None:
        super().__init__(iter(()), language="es-ES")
        self._told: Iterator[Turn] = iter(turns)

    def listen(self, text: str, expect: Expectation) -> Turn:
        return next(self._told)


def asked(*turns: Turn) -> tuple[bool, list[EventBase]]:
    """The answer to a yes-or-no question, and the events of the call."""
    events: list[EventBase] = []
    texts = load(settings().callflows)[1]["es-ES"]
    conversation = Conversation(
        Line(*turns), texts, understand, events.append, lambda: Context(datetime.now(UTC)),
        intents=frozenset({"book", "urgency"}),
    )  # fmt: skip
    return conversation.yesno("algo_mas"), events


@pytest.mark.parametrize("heard", [CLIPPED, FAINT], ids=["clipped", "faint"])
@pytest.mark.parametrize(
    "answer",
    [
        Words("sí", 0.9),
        Keys("1"),
        Silence(),
        Silence(noise=True),
        Words("no", 0.3),
        Words("me duele mucho el pecho", 0.9),
        Words("me duele mucho el pecho", 0.4),
        Words("quería pedir cita", 0.9),
    ],
    ids=str,
)
def test_whatever_is_no_clear_no_is_an_emergency(heard: Words, answer: Turn) -> None:
    with pytest.raises(Urgent) as urgent:
        asked(heard, answer)
    assert urgent.value.level == "emergency"


@pytest.mark.parametrize("no", [Words("no", 0.9), Words("no, no", 0.8), Keys("2")], ids=str)
def test_a_clear_no_leads_back_to_the_question(no: Turn) -> None:
    answer, events = asked(CLIPPED, no, Words("sí", 0.9))
    assert answer is True
    assert "red_flag.heard" not in [event.type for event in events]  # type: ignore[attr-defined]


def test_a_red_flag_after_a_no_is_believed_at_once() -> None:
    with pytest.raises(Urgent):
        asked(CLIPPED, Keys("2"), Words("no puedo respirar", 0.9))


def test_a_clear_red_flag_asks_nothing() -> None:
    with pytest.raises(Urgent):
        asked(Words("no puedo respirar", 0.8))


def test_a_caller_asked_for_an_urgency_may_ask_for_a_person() -> None:
    with pytest.raises(PersonWanted):
        asked(CLIPPED, Keys("0"))
