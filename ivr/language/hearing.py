"""Words as a recognizer writes them, taken back to the words that were said.

"sinco", "beintidós", "treintaicinco", "porfavor": known words by their sound, joined or
parted where Spanish does not. Real words keep themselves.
"""

import re
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from ivr.language.tokens import fold, sound
from ivr.language.words import Words

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 4
_LONG = 7
"""Letters of a month or weekday that is known with one sound wrong: "octuble"."""


class Hearing:
    """The words of a language by their sound."""

    def __init__(self, words: Words) -> None:
        data = words["hearing"]
        numbers, calendar = words["numbers"], words["calendar"]
        known = [
            word
            for table in (
                *(numbers[n] for n in ("units", "teens", "tens", "hundreds")),
                calendar["months"],
                calendar["weekdays"],
            )
            for word in table
            if word.isalpha() and len(word) >= _SHORTEST
        ]
        self._known = frozenset(known)
        self._by_sound = {sound(word): word for word in [*data["words"], *known]}
        days = {fold(w) for table in ("months", "weekdays") for w in calendar[table]}
        self._long = {sound(day): day for day in days if day.isalpha() and len(day) >= _LONG}
        self._real = frozenset(data["real"]) | self._known | frozenset(data["words"])
        tens = "|".join(numbers["tens"])
        units = "|".join(w for w in numbers["units"] if w != "cero")
        self._joined = re.compile(rf"\b({tens})(?:\s*(?:ai|i|y)\s*|a?i\s+)({units})\b")
        self._twenties = re.compile(rf"\b(veinti|dieci)\s+({units})\b")
        self._phrases = [
            (re.compile(rf"(?<!\w){wrong}(?!\w)"), right)
            for wrong, right in data["phrases"].items()
        ]

    def mended(self, text: str) -> str:
        """The line with what was misheard put right; as it is when nothing was."""
        result = _WORD.sub(self._word, text)
        folded = fold(result)
        if len(folded) != len(result):
            return result
        for pattern, right in self._phrases:
            if pattern.search(folded):
                result, folded = _replaced(pattern, right, result, folded)
        for pattern, right in ((self._joined, r"\1 y \2"), (self._twenties, r"\1\2")):
            if pattern.search(folded):
                result, folded = _replaced(pattern, right, result, folded)
        return result

    def _word(self, match: re.Match[str]) -> str:
        raw = match.group()
        word = fold(raw)
        if len(word) < _SHORTEST - 1 or word in self._real:
            return raw
        heard = sound(word)
        meant = self._by_sound.get(heard) or (self._nearly(heard) if len(word) >= _LONG else None)
        if meant and ("rr" in word) != ("rr" in meant):
            return raw
        return meant if meant and meant != word else raw

    def _nearly(self, heard: str) -> str | None:
        """The one month or weekday that differs in a single sound."""
        near = {
            day
            for key, day in self._long.items()
            if Levenshtein.distance(key, heard, score_cutoff=1) == 1
        }
        return near.pop() if len(near) == 1 else None


def _replaced(pattern: re.Pattern[str], right: str, text: str, folded: str) -> tuple[str, str]:
    """The replacement made in both, so that accents elsewhere stay."""
    parts, at = [], 0
    for match in pattern.finditer(folded):
        parts += [text[at : match.start()], match.expand(right)]
        at = match.end()
    result = "".join(parts) + text[at:]
    return result, fold(result)


@lru_cache(maxsize=16)
def of(words: Words) -> Hearing:
    """The hearing of ``words``, made once."""
    return Hearing(words)
