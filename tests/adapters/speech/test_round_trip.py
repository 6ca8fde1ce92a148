"""What our voices say is what our recognizer hears, after an A-law telephone line."""

import re
import unicodedata

import numpy as np
import pytest
from num2words import num2words

from ivr.adapters.speech.whisper import Whisper
from ivr.bench.speech_line import Caller
from ivr.ports import Audio, Expectation, Words

SENTENCES = [
    "Quiero pedir cita con el dentista.",
    "Quería cambiar la cita del jueves a otro día por la tarde.",
    "El jueves que viene por la tarde.",
    "A las diez y media.",
    "Con la doctora Ruiz, por favor.",
    "El catorce de marzo de mil novecientos ochenta y cinco.",
    "Quiero hablar con una persona.",
    "Una limpieza dental para el lunes por la mañana.",
    "La primera que tengan, me da igual el día.",
    "Sí, por favor.",
    "No, gracias.",
    "Necesito anular la cita del martes.",
]


def plain(text: str) -> str:
    """Words without accents, case or punctuation, figures spelled out."""
    words = re.sub(r"\d+", lambda figures: num2words(int(figures[0]), lang="es"), text)
    folded = unicodedata.normalize("NFD", words.lower())
    return " ".join(re.findall(r"[a-z]+", "".join(c for c in folded if ord(c) < 0x300)))


def heard_right(words: Words, said: str) -> bool:
    readings = [words.text, *(other.text for other in words.alternatives)]
    return plain(said) in map(plain, readings)


@pytest.mark.parametrize("text", SENTENCES)
def test_a_booking_sentence_is_heard_as_it_was_said(
    caller: Caller, whisper: Whisper, text: str
) -> None:
    words = whisper.transcribe(caller.says(text), language="es-ES", expect=Expectation())
    assert heard_right(words, text), words


def test_a_mans_voice_is_understood_as_well(caller: Caller, whisper: Whisper) -> None:
    right = [
        heard_right(
            whisper.transcribe(
                caller.says(text, "em_alex"), language="es-ES", expect=Expectation()
            ),
            text,
        )
        for text in SENTENCES
    ]
    assert sum(right) >= len(right) - 1


def test_a_sentence_said_once_is_not_heard_twice(caller: Caller, whisper: Whisper) -> None:
    for text in ("No, gracias.", "Quiero hablar con una persona.", "A las diez y media."):
        words = whisper.transcribe(
            caller.says(text, "em_alex"), language="es-ES", expect=Expectation()
        )
        assert len(plain(words.text).split()) <= len(plain(text).split()), words.text


@pytest.mark.parametrize("voice", ["ef_dora", "em_alex"])
@pytest.mark.parametrize(("text", "answer"), [("Sí.", "si"), ("No.", "no")])
def test_a_lone_yes_or_no_is_heard(
    caller: Caller, whisper: Whisper, text: str, answer: str, voice: str
) -> None:
    words = whisper.transcribe(
        caller.says(text, voice), language="es-ES", expect=Expectation(kinds=("yesno",))
    )
    assert plain(words.text) == answer


def test_silence_is_no_words(whisper: Whisper) -> None:
    noise = np.random.default_rng(1).normal(0, 0.002, 16000).astype(np.float32)
    words = whisper.transcribe(Audio(noise, 8000), language="es-ES", expect=Expectation())
    assert words.confidence < 0.4


def test_names_of_the_clinic_are_heard_when_the_turn_hints_at_them(
    caller: Caller, whisper: Whisper
) -> None:
    words = whisper.transcribe(
        caller.says("Con el doctor Echevarría, por favor."),
        language="es-ES",
        expect=Expectation(hints=("doctor Echevarría", "doctora Ruiz")),
    )
    assert "Echevarría" in words.text


def test_a_long_message_is_heard_to_its_end(caller: Caller, whisper: Whisper) -> None:
    samples = np.concatenate([caller.says(text, pause_s=0.6).samples for text in SENTENCES])
    assert len(samples) > 30 * 8000
    words = whisper.transcribe(Audio(samples, 8000), language="es-ES", expect=Expectation())
    heard = [text for text in SENTENCES if plain(text) in plain(words.text)]
    assert len(heard) >= len(SENTENCES) - 2, words.text
