"""Callers of the spoken corpus on a telephone line: their voices, what else is heard there,
and the recognizer's turn played on a clock of its own."""

import hashlib
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ivr.adapters.speech.audio import (
    TELEPHONE_RATE,
    alaw_round_trip,
    for_telephone,
    read_wav,
    resampled,
    write_wav,
)
from ivr.adapters.speech.endpoint import Endpointer
from ivr.adapters.speech.fullness import fullness
from ivr.adapters.speech.kokoro import Kokoro
from ivr.adapters.speech.listening import Decode, Deed, Drop, Heard, Judge, Listening
from ivr.adapters.speech.vad import VoiceDetector
from ivr.bench.spoken_turns import Turn
from ivr.ports import Audio, Expectation, Recognizer, Samples, Words

VOICES = ("ef_dora", "em_alex", "em_santa")
SPEEDS = (0.9, 1.0, 1.15, 1.3)
CONDITIONS = ("clean", "street", "voices", "loss")
NOISE_DB = 15.0
"""Speech above the noise of ``street`` and ``voices``."""
LOST = 0.03
"""Share of the frames that never arrive in ``loss``."""
BEFORE_S, AFTER_S = 0.6, 4.0
"""Line without the caller's voice, before and after the sentence."""
_FRAME = TELEPHONE_RATE // 50
_TALKERS = 4


class Callers:
    """Says turns; each sentence is rendered once for a voice and a speed, and kept in
    ``folder``. ``sounds`` are Asterisk's Spanish recordings."""

    def __init__(self, kokoro: Kokoro, folder: Path, sounds: Path) -> None:
        self._kokoro = kokoro
        self._folder = folder
        self._sounds = sounds

    def can_say(self, turn: Turn) -> bool:
        """Whether the recordings it is made of are installed."""
        return all(self._recording(name).is_file() for name in turn.recordings)

    def says(self, turn: Turn, take: int = 0) -> Audio:
        """The sentence at 8 kHz; another ``take`` has another voice at another speed."""
        if turn.recordings:
            return for_telephone(_joined([read_wav(self._recording(n)) for n in turn.recordings]))
        place = zlib.crc32(turn.text.encode()) + take
        voice = VOICES[place % len(VOICES)]
        speed = SPEEDS[place // len(VOICES) % len(SPEEDS)]
        said = f"{self._kokoro.version}|{turn.language}|{voice}|{speed}|{turn.text}"
        path = self._folder / f"{hashlib.sha256(said.encode()).hexdigest()[:24]}.wav"
        if not path.exists():
            spoken = self._kokoro.speak(turn.text, language=turn.language, voice=voice, speed=speed)
            write_wav(path, for_telephone(spoken))
        return read_wav(path)

    def _recording(self, name: str) -> Path:
        return self._sounds / f"{name}.wav"


def _joined(recordings: Sequence[Audio]) -> Audio:
    """Recordings one after another, as evenly loud as they were made."""
    return Audio(
        np.concatenate([resampled(one, TELEPHONE_RATE).samples for one in recordings]),
        TELEPHONE_RATE,
    )


@dataclass(frozen=True)
class Line:
    """What arrives of a sentence: frames of 20 ms, ``None`` where one was lost."""

    frames: tuple[Samples | None, ...]
    last_s: float
    """The moment of the caller's last sound."""


def line(said: Audio, condition: str, talkers: Sequence[Audio], seed: int) -> Line:
    """``said`` over a line in ``condition``, always the same for a ``seed``."""
    random = np.random.default_rng(seed)
    before, after = (np.zeros(round(s * TELEPHONE_RATE), np.float32) for s in (BEFORE_S, AFTER_S))
    sound = np.concatenate([before, said.samples, after])
    speech = said.samples[_sounding(said.samples)]
    level = float(np.sqrt(np.mean(np.square(speech)))) * 10 ** (-NOISE_DB / 20)
    if condition == "street":
        sound = sound + level * _unit(_street(len(sound), random))
    elif condition == "voices":
        sound = sound + level * _unit(_babble(len(sound), talkers, random))
    heard = alaw_round_trip(Audio(np.asarray(sound, np.float32), TELEPHONE_RATE)).samples
    count = len(heard) // _FRAME
    lost = random.random(count) < LOST if condition == "loss" else np.zeros(count, bool)
    frames = tuple(
        None if lost[index] else heard[index * _FRAME : (index + 1) * _FRAME]
        for index in range(count)
    )
    last = int(np.flatnonzero(_sounding(said.samples))[-1])
    return Line(frames, BEFORE_S + last / TELEPHONE_RATE)


def _sounding(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which samples lie in 10 ms that are less than 35 dB under the loudest."""
    block = TELEPHONE_RATE // 100
    padded = np.pad(samples, (0, -len(samples) % block)).reshape(-1, block)
    power = np.square(padded).mean(axis=1)
    loud: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.repeat(
        power > power.max() * 10**-3.5, block
    )[: len(samples)]
    return loud


def _unit(noise: Samples) -> Samples:
    return noise / np.float32(np.sqrt(np.mean(np.square(noise))) + 1e-9)


def _street(length: int, random: np.random.Generator) -> Samples:
    """Traffic: rumble falling with frequency, swelling as vehicles pass."""
    spectrum = np.fft.rfft(random.normal(size=length))
    frequency = np.fft.rfftfreq(length, 1 / TELEPHONE_RATE)
    rumble = np.fft.irfft(spectrum / np.maximum(frequency, 100.0) ** 0.8, length)
    moments = np.arange(length) / TELEPHONE_RATE
    swell = np.full(length, 0.6)
    for _ in range(1 + length // (2 * TELEPHONE_RATE)):
        passing, width = random.uniform(0, moments[-1]), random.uniform(0.4, 1.2)
        swell += random.uniform(0.3, 1.0) * np.exp(-(((moments - passing) / width) ** 2))
    return np.asarray(rumble * swell, np.float32)


def _babble(length: int, talkers: Sequence[Audio], random: np.random.Generator) -> Samples:
    """Several people talking at once, each from somewhere in what they say."""
    mixed = np.zeros(length, np.float32)
    for _ in range(_TALKERS):
        told = np.concatenate([talkers[i].samples for i in random.permutation(len(talkers))])
        told = np.roll(np.resize(told, max(length, len(told))), int(random.integers(len(told))))
        mixed += told[:length]
    return mixed


@dataclass
class Taken:
    """What came of a turn on the line."""

    words: Words
    answered_s: float
    """From the caller's last sound to the words; negative: cut before the end."""
    decodings_s: list[float] = field(default_factory=list)


class ListeningTurn:
    """Plays a line to the recognizer as :class:`ivr.adapters.asterisk.aeap.SpeechServer`
    does, in frames and ticks of a clock of its own; only decoding takes real time, and
    counts as much of it on that clock."""

    def __init__(self, recognizer: Recognizer, expect: Expectation, language: str) -> None:
        self._recognizer = recognizer
        self._expect = expect
        self._language = language
        judge: Judge = lambda text, turn: fullness(text, turn, language)  # noqa: E731
        self._listening = Listening(Endpointer(VoiceDetector()), judge)
        self._waiting: list[tuple[float, int, Words]] = []
        self._free_s = 0.0
        self._taken = Taken(Words("", 0.0), float("inf"))
        self._done = False

    def play(self, heard: Line) -> Taken:
        """The turn's outcome."""
        self._do(self._listening.turn(self._expect, 0.0), 0.0)
        now = 0.0
        for index, frame in enumerate(heard.frames):
            now = (index + 1) * 0.02
            self._deliver(now)
            if frame is not None:
                self._do(self._listening.sound(frame, now), now)
            if self._listening.busy:
                self._do(self._listening.tick(now), now)
            if self._done:
                break
        for after in self._ticks(now):
            self._deliver(after)
            self._do(self._listening.tick(after), after)
            if self._done:
                break
        self._taken.answered_s -= heard.last_s
        return self._taken

    def _ticks(self, now: float) -> Iterator[float]:
        return (now + 0.03 * count for count in range(1, 200))

    def _deliver(self, now: float) -> None:
        while self._waiting and self._waiting[0][0] <= now and not self._done:
            ready, number, words = self._waiting.pop(0)
            self._do(self._listening.decoded(number, words, ready), ready)

    def _do(self, deeds: list[Deed], now: float) -> None:
        for deed in deeds:
            match deed:
                case Decode(number, speech, _):
                    self._decode(number, speech, now)
                case Drop(number):
                    self._waiting = [one for one in self._waiting if one[1] != number]
                case Heard(words):
                    self._done = True
                    self._taken.answered_s = now
                    self._taken.words = words or Words("", 0.0)

    def _decode(self, number: int, speech: Samples, now: float) -> None:
        begun = time.perf_counter()
        words = self._recognizer.transcribe(
            Audio(speech, TELEPHONE_RATE), language=self._language, expect=self._expect
        )
        spent = time.perf_counter() - begun
        self._taken.decodings_s.append(spent)
        self._free_s = max(now, self._free_s) + spent
        self._waiting.append((self._free_s, number, words))
