"""What a decoder repeated, told from what a caller said twice."""

import numpy as np
import pytest

from ivr.adapters.speech.repetition import said_once, unrepeated
from ivr.adapters.speech.whisper import RATE, sounding_s


def test_one_word_is_not_taken_for_two() -> None:
    assert unrepeated("siete siete", 0.7) == "siete"


def test_a_word_said_twice_stays_twice() -> None:
    assert unrepeated("siete siete", 1.1) == "siete siete"
    assert unrepeated("seis uno tres tres", 1.6) == "seis uno tres tres"


@pytest.mark.parametrize("noise", [0.0, 0.002, 0.02])
def test_a_word_is_no_longer_in_a_noisy_room(noise: float) -> None:
    room = np.random.default_rng(3).normal(scale=noise, size=3 * RATE).astype(np.float32)
    room[RATE : RATE + RATE // 2] += 0.2 * np.sin(np.arange(RATE // 2) * 0.2)
    assert sounding_s(room) == pytest.approx(0.5, abs=0.05)


def test_a_long_word_read_twice_and_once_is_found_among_the_others() -> None:
    assert said_once("Treinta y cinco", ["treinta"]) is None
    assert said_once("Cuarenta, cuarenta.", ["Cincuenta", "cuarenta"]) == 1
    assert said_once("tres tres", ["tres"]) is None


def test_an_answer_may_end_as_it_began() -> None:
    assert unrepeated("No, mejor no.", 0.75) == "No, mejor no."
    assert unrepeated("Sí, claro que sí.", 0.9) == "Sí, claro que sí."
    assert unrepeated("Sí, por supuesto que sí.", 1.4) == "Sí, por supuesto que sí."
    assert unrepeated("siete nueve si", 0.7) == "siete nueve"
    assert unrepeated("No, mejor no, mejor", 0.8) == "No, mejor"
