"""How much of what callers *say* is understood: the spoken corpus through the recognizer.

Each turn is heard on a clean line and in one of the other conditions, by turns: traffic or
other people's voices 15 dB under the caller, or lost packets. ``ceiling`` is what is
understood of the true words: what is missing to it was lost by hearing. Hearing is tuned on
one half of the sentences; ``halves`` tells the other apart.
"""

import statistics
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein

from ivr.adapters.asterisk.launch import find_root
from ivr.adapters.speech.catalogue import KOKORO
from ivr.adapters.speech.engines import recognizers
from ivr.adapters.speech.kokoro import Kokoro
from ivr.adapters.speech.models import install
from ivr.bench.spoken_line import CONDITIONS, Callers, ListeningTurn, Taken, line
from ivr.bench.spoken_turns import Meaning, Turn, is_right, meaning, turns
from ivr.config import settings
from ivr.errors import Unavailable
from ivr.flow.plain import plain
from ivr.ports import Words

TARGETS = {"clean": 0.97, "street": 0.93, "voices": 0.93}
"""Share of the slots to be right."""
_SOUNDS = "usr/share/asterisk/sounds/es_MX_f_Allison"
_TALKERS = 12


@dataclass(frozen=True)
class Outcome:
    """One turn, in one condition."""

    turn: Turn
    condition: str
    taken: Taken
    meaning: Meaning

    @property
    def right(self) -> bool:
        return is_right(self.turn, self.meaning)


def run(limit: int = 0) -> dict[str, Any]:
    """Words, slots, wishes and red flags by condition and kind, latencies in milliseconds,
    and every turn that went wrong. ``limit``: only so many turns, evenly chosen."""
    cache = settings().cache
    try:
        sounds = find_root() / _SOUNDS
    except Unavailable:
        sounds = cache / "asterisk" / _SOUNDS
    callers = Callers(Kokoro(install(KOKORO, cache)), cache / "spoken", sounds)
    everything = list(turns())
    spoken = [turn for turn in everything if callers.can_say(turn)]
    ceiling = _ceiling(spoken)
    chosen = spoken[:: max(1, len(spoken) // limit)][:limit] if limit else spoken
    outcomes = list(_played(chosen, callers, spoken))
    return {
        "turns": len(chosen),
        "recorded_by_a_person": sum(bool(turn.recordings) for turn in chosen),
        "not_installed": len(everything) - len(spoken),
        "ceiling": ceiling,
        "conditions": {
            condition: _summary(condition, of_condition)
            for condition in CONDITIONS
            if (of_condition := [one for one in outcomes if one.condition == condition])
        },
        "failed": [_told(one) for one in outcomes if not one.right],
    }


def _played(chosen: Sequence[Turn], callers: Callers, spoken: Sequence[Turn]) -> Iterator[Outcome]:
    recognizer = recognizers()[0]
    recognizer.load()
    talkers = [callers.says(turn) for turn in spoken if not turn.recordings][:_TALKERS]
    noisy = CONDITIONS[1:]
    for place, turn in enumerate(chosen):
        for take, condition in enumerate((CONDITIONS[0], noisy[place % len(noisy)])):
            seed = zlib.crc32(f"{condition}|{turn.text}".encode())
            heard = line(callers.says(turn, take), condition, talkers, seed)
            taken = ListeningTurn(recognizer, turn.expect, turn.language).play(heard)
            yield Outcome(turn, condition, taken, meaning(turn, taken.words))


def _ceiling(spoken: Sequence[Turn]) -> dict[str, Any]:
    wrong = [
        {"said": turn.text, "expected": turn.wanted, "got": [taken.kind, taken.value]}
        for turn in spoken
        if not is_right(turn, taken := meaning(turn, Words(turn.text, 1.0)))
    ]
    return {"accuracy": _share(len(spoken) - len(wrong), len(spoken)), "wrong": wrong}


def _summary(condition: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    slots = _all_slots(outcomes)
    found = _share(slots[True], slots.total())
    intents = [one for one in outcomes if one.turn.kind == "intent"]
    kinds = sorted({one.turn.kind for one in outcomes})
    answers = [one.taken.answered_s for one in outcomes]
    return {
        "turns": len(outcomes),
        "slots": {"said": slots.total(), "accuracy": found, "target": TARGETS.get(condition)},
        "slots_met": found >= TARGETS[condition] if condition in TARGETS else None,
        "halves": {
            name: _half([one for one in outcomes if one.turn.held_out == held_out])
            for name, held_out in (("development", False), ("held_out", True))
        },
        "intents": _share(sum(_names_intent(one) for one in intents), len(intents)),
        "red_flags": _red_flags(outcomes),
        "word_error_rate": _word_errors(outcomes),
        "decoding_ms": _spread([s for one in outcomes for s in one.taken.decodings_s]),
        "answer_ms": _spread([s for s in answers if 0 <= s < float("inf")]),
        "cut_too_early": sum(s < 0 for s in answers),
        "never_answered": sum(s == float("inf") for s in answers),
        "kinds": {
            kind: _of_kind([one for one in outcomes if one.turn.kind == kind]) for kind in kinds
        },
    }


def _half(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    slots = _all_slots(outcomes)
    return {"slots": slots.total(), "slot_accuracy": _share(slots[True], slots.total())} | _ends(
        outcomes
    )


def _of_kind(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return _ends(outcomes) | {
        "word_error_rate": _word_errors(outcomes),
        "decoding_ms": _spread([s for one in outcomes for s in one.taken.decodings_s]),
    }


def _ends(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """How turns ended: ``asked_back`` are right and were read back first, ``asked_again``
    had to be said once more, only ``wrong`` were taken for something else."""
    right = sum(one.right for one in outcomes)
    again = sum(not one.right and not one.meaning.kind for one in outcomes)
    return {
        "turns": len(outcomes),
        "accuracy": _share(right, len(outcomes)),
        "asked_back": sum(one.right and one.meaning.asked_back for one in outcomes),
        "asked_again": again,
        "wrong": len(outcomes) - right - again,
    }


def _all_slots(outcomes: Sequence[Outcome]) -> Counter[bool]:
    slots: Counter[bool] = Counter()
    for one in outcomes:
        slots += _slots(one)
    return slots


def _slots(one: Outcome) -> Counter[bool]:
    """Which of the slots of a turn are right; one that was never said counts as wrong."""
    if one.turn.kind == "urgency":
        return Counter()
    if one.turn.kind != "intent":
        return Counter([one.right])
    if "slots" not in one.turn.wanted:
        return Counter()
    wanted = one.turn.wanted["slots"]
    got = one.meaning.value.get("slots", {}) if one.meaning.kind == "intent" else {}
    return Counter(wanted.get(name) == got.get(name) for name in {*wanted, *got})


def _names_intent(one: Outcome) -> bool:
    wish = one.meaning.value["intent"] if one.meaning.kind == "intent" else None
    return bool(wish == one.turn.wanted["intent"])


def _red_flags(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Those missed or taken for less, and alarms nobody gave."""
    missed, false = [], []
    for one in outcomes:
        wanted = one.turn.wanted if one.turn.kind == "urgency" else None
        level = one.meaning.value if one.meaning.kind == "urgency" else None
        pair = {"said": one.turn.text, "heard": one.taken.words.text}
        if wanted and level not in (wanted, "emergency"):
            missed.append(pair)
        elif level and not wanted:
            false.append(pair)
    given = sum(one.turn.kind == "urgency" and bool(one.turn.wanted) for one in outcomes)
    return {"given": given, "missed": missed, "false": false}


def _word_errors(outcomes: Sequence[Outcome]) -> float:
    """Words put in, left out or changed, of those said; figures count digit by digit."""
    said = [_spelled_out(one.turn.text) for one in outcomes]
    heard = [_spelled_out(one.taken.words.text) for one in outcomes]
    wrong = sum(Levenshtein.distance(a, b) for a, b in zip(said, heard, strict=True))
    return _share(wrong, sum(len(words) for words in said))


def _spelled_out(text: str) -> list[str]:
    """Words without accents, numbers as their digits whichever way they were written."""
    from text_to_num import alpha2digit

    figures = alpha2digit(text.replace("º", "").replace(".", " "), "es", threshold=0)
    words = plain(figures).replace(" y media", " 30").replace(" y cuarto", " 15").split()
    return [part for word in words for part in (word if word.isdigit() else [word])]


def _told(one: Outcome) -> dict[str, Any]:
    return {
        "condition": one.condition,
        "question": one.turn.question,
        "kind": one.turn.kind,
        "said": one.turn.text,
        "heard": one.taken.words.text,
        "confidence": one.taken.words.confidence,
        "also_heard": [other.text for other in one.taken.words.alternatives[:3]],
        "expected": one.turn.wanted,
        "got": [one.meaning.kind, one.meaning.value],
        "answered_s": round(late, 3) if (late := one.taken.answered_s) < float("inf") else None,
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles((1000 * each for each in seconds), n=20, method="inclusive")
    return {"p50": round(cuts[9], 1), "p95": round(cuts[18], 1)}
