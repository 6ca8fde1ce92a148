"""What a decoder repeated, told from what a caller said twice."""

from ivr.adapters.speech.repetition import unrepeated


def test_one_word_is_not_taken_for_two() -> None:
    assert unrepeated("siete siete", 0.7) == "siete"


def test_a_word_said_twice_stays_twice() -> None:
    assert unrepeated("siete siete", 1.1) == "siete siete"
    assert unrepeated("seis uno tres tres", 1.6) == "seis uno tres tres"
