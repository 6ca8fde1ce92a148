"""What a decoder made up by stuttering, told from what a caller said."""

from ivr.adapters.speech.repetition import stuttered


def test_a_word_nobody_says_four_times_is_not_believed() -> None:
    assert stuttered("sí, no lo lo lo lo lo lo")


def test_a_caller_may_say_figures_and_no_again_and_again() -> None:
    assert not stuttered("cero cero cero cero uno")
    assert not stuttered("0 0 0 0 0")
    assert not stuttered("no, no, no, no")
    assert not stuttered("la la segunda")
