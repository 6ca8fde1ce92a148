"""What a sentence most resembles among examples of each intent: for words no pattern knows.

Nearest examples by cosine over weighted words, word pairs and word beginnings; the words
that few examples have weigh most.
"""

import math
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from ivr.language.tokens import Line
from ivr.language.words import Words

NOTHING = "nothing"
_NEAREST = 3
_STEM = 5


def _features(line: Line, idle: frozenset[str]) -> Counter[str]:
    said = [token.text for token in line.tokens if token.is_word]
    kept = [word for word in said if word not in idle]
    features = Counter(word[:_STEM] for word in kept)
    features.update(f"{a[:_STEM]} {b[:_STEM]}" for a, b in pairwise(said))
    return features


class Likeness:
    """The examples of a language, weighed."""

    def __init__(self, words: Words) -> None:
        self._idle = frozenset(words["intents.idle"])
        examples = [
            (intent, _features(Line(sentence), self._idle))
            for intent, sentences in words.topic("examples").items()
            for sentence in sentences
        ]
        seen = Counter(feature for _, features in examples for feature in features)
        count = len(examples)
        self._weight = {feature: math.log(1 + count / n) for feature, n in seen.items()}
        self._unknown = math.log(1 + count)
        self._examples = [(intent, *self._vector(features)) for intent, features in examples]

    def _vector(self, features: Counter[str]) -> tuple[dict[str, float], float]:
        vector = {f: n * self._weight.get(f, self._unknown) for f, n in features.items()}
        return vector, math.sqrt(sum(value * value for value in vector.values())) or 1.0

    def nearest(self, line: Line) -> tuple[str, float]:
        """The likeliest intent (``nothing`` is one) and how like its examples are, 0–1."""
        vector, length = self._vector(_features(line, self._idle))
        found = sorted(
            (
                (sum(vector.get(f, 0.0) * v for f, v in other.items()) / (length * norm), intent)
                for intent, other, norm in self._examples
            ),
            reverse=True,
        )[:_NEAREST]
        votes: dict[str, float] = {}
        for score, intent in found:
            votes[intent] = votes.get(intent, 0.0) + score
        if not votes:
            return NOTHING, 0.0
        best = max(votes, key=lambda intent: votes[intent])
        return best, max(score for score, intent in found if intent == best)


@lru_cache(maxsize=16)
def of(words: Words) -> Likeness:
    """The examples of ``words``, weighed once."""
    return Likeness(words)
