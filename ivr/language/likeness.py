"""A single word that no dictionary knows, taken for the likeliest answer to a closed question.

"Benter" after "¿cuántos minutos?", "tabril" after "¿qué mes?": what is so found is only
plausible, so the caller is asked.
"""

from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from ivr.language.tokens import Line, fold, sound
from ivr.language.words import Words

PLAUSIBLE = 0.6
_MOST_WORDS = 3
_SHORTEST, _LONG = 4, 6
"""Sounds from which one, and from which two of them may be wrong."""
_TABLES = {
    "number": ("numbers.units", "numbers.teens", "numbers.tens"),
    "minutes": ("numbers.units", "numbers.teens", "numbers.tens"),
    "date": ("calendar.months", "calendar.weekdays"),
}
_DICTATED = {"phone": _TABLES["number"], "birth_date": (*_TABLES["number"], "calendar.months")}


def nearest(kind: str, line: Line, words: Words) -> str | None:
    """The one word an answer of ``kind`` may be that ``line`` sounds like; None when there
    is none, or two as good."""
    if kind not in _TABLES:
        return None
    said = list(dict.fromkeys(token.text for token in line.tokens if token.is_word))
    if not 1 <= len(said) <= _MOST_WORDS or _is_known(said, words):
        return None
    heard = sound("".join(said))
    if len(heard) < _SHORTEST:
        return None
    apart: dict[str, int] = {}
    for word, key in _answers(words, _TABLES[kind]):
        most = 2 if min(len(heard), len(key)) >= _LONG else 1
        distance = Levenshtein.distance(heard, key, score_cutoff=most)
        if len(key) >= _SHORTEST and distance <= most:
            apart[word] = distance
    least = min(apart.values(), default=0)
    found = [word for word, distance in apart.items() if distance == least]
    return found[0] if len(found) == 1 else None


def repaired(kind: str, line: Line, words: Words) -> str | None:
    """What is dictated, with each word that no dictionary knows as the figure it sounds like:
    "pueve, uno, cinco"; None when there is none."""
    tables = _DICTATED.get(kind)
    if tables is None:
        return None
    said = [token.text for token in line.tokens]
    meant = [_figure(word, tables, words) if word.isalpha() else word for word in said]
    return " ".join(meant) if meant != said else None


def _figure(word: str, tables: tuple[str, ...], words: Words) -> str:
    """The one figure that differs from ``word`` in a single sound; ``word`` if there is none."""
    heard = sound(word)
    if len(heard) < _SHORTEST or word in words["names.never"]:
        return word
    near = [
        figure
        for figure, key in _answers(words, tables)
        if len(key) >= _SHORTEST and Levenshtein.distance(heard, key, score_cutoff=1) <= 1
    ]
    return near[0] if len(near) == 1 else word


def _is_known(said: Iterable[str], words: Words) -> bool:
    """Whether these are everyday words, and so were meant."""
    common = words["names.never"]
    return all(word in common for word in said) or any(
        len(word) >= _SHORTEST and word in common for word in said
    )


@lru_cache(maxsize=32)
def _answers(words: Words, tables: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (word, sound(word))
        for word in dict.fromkeys(fold(word) for path in tables for word in words[path])
        if word.isalpha()
    )
