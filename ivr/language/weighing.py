"""How strongly the words of a sentence speak for each meaning, learned from examples.

A softmax classifier over words, word pairs and pieces of words. Words are compared by
sound, so that a recognizer's homophones count alike; numbers, weekdays, services,
insurers, titles and relatives count as such, whichever they are. It is trained when first
asked, from ``es.examples.yaml`` and ``es.heard.yaml`` (wishes) or ``es.alarms.yaml`` and
``es.heard-alarms.yaml`` (red flags), always with the same result.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ivr.language.phrases import Table
from ivr.language.tokens import Line, sound
from ivr.language.words import Words

NOTHING = "nothing"
_ALARMING = "urgency"
_FEWEST = 4
"""Known features without which nothing is said of a sentence."""
_EPOCHS, _SETTLED, _RATE = 7, 3, 0.35
"""Passes over the examples, and the first of those whose weights are averaged."""
_STEM, _PIECE = 5, 4
_GROUP = re.compile(r"\(([^()]*)\)")
_SPACES = re.compile(r"\s+")

Floats = NDArray[np.float32]


class Weighing:
    """The weights of a language's words."""

    def __init__(self, words: Words, examples: Mapping[str, Sequence[str]]) -> None:
        self._things = _things(words)
        self._kinds = _kinds(words)
        self._idle = frozenset(sound(word) for word in words["intents.idle"])
        self.intents: tuple[str, ...] = tuple(examples)
        sentences = [
            (place, sentence)
            for place, listed in enumerate(examples.values())
            for sentence in _sentences(listed)
        ]
        self._index: dict[str, int] = {}
        data = []
        for place, sentence in sentences:
            known = [
                self._index.setdefault(feature, len(self._index))
                for feature in self._features(Line(sentence))
            ]
            data.append((place, np.array(known, dtype=np.int32)))
        self._weights, self._bias = _trained(data, len(self._index), len(self.intents))

    def read(self, line: Line) -> dict[str, float]:
        """The likelihood of each meaning, 0–1."""
        known = [self._index[f] for f in self._features(line) if f in self._index]
        if len(known) < _FEWEST:
            return {name: float(name in {NOTHING, "none"}) for name in self.intents}
        scores = _probable(self._weights[known].sum(0) / np.sqrt(len(known)) + self._bias)
        return dict(zip(self.intents, scores.tolist(), strict=True))

    def own(self, line: Line) -> int:
        """How many words say something: neither days, numbers nor idle ones."""
        sorts = {"DAY", "NUMBER"}
        return sum(word not in self._idle and word not in sorts for word in self._masked(line))

    def _features(self, line: Line) -> set[str]:
        said = self._masked(line)
        stems = [word[:_STEM] for word in said]
        features = set(said)
        features.update(f"{stem}_" for stem, word in zip(stems, said, strict=True) if word != stem)
        bounded = ["^", *stems, "$"]
        features.update(f"{a} {b}" for a, b in pairwise(bounded))
        features.update(f"{a} {b} {c}" for (a, b), (_, c) in pairwise(pairwise(bounded)))
        telling = [stem for stem, word in zip(stems, said, strict=True) if word not in self._idle]
        features.update(f"{a}~{b}" for a, b in pairwise(telling))
        features.update(f"{a}~{c}" for a, c in zip(telling, telling[2:], strict=False))
        for word in said:
            features.update(f"#{word[at : at + _PIECE]}" for at in range(len(word) - _PIECE + 1))
        return features

    def _masked(self, line: Line) -> list[str]:
        """The words by sound, with what is interchangeable named by its sort."""
        marks = {start: (name, end) for name, start, end in self._things.find(line, 0, len(line))}
        said: list[str] = []
        index = 0
        while index < len(line):
            token = line.tokens[index]
            if index in marks:
                name, end = marks[index]
                said.append(name)
                index = max(end, index + 1)
                continue
            if token.is_digits:
                said.append("NUMBER")
            elif token.is_word:
                said.append(self._kinds.get(token.text) or sound(token.text))
            index += 1
        return said


def _trained(
    data: list[tuple[int, NDArray[np.int32]]], features: int, intents: int
) -> tuple[Floats, Floats]:
    """Stochastic gradient descent on the log likelihood, each intent weighing the same."""
    weights = np.zeros((features, intents), dtype=np.float32)
    bias = np.zeros(intents, dtype=np.float32)
    counts = np.bincount([place for place, _ in data], minlength=intents)
    balance = np.clip(np.sqrt(counts.mean() / counts), 0.5, 3.0)
    order = list(range(len(data)))
    kept, kept_bias = np.zeros_like(weights), np.zeros_like(bias)
    shuffle = random.Random(7)
    for epoch in range(_EPOCHS):
        shuffle.shuffle(order)
        rate = _RATE / (1 + 0.4 * epoch)
        for at in order:
            place, known = data[at]
            scale = 1 / np.sqrt(len(known))
            error = -_probable(weights[known].sum(0) * scale + bias)
            error[place] += 1.0
            step = (rate * balance[place]) * error
            weights[known] += (step * scale * 4).astype(np.float32)
            bias += step.astype(np.float32) * 0.1
        if epoch >= _SETTLED:
            kept += weights
            kept_bias += bias
    passes = np.float32(_EPOCHS - _SETTLED)
    return kept / passes, kept_bias / passes


def _probable(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max())
    result: Floats = powers / powers.sum()
    return result


def _sentences(listed: Sequence[str]) -> Iterator[str]:
    for written in listed:
        for template in str(written).split(" / "):
            yield from expand(template)


def expand(template: str) -> list[str]:
    """Sentences of a template: as many as give each of its alternatives a turn."""
    groups = [group.split("|") for group in _GROUP.findall(template)]
    rounds = max((len(group) for group in groups), default=1)
    sentences = []
    for turn in range(rounds if len(groups) < 2 else rounds * 2):
        choices = iter(
            [group[(turn * (3 * at + 1) + at) % len(group)] for at, group in enumerate(groups)]
        )
        sentences.append(_SPACES.sub(" ", _GROUP.sub(lambda _, c=choices: next(c), template)))  # type: ignore[misc]
    return list(dict.fromkeys(sentence.strip() for sentence in sentences))


def _things(words: Words) -> Table[str]:
    clinic = words.topic("clinic")
    entries = [(phrase, "SERVICE") for said in clinic["services"].values() for phrase in said]
    entries += [(phrase, "INSURER") for phrase in clinic["insurers"]]
    entries += [(phrase, "DOCTOR") for phrase in clinic["titles"]]
    entries += [(phrase, "RELATIVE") for phrase in clinic["relations"]]
    return Table(entries)


def _kinds(words: Words) -> dict[str, str]:
    """Words that count as their sort."""
    days = ["lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"]
    days += ["manana", "hoy", "ahorita", "ayer", "antier", "anteayer"]
    kinds = dict.fromkeys(days, "DAY")
    for group in ("units", "teens", "tens", "hundreds"):
        kinds |= dict.fromkeys(
            (word for word in words["numbers"].get(group, {}) if word.isalpha()), "NUMBER"
        )
    for word in ("un", "una", "uno"):
        kinds.pop(word, None)
    return kinds


@lru_cache(maxsize=16)
def of(words: Words) -> Weighing:
    """The weights of wishes, learned once."""
    return _learned(words, _joined(words, "examples", "heard"))


@lru_cache(maxsize=16)
def alarms(words: Words) -> Weighing:
    """The weights of red flags, learned once; all other wishes are no alarm."""
    examples = _joined(words, "alarms", "heard-alarms")
    wishes = _joined(words, "examples", "heard")
    quiet = [said for wish, listed in wishes.items() if wish != _ALARMING for said in listed]
    examples["none"] = [*examples["none"], *quiet]
    return _learned(words, examples)


def _joined(words: Words, *topics: str) -> dict[str, list[str]]:
    """The examples of several files, meaning by meaning."""
    joined: dict[str, list[str]] = {}
    for topic in topics:
        for meaning, listed in words.topic(topic).items():
            joined[meaning] = [*joined.get(meaning, []), *listed]
    return joined


_SHARED: dict[tuple[str, str], Weighing] = {}


def _learned(words: Words, examples: Mapping[str, Sequence[str]]) -> Weighing:
    """The weights of these examples, learned once for all countries that share them."""
    key = repr(examples), repr(words.topic("clinic"))
    if key not in _SHARED:
        _SHARED[key] = Weighing(words, examples)
    return _SHARED[key]
