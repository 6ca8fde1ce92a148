"""Telling which of the clinic's own people or things a caller named.

Words are compared by sound (b/v, c/s/z, ll/y, g/j, h), then by likeness.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler, Levenshtein

from ivr.language.model import Context, Named, Understood
from ivr.language.tokens import Line, fold, sound
from ivr.language.words import Words

_ALIKE = 0.84
_TIE = 0.04


@dataclass(frozen=True)
class Match:
    """A thing that was named; ``score`` 0–1."""

    key: int | str
    score: float
    start: int = 0
    """Where in the line's tokens its name begins."""


def alike(left: str, right: str) -> float:
    """How alike two words sound, 0–1."""
    a, b = sound(left), sound(right)
    if a == b:
        return 1.0 if fold(left) == fold(right) else 0.97
    if min(len(a), len(b)) < 4:
        return 0.0
    if abs(len(a) - len(b)) <= 1 and Levenshtein.distance(a, b, score_cutoff=1) <= 1:
        return 0.9 if min(len(a), len(b)) > 4 else 0.86
    return float(JaroWinkler.similarity(a, b)) * 0.93


def match_name(text: str, things: Sequence[Named], words: Words) -> list[Match]:
    """The things the text names, the best first; those far behind the best are left out."""
    return matches(Line(text), things, words)


def matches(line: Line, things: Sequence[Named], words: Words) -> list[Match]:
    """As :func:`match_name`, of a line already read."""
    ignored = frozenset(words["names.ignored"])
    heard = [(i, t.text) for i, t in enumerate(line.tokens) if t.is_word or t.is_digits]
    found = [
        best
        for thing in things
        if (best := max(
            (_score(name, heard, ignored, thing.key) for name in thing.names),
            key=lambda match: match.score,
            default=None,
        )) and best.score > 0
    ]
    found.sort(key=lambda match: -match.score)
    return [match for match in found if match.score >= found[0].score - 0.15]


def _score(
    name: str, heard: list[tuple[int, str]], ignored: frozenset[str], key: int | str
) -> Match:
    """How well a name is heard: its own words count, titles only break ties."""
    parts = [part for part in fold(name).replace("-", " ").split() if part]
    own = [part for part in parts if part not in ignored] or parts
    titles = [part for part in parts if part in ignored and len(part) > 3]
    total, start = 0.0, len(heard)
    for part in own:
        best = max(
            ((alike(part, word), index) for index, word in heard if word not in ignored or word in own),
            default=(0.0, 0),
        )
        if best[0] >= _ALIKE:
            total += best[0]
            start = min(start, best[1])
    if total == 0:
        return Match(key, 0.0)
    share = total / len(own)
    bonus = 0.03 if any(word in titles for _, word in heard) else 0.0
    return Match(key, min(1.0, 0.55 + 0.42 * share + bonus), start)


def pick(
    kind: str, line: Line, things: Sequence[Named], words: Words
) -> Understood:
    """The one thing named; several equally well named come as alternatives, unsure."""
    found = matches(line, things, words)
    if not found:
        return Understood(kind, line.text)
    rivals = [m for m in found[1:] if m.score >= found[0].score - _TIE]
    confidence = 0.45 if rivals else found[0].score
    return Understood(
        kind, line.text, found[0].key, round(confidence, 2), alternatives=tuple(m.key for m in rivals)
    )


def read_professional(line: Line, context: Context, words: Words) -> Understood:
    """The key of the professional named."""
    return pick("professional", line, context.professionals, words)


def read_branch(line: Line, context: Context, words: Words) -> Understood:
    """The key of the branch named."""
    return pick("branch", line, context.branches, words)


def read_patient(line: Line, context: Context, words: Words) -> Understood:
    """The key of the patient named."""
    return pick("patient", line, context.patients, words)
