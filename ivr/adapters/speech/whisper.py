"""Speech in with Whisper base (CTranslate2, int8), tuned to short utterances of the telephone.

Whisper always looks at 30 s of sound. Here the encoder sees the utterance and a margin of
silence only, which is several times faster but makes the decoder repeat itself now and
then: tokens are capped by the duration, repetition is looked for, and whatever looks wrong
is decoded again in full.
"""

import math
import os
import re
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ivr.adapters.speech import second_look
from ivr.adapters.speech.adaptation import adapted
from ivr.adapters.speech.audio import level_dbfs, resampled
from ivr.adapters.speech.context import context, respelled, with_likely_names
from ivr.adapters.speech.repetition import folded, said_once, unrepeated
from ivr.adapters.speech.whisper_model import LoadedModel
from ivr.errors import Unavailable
from ivr.ports import Alternative, Audio, Expectation, Samples, Words

RATE = 16000
_TUNED = "es"
LONGEST_S = 29.0
WINDOW_S = 30.0
MARGIN_S, MARGIN_AS_FETCHED_S = 1.0, 2.0
"""Silence after the utterance in the encoder's window; under 2 s the model as it was fetched
repeats itself."""
_TOKENS_BASE, _TOKENS_PER_S = 12, 13
_BEAM, _BEAM_SHORT = 3, 4
_SHORT_S = 1.0
"""One word is spelled in many ways ("Sí", "sí.", "¡Sí!"): more of them are looked at."""
_SLOWER = 1.12
"""How much slower a second look hears hasty speech, in a window twice as far past its end."""
_NEARLY = 0.9
"""Of the confidence in a word read twice, what makes the same word once likelier."""
_TARGET_DBFS = -23.0
_MOST_GAIN_DB = 20.0
_HALLUCINATED = re.compile(
    r"subt[ií]tulos|amara\.org|suscr[ií]b|gracias por ver|hasta la pr[oó]xima|m[uú]sica\]?$",
    re.IGNORECASE,
)
"""What Whisper writes when it hears nothing: its training data were subtitles."""


@dataclass(frozen=True)
class _Reading:
    text: str
    logprob: float
    """Average per token."""
    no_speech: float
    tokens: int
    finished: bool
    """The model ended the sentence itself, it was not cut."""

    @property
    def trustworthy(self) -> bool:
        if not self.finished:
            return False
        packed = len(zlib.compress(self.text.encode()))
        return len(self.text.encode()) / packed < 2.4

    @property
    def probability(self) -> float:
        """Of this very spelling."""
        return math.exp(min(0.0, self.logprob * self.tokens))


class Whisper:
    """Spanish is heard by the tuned model, other languages by the one it was made from, each
    loaded when it is needed. Thread-safe.

    One utterance alone is decoded by ``threads`` processors. Where ``workers`` are more than
    one, the Spanish model is there a second time, for utterances beside others: each by one
    processor and ``workers`` at a time, which is slower for one and sooner done with all.
    """

    name = "whisper"

    def __init__(self, folder: Path, *, threads: int = 0, workers: int = 1) -> None:
        self.folder = folder
        self.threads = threads or min(4, len(os.sched_getaffinity(0)))
        self.workers = workers
        self._loading = threading.Lock()
        self._loaded: dict[tuple[str, bool], LoadedModel] = {}
        self._counting = threading.Lock()
        self._hearing = 0

    @property
    def available(self) -> bool:
        """Whether its model is installed."""
        return (self.folder / "model.bin").is_file()

    def load(self) -> None:
        """Load the model and decode once, so that the first caller does not wait for it."""
        for alone in (True, False) if self.workers > 1 else (True,):
            model = self._ready(_TUNED, alone=alone)
            self._hear(model, np.zeros(RATE, np.float32), _NOTHING, _TUNED)

    def transcribe(self, audio: Audio, *, language: str, expect: Expectation) -> Words:
        """The words, empty when there were none. Raises :class:`Unavailable`.

        ``expect.hints`` make their words likelier. Sound over 29 s is heard in parts, cut
        where it is quietest; their alternatives are not combined.
        """
        samples = resampled(audio, RATE).samples
        with self._one_more() as alone:
            model = self._ready(language.split("-")[0], alone=alone)
            parts = [
                self._hear(model, levelled(part), expect, language) for part in _parts(samples)
            ]
        if len(parts) == 1:
            return with_likely_names(parts[0], expect, language)
        spoken = [part for part in parts if part.text]
        if not spoken:
            return Words("", 0.0)
        confidence = sum(part.confidence for part in spoken) / len(spoken)
        return Words(" ".join(part.text for part in spoken), round(confidence, 3))

    def _hear(
        self, model: LoadedModel, samples: Samples, expect: Expectation, language: str
    ) -> Words:
        prompt = model.prompt(context(expect, language))
        margin_s = MARGIN_S if model.tuned else MARGIN_AS_FETCHED_S
        window_s = len(samples) / RATE + margin_s
        [readings] = self._decode(model, [samples], window_s, prompt)
        words = _words(readings, expect)
        if not words.text or not readings[0].trustworthy:
            bare = model.prompt(())
            [readings] = self._decode(model, [samples], WINDOW_S, bare)
            return _words(readings, expect)
        short = window_s <= second_look.LONGEST_S + margin_s
        if not short or not second_look.is_due(words, expect, language):
            return words
        sounds = [samples, resampled(Audio(samples, RATE), round(RATE * _SLOWER)).samples]
        window_s = len(sounds[-1]) / RATE + 2 * margin_s
        looks = self._decode(model, sounds, window_s, prompt)
        return second_look.pooled(
            [words, *(_words(readings, expect) for readings in looks)], expect, language
        )

    def _decode(
        self,
        model: LoadedModel,
        sounds: Sequence[Samples],
        window_s: float,
        prompt: Sequence[int],
    ) -> list[list[_Reading]]:
        """What each of the sounds may say, likeliest first; they are decoded together."""
        import ctranslate2

        frames = min(100 * int(WINDOW_S), 2 * round(50 * window_s))
        features = [
            _padded(model.whisper.feature_extractor(samples)[:, : 100 * int(WINDOW_S)], frames)
            for samples in sounds
        ]
        view = ctranslate2.StorageView.from_array(
            np.ascontiguousarray(np.stack(features), np.float32)
        )
        seconds = max(map(sounding_s, sounds))
        beam = _BEAM_SHORT if seconds < _SHORT_S else _BEAM
        cap = _TOKENS_BASE + int(_TOKENS_PER_S * seconds)
        whisper = model.whisper.model
        results = whisper.generate(
            whisper.encode(view, to_cpu=False),
            [list(prompt)] * len(sounds),
            beam_size=beam,
            num_hypotheses=beam,
            max_length=min(448, len(prompt) + cap),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=[-1],
        )
        return [
            [
                _Reading(
                    text=unrepeated(text := model.text(tokens), seconds),
                    logprob=score * len(tokens) / (len(tokens) + 1),
                    no_speech=result.no_speech_prob,
                    tokens=len(tokens) + 1,
                    finished=len(tokens) < cap or unrepeated(text, seconds) != text,
                )
                for tokens, score in zip(result.sequences_ids, result.scores, strict=True)
            ]
            for result in results
        ]

    @contextmanager
    def _one_more(self) -> Iterator[bool]:
        """Hear an utterance; whether it is the only one now."""
        with self._counting:
            alone = self._hearing == 0
            self._hearing += 1
        try:
            yield alone
        finally:
            with self._counting:
                self._hearing -= 1

    def _ready(self, language: str, *, alone: bool) -> LoadedModel:
        wanted = language, alone or self.workers == 1 or language != _TUNED
        if wanted in self._loaded:  # nobody waits while another language's is loaded
            return self._loaded[wanted]
        with self._loading:
            if wanted not in self._loaded:
                self._loaded[wanted] = self._loaded_for(*wanted)
            return self._loaded[wanted]

    def _loaded_for(self, language: str, alone: bool) -> LoadedModel:
        if not self.available:
            raise Unavailable("the Whisper model is not here: run `auricula models`")
        folder = adapted(self.folder) if language == _TUNED else self.folder
        for (_, for_one), model in self._loaded.items():
            if model.folder == folder and for_one == alone:
                return model.of_language(language)
        threads, workers = (self.threads, 1) if alone else (1, self.workers)
        return LoadedModel.load(folder, language, threads=threads, workers=workers)


_NOTHING = Expectation()


def levelled(samples: Any) -> Any:
    """A faint line raised to a usual level; loud ones stay as they are."""
    gain = min(_MOST_GAIN_DB, _TARGET_DBFS - level_dbfs(samples))
    if gain <= 0 or not len(samples):
        return samples
    return np.clip(samples * np.float32(10 ** (gain / 20)), -1, 1)


def _padded(features: Any, frames: int) -> Any:
    return np.pad(features, ((0, 0), (0, max(0, frames - features.shape[1]))))


def _parts(samples: Samples) -> list[Samples]:
    """The sound in parts of at most 29 s, each cut in the quietest tenth of a second of its
    last ten seconds."""
    longest, block = int(LONGEST_S * RATE), RATE // 10
    parts = []
    while len(samples) > longest:
        tail = samples[longest - 10 * RATE : longest].reshape(-1, block)
        quietest = int(np.argmin(np.square(tail).mean(axis=1)))
        cut = longest - 10 * RATE + quietest * block + block // 2
        parts.append(samples[:cut])
        samples = samples[cut:]
    return [*parts, samples]


def sounding_s(samples: Any) -> float:
    """From the first to the last 10 ms that are not far quieter than the loudest ones, nor
    mere noise of the line."""
    block = RATE // 100
    power = np.square(samples[: len(samples) // block * block]).reshape(-1, block).mean(axis=1)
    if not len(power):
        return 0.0
    quiet, speech = np.percentile(power, (10, 95))
    noise = min(quiet * 10**0.6, speech * 10**-0.9)
    loud = np.flatnonzero(power >= max(speech * 10**-2.5, noise))
    return float(loud[-1] - loud[0] + 1) / 100


def _words(readings: Sequence[_Reading], expect: Expectation) -> Words:
    """The readings as alternatives. Spellings of the same words count together: their
    probabilities add up, then are averaged per token."""
    same: dict[str, list[tuple[str, _Reading]]] = {}
    for reading in readings:
        nothing = reading.no_speech > 0.6 and reading.logprob < -0.9
        text = respelled(re.sub(r"\s+", " ", reading.text), expect)
        if nothing or _HALLUCINATED.search(text) or not re.search(r"\w", text):
            continue
        same.setdefault(folded(text), []).append((text, reading))
    found = [_together(spellings) for spellings in same.values()]
    if not found:
        return Words("", 0.0)
    best, *others = sorted(found, key=_sureness, reverse=True)
    once = said_once(best.text, [one.text for one in others])
    if once is not None and others[once].confidence >= _NEARLY * best.confidence:
        best, others[once] = others[once], best
    return Words(best.text, best.confidence, tuple(others))


def _together(spellings: Sequence[tuple[str, _Reading]]) -> Alternative:
    text, likeliest = max(spellings, key=lambda one: one[1].probability)
    probability = min(1.0, sum(reading.probability for _, reading in spellings))
    sure = probability ** (1 / likeliest.tokens) * (1 - max(0.0, likeliest.no_speech - 0.3))
    return Alternative(text, round(sure * (1.0 if likeliest.trustworthy else 0.3), 3))


def _sureness(alternative: Alternative) -> float:
    return alternative.confidence
