"""What a sentence most resembles among examples of each intent: for words no pattern knows.

Days, hours, services, insurers, professionals and relatives count as such, not as their
words. Nearest examples by cosine over weighted words, word pairs and word beginnings; what
few examples have weighs most.
"""

import math
import re
from collections import Counter
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from ivr.language import moments
from ivr.language.model import Context
from ivr.language.phrases import Table
from ivr.language.tokens import Line
from ivr.language.words import Words

NOTHING = "nothing"
_NEAREST = 4
_STEM = 5
_OWN_WORDS = 2
"""A sentence needs as many words of its own, days, hours and idle words apart."""
_GROUPS = ("appointment", "change", "drop", "give")
_SOMEDAY = Context(datetime(2026, 1, 7, 10))  # noqa: DTZ001 (only where days stand matters)

_DAY, _HOUR = "<day>", "<hour>"
_MOMENTS = frozenset({_DAY, _HOUR})

Vector = tuple[dict[str, float], float]


class Likeness:
    """The examples of a language, weighed."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._idle = frozenset(words["intents.idle"])
        self._things = _things(words)
        macros = words.topic("intents")["macros"]
        self._groups = [
            (re.compile(macros[name][0].replace("*", r"\w*")), f"<{name}>") for name in _GROUPS
        ]
        examples = [
            (intent, self._features(Line(sentence)))
            for intent, sentences in words.topic("examples").items()
            for written in sentences
            for sentence in str(written).split(" / ")
        ]
        seen = Counter(feature for _, features in examples for feature in features)
        count = len(examples)
        self._weight = {feature: math.log(1 + count / n) for feature, n in seen.items()}
        self._unknown = math.log(1 + count)
        self._examples: list[tuple[str, Vector]] = []
        self._having: dict[str, list[int]] = {}
        for place, (intent, features) in enumerate(examples):
            vector = self._vector(features)
            self._examples.append((intent, vector))
            for feature in vector[0]:
                self._having.setdefault(feature, []).append(place)

    def _features(self, line: Line) -> Counter[str]:
        said = self._masked(line)
        stems = [self._stem(word) for word in said]
        kept = [s for word, s in zip(said, stems, strict=True) if word not in self._idle]
        features = Counter(kept)
        features.update(f"{a} {b}" for a, b in pairwise(stems))
        features.update(f"{a} {b} {c}" for (a, b), (_, c) in pairwise(pairwise(stems)))
        return features

    def _stem(self, word: str) -> str:
        """The group a word belongs to, or its beginning."""
        for words, name in self._groups:
            if words.fullmatch(word):
                return name
        return word[:_STEM]

    def _masked(self, line: Line) -> list[str]:
        """The words, with what the grammar knows named by its sort."""
        marks: dict[int, tuple[str, int]] = {}
        for name, start, end in self._things.find(line, 0, len(line)):
            marks[start] = (f"<{name}>", end)
        for piece in moments.scan(line, _SOMEDAY, self._words):
            marks[piece.start] = (_DAY if piece.day else _HOUR, piece.end)
        said: list[str] = []
        index = 0
        while index < len(line):
            if index in marks:
                said.append(marks[index][0])
                index = max(marks[index][1], index + 1)
                continue
            if line.tokens[index].is_word:
                said.append(line.word(index))
            index += 1
        return said

    def _vector(self, features: Counter[str]) -> Vector:
        vector = {f: n * self._weight.get(f, self._unknown) for f, n in features.items()}
        return vector, math.sqrt(sum(value * value for value in vector.values())) or 1.0

    def nearest(self, line: Line) -> tuple[str, float]:
        """The likeliest intent (``nothing`` is one) and how like its examples are, 0–1."""
        own = [w for w in self._masked(line) if w not in self._idle and w not in _MOMENTS]
        if len(own) < _OWN_WORDS:
            return NOTHING, 0.0
        vector, length = self._vector(self._features(line))
        scores: dict[int, float] = {}
        for feature, value in vector.items():
            for place in self._having.get(feature, ()):
                scores[place] = (
                    scores.get(place, 0.0) + value * self._examples[place][1][0][feature]
                )
        found = sorted(
            ((score / (length * self._examples[at][1][1]), at) for at, score in scores.items()),
            reverse=True,
        )[:_NEAREST]
        votes: dict[str, float] = {}
        for score, at in found:
            intent = self._examples[at][0]
            votes[intent] = votes.get(intent, 0.0) + score * score
        if not votes:
            return NOTHING, 0.0
        best = max(votes, key=lambda intent: votes[intent])
        return best, max(score for score, at in found if self._examples[at][0] == best)


def _things(words: Words) -> Table[str]:
    clinic = words.topic("clinic")
    entries = [(phrase, "service") for said in clinic["services"].values() for phrase in said]
    entries += [(phrase, "insurer") for phrase in clinic["insurers"]]
    entries += [(phrase, "doctor") for phrase in clinic["titles"]]
    entries += [(phrase, "relative") for phrase in clinic["relations"]]
    return Table(entries)


@lru_cache(maxsize=16)
def of(words: Words) -> Likeness:
    """The examples of ``words``, weighed once."""
    return Likeness(words)
