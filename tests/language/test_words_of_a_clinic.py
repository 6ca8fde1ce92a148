"""A clinic adds its own words without touching code."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from ivr.errors import InvalidInput
from ivr.language import Context, Words, load, understand
from ivr.language.words import FOLDER

CONTEXT = Context(datetime(2026, 11, 24, 10))  # noqa: DTZ001 (the clinic's own clock)
OWN_WORDS = """
yesno:
  yes: ["dale gas"]
urgency:
  today: ["se me ha ido el {tooth}"]
  never: ["simulacro de emergencia"]
intents:
  intents:
    price:
      sure: ["a cuanto esta el kilo"]
examples:
  billing: ["me cuadra regular lo del papel verde"]
"""


@pytest.fixture
def own_words(tmp_path: Path) -> Words:
    folder = tmp_path / "words"
    shutil.copytree(FOLDER, folder)
    (folder / "es-CLINICA.yaml").write_text(OWN_WORDS, encoding="utf-8")
    return load("es-CLINICA", folder)


def test_words_of_a_clinic_are_heard_beside_the_common_ones(own_words: Words) -> None:
    def value(kind: str, text: str) -> object:
        return understand(kind, text, CONTEXT, own_words).value

    assert value("yesno", "venga, dale gas") is True
    assert value("yesno", "no") is False
    assert value("urgency", "se me ha ido el diente") == "today"
    assert value("urgency", "no puedo respirar") == "emergency"
    assert value("urgency", "es un simulacro de emergencia") is None
    assert value("intent", "a cuánto está el kilo") == {"intent": "price", "slots": {}}
    billing = understand("intent", "me cuadra regular lo del papel verde", CONTEXT, own_words)
    assert billing.value["intent"] == "billing"


def test_a_broken_words_file_is_named_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "words"
    shutil.copytree(FOLDER, folder)
    (folder / "es-ROTA.yaml").write_text("yesno: [si\nno: {", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"(?s)es-ROTA\.yaml.*line"):
        load("es-ROTA", folder)


def test_a_malformed_phrase_is_shown_as_written() -> None:
    from ivr.language.phrases import parse

    with pytest.raises(ValueError, match=r"cannot read|left open"):
        parse("el (lunes|martes")
