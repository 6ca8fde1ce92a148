"""The spoken corpus is whole, and its sentences mean what it says before anybody speaks."""

import pytest

from ivr.bench.spoken_turns import Turn, is_right, meaning, turns
from ivr.language import KINDS
from ivr.ports import Words

TURNS = list(turns())


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: f"{turn.question}: {turn.text}"[:80])
def test_a_caller_heard_well_is_understood(turn: Turn) -> None:
    taken = meaning(turn, Words(turn.text, 1.0))
    assert is_right(turn, taken), f"taken for {taken}"


def test_every_kind_of_answer_is_spoken_in_both_varieties() -> None:
    spoken = {(turn.kind, turn.language) for turn in TURNS}
    for kind in ("yesno", "date", "time", "datetime", "birth_date", "number", "minutes", "phone",
                 "name", "professional", "service", "choice", "intent", "urgency"):  # fmt: skip
        assert {(kind, "es-ES"), (kind, "es-MX")} <= spoken, kind
    assert "national_id" in {turn.kind for turn in TURNS}
    assert {turn.kind for turn in TURNS} <= set(KINDS)


def test_red_flags_are_spoken_and_so_are_denied_ones() -> None:
    wanted = [turn.wanted for turn in TURNS if turn.kind == "urgency"]
    assert {"emergency", "today", None} == set(wanted)
    assert wanted.count(None) >= 3


def test_there_are_enough_turns_and_a_person_says_some_of_them() -> None:
    assert len(TURNS) >= 150
    recorded = [turn for turn in TURNS if turn.recordings]
    assert {"number", "date", "phone"} <= {turn.kind for turn in recorded}
    assert len({(turn.language, turn.question, turn.text) for turn in TURNS}) == len(TURNS)


def test_the_recognizer_is_told_what_the_machine_asked() -> None:
    for turn in TURNS:
        assert turn.expect.kinds
        assert set(turn.reads) <= set(KINDS)
    assert any("doctora Ruiz" in turn.expect.hints for turn in TURNS)
