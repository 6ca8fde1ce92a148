"""Words that answer nothing are listened to once more, in other ways."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ivr.adapters.speech import second_look
from ivr.adapters.speech.whisper import Whisper, _Reading
from ivr.adapters.speech.whisper_model import LoadedModel
from ivr.ports import Alternative, Audio, Expectation, Words

NUMBER = Expectation(kinds=("number",), dictation=True)
TIME = Expectation(kinds=("time",))
YES_OR_NO = Expectation(kinds=("yesno",))
SERVICE = Expectation(kinds=("service",), hints=("Limpieza dental",))
A_SECOND = Audio(np.full(8000, 0.1, np.float32), 8000)


class Speechless(LoadedModel):
    """A model that is asked for nothing."""

    def prompt(self, hints: Sequence[str]) -> list[int]:
        return []


class Written(Whisper):
    """A recognizer whose model writes what it is told, a look after the other."""

    def __init__(self, *looks: dict[str, float]) -> None:
        super().__init__(Path())
        self.looks = list(looks)
        self.decodings: list[int] = []
        """How many sounds each decoding was given."""

    def _ready(self, language: str, *, alone: bool) -> LoadedModel:
        return Speechless(Path(), None, None, None)

    def _decode(
        self, model: LoadedModel, sounds: Any, window_s: float, prompt: Sequence[int]
    ) -> list[list[_Reading]]:
        self.decodings.append(len(sounds))
        return [
            [
                _Reading(text, math.log(sure), 0.0, 1, True)
                for text, sure in self.looks.pop(0).items()
            ]
            for _ in sounds
        ]


def heard(whisper: Whisper, expect: Expectation, seconds: int = 1) -> Words:
    audio = Audio(np.tile(A_SECOND.samples, seconds), A_SECOND.rate)
    return whisper.transcribe(audio, language="es-MX", expect=expect)


def test_a_number_heard_as_none_is_understood_at_the_second_look() -> None:
    whisper = Written({"bien": 0.4}, {"bien": 0.3, "diez": 0.28}, {"diez": 0.5})
    words = heard(whisper, NUMBER)
    assert words.text == "diez"
    assert words.confidence < 0.4, "only two looks of three wrote it: it is asked back"
    assert words.alternatives[0].text == "bien"


def test_a_clear_answer_is_looked_at_once() -> None:
    whisper = Written({"diez": 0.4})
    assert heard(whisper, NUMBER).text == "diez"
    assert whisper.decodings == [1]


def test_a_long_sentence_is_looked_at_once() -> None:
    whisper = Written({"pues mire le cuento una cosa": 0.4})
    heard(whisper, NUMBER, seconds=8)
    assert whisper.decodings == [1]


def test_two_spellings_of_one_hour_count_together() -> None:
    looks = [
        Words("a las no se", 0.5),
        Words("a las doce y cuarto", 0.3),
        Words("a las 12 y cuarto", 0.32),
    ]
    words = second_look.pooled(looks, TIME, "es-ES")
    assert words.text == "a las 12 y cuarto"
    assert words.alternatives == (Alternative("a las no se", 0.167),)


@pytest.mark.parametrize(
    ("text", "expect", "due"),
    [
        ("bien bien", NUMBER, True),
        ("sesenta", NUMBER, False),
        ("me duele mucho el pecho y no puedo respirar", NUMBER, False),
        ("gracias", Expectation(kinds=("service", "intent")), False),
        ("una limpieza dental", SERVICE, False),
        ("una cosa muy rara", SERVICE, True),
        ("la segunda", Expectation(kinds=("choice", "datetime")), False),
        ("lo que sea", Expectation(), False),
    ],
)
def test_only_what_cannot_be_an_answer_nor_an_alarm_is_looked_at_again(
    text: str, expect: Expectation, due: bool
) -> None:
    assert second_look.is_due(Words(text, 0.6), expect, "es-ES") is due


def test_a_second_look_that_hears_an_alarm_is_believed_before_no_answer() -> None:
    looks = [Words("me mola el techo", 0.5), Words("me duele mucho el pecho", 0.7), Words("", 0.0)]
    words = second_look.pooled(looks, YES_OR_NO, "es-ES")
    assert words.text == "me duele mucho el pecho"
