"""Names that a recognizer wrote as it heard them: "Martines", "Rui", "Clores"."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import extract

from ivr.language.tokens import fold, sound

_LOST = ("s", "n", "r", "l", "d")
"""Consonants at the end of a word that a telephone line swallows."""
_MANNERS = str.maketrans("fsjptkbdgmnñlr", "sssppppppnnnll")
"""A telephone line blurs where in the mouth a sound is made, not the manner it is made in."""
_SHORTEST = 5
"""Sounds of a name of which one may be wrong."""

_TWO, _SHORTEST_FIRST, _SHORTEST_SECOND = 8, 4, 3
"""Letters of a word that may be two names, and of each of them."""


class LikeNames:
    """Known names by their sound."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        for name in names:
            self._by_sound[sound(fold(name))].append(name)
        self._sounds = tuple(self._by_sound)
        self.likely = lru_cache(maxsize=1024)(lambda word: self._likely(word) or self._parted(word))

    def meant(self, word: str) -> str | None:
        """The name that sounds as ``word``, which is none, is written."""
        heard = sound(word)
        return self._by_sound[heard][0] if len(heard) > 2 and heard in self._by_sound else None

    def _parted(self, word: str) -> str | None:
        """The two names that were heard as one word: "Ortegadía"; None when it is not two."""
        cuts = range(_SHORTEST_FIRST, len(word) - _SHORTEST_SECOND + 1)
        for cut in reversed(cuts if len(word) >= _TWO else ()):
            first, second = sound(word[:cut]), sound(word[cut:])
            ends = [second] if second in self._by_sound else self._ended(second)
            if first in self._by_sound and len(ends) == 1:
                return f"{self._by_sound[first][0]} {self._by_sound[ends[0]][0]}"
        return None

    def _likely(self, word: str) -> str | None:
        """The one name that ``word`` may be when it was heard badly: a consonant at its end
        was lost, or one sound is another. None when it may be several."""
        heard = sound(word)
        if len(heard) < 3 or heard in self._by_sound:
            return self.meant(word)
        whole = self._ended(heard)
        if whole or len(heard) < _SHORTEST:
            return self._only(heard, whole)
        found = extract(heard, self._sounds, scorer=Levenshtein.distance, score_cutoff=1, limit=9)
        return self._only(heard, [each for each, _, _ in found])

    def _ended(self, heard: str) -> list[str]:
        """Known sounds of which the last consonant was lost."""
        return [each for end in _LOST if (each := f"{heard}{end}") in self._by_sound]

    def _only(self, heard: str, likely: list[str]) -> str | None:
        """The name of the one likely sound; of several, of the one spoken in the same manner."""
        if len(likely) > 1:
            likely = [each for each in likely if _manner(each) == _manner(heard)]
        return self._by_sound[likely[0]][0] if len(likely) == 1 else None


def _manner(sounds: str) -> str:
    return sounds.translate(_MANNERS)
