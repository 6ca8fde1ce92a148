"""Somebody on the telephone, outside the clinic: hears, speaks, presses keys, hangs up."""

import threading
import time
import wave
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from tests.telephone_network.hearing import (
    FRAME,
    RATE,
    Pcm,
    Track,
    loudness,
    sounds_in,
    trimmed,
)

T = TypeVar("T")

LONGEST_S = 18.0
"""Longest thing said in one go: the switch queues 20 s of sound."""


class Exchange(Protocol):
    """What a person needs of the network."""

    def send_sound(self, person: "Person", samples: Pcm) -> None: ...
    def answer(self, person: "Person") -> None: ...
    def hang_up(self, person: "Person") -> None: ...
    def send_key(self, person: "Person", digit: str) -> None: ...


class NotHeard(AssertionError):
    """What should have happened on the line did not happen in time."""


class Person:
    """One end of one call. Times are seconds since the line began.

    Methods that wait raise :class:`NotHeard` when the time is up.
    """

    def __init__(
        self,
        line: str,
        exchange: Exchange,
        *,
        number: str,
        other: str,
        called: bool = False,
        carries_silence: bool = True,
    ) -> None:
        self.line = line
        self.number = number
        """This person's own number."""
        self.other = other
        """The number at the other end."""
        self.carries_silence = carries_silence
        """False: nothing is sent while this person is silent, as trunks with silence
        suppression do."""
        self.channel = ""
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.cause = 0
        """Q.850 cause the call ended with; 0 while it lasts."""
        self.heard = Track()
        self.said = Track()
        self.keys: list[tuple[float, str]] = []
        """Keys pressed, with their moment."""
        self.keys_heard = ""
        self._called = called
        self._exchange = exchange
        self._began = time.monotonic()
        self._began_at = datetime.now(UTC)
        self._speaking: Pcm | None = None
        self._change = threading.Condition()

    # --- what the person does ----------------------------------------------------------

    def answer(self) -> None:
        """Pick up a ringing phone."""
        self._exchange.answer(self)

    def speak(self, sound: Pcm | Path, *, wait: bool = True) -> None:
        """Say ``sound`` (8 kHz, 16 bit, mono; silence around it is cut off)."""
        samples = trimmed(sound if isinstance(sound, np.ndarray) else read_wav(sound))
        if not samples.size or samples.size > LONGEST_S * RATE:
            raise ValueError(f"between 0 and {LONGEST_S} s of sound can be said at once")
        samples = np.pad(samples, (0, -samples.size % FRAME))
        with self._change:
            if self._speaking is not None:
                raise ValueError("this person is still speaking")
            self._speaking = samples
        self._exchange.send_sound(self, samples)
        if wait:
            self.wait(
                lambda: self._speaking is None, samples.size / RATE + 5, "the end of the sentence"
            )

    def press(self, keys: str, *, gap_s: float = 0.2) -> None:
        """Press keys one after the other (RFC 4733 on the wire)."""
        for position, digit in enumerate(keys):
            if position:
                time.sleep(gap_s)
            self.keys.append((self.now(), digit))
            self._exchange.send_key(self, digit)

    def hang_up(self) -> None:
        """Put the phone down; returns once the line is gone."""
        self.wait(lambda: self.channel or self.ended_at, 10, "the line")
        if self.ended_at is None:
            self._exchange.hang_up(self)
            self.wait_for_end(10)

    @property
    def is_ringing(self) -> bool:
        """Whether this person is called and has not picked up."""
        return self._called and self.answered_at is None

    # --- what the person notices -------------------------------------------------------

    def now(self) -> float:
        """Seconds since the line began."""
        return time.monotonic() - self._began

    def moment(self, at: datetime) -> float:
        """A moment of the clock as seconds since the line began."""
        return max(0.0, (at - self._began_at).total_seconds())

    def wait(self, condition: Callable[[], T | None], timeout: float, what: str) -> T:
        """The first true value of ``condition``."""
        deadline = time.monotonic() + timeout
        with self._change:
            while not (found := condition()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise NotHeard(f"{self.number}: waited {timeout:g} s for {what}: {self}")
                self._change.wait(min(left, 0.05))
        return found

    def wait_for_answer(self, timeout: float = 10) -> None:
        """Until the call is picked up."""
        self.wait(lambda: self.answered_at is not None, timeout, "an answer")

    def wait_for_end(self, timeout: float = 30) -> None:
        """Until the line is gone."""
        self.wait(lambda: self.ended_at is not None, timeout, "the end of the call")

    def wait_for_sound(self, *, since: float = 0.0, timeout: float = 10) -> float:
        """Until sound is heard after ``since``; the moment it began (not before ``since``)."""

        def begun() -> float | None:
            for begin, end in self.heard.sounds:
                if end > since:
                    return max(begin, since) or 1e-9
            return None

        return self.wait(begun, timeout, "sound")

    def wait_for_quiet(
        self, *, since: float = 0.0, quiet_s: float = 0.8, timeout: float = 40
    ) -> float:
        """Until sound after ``since`` has been followed by ``quiet_s`` of silence; when it
        ended."""

        def over() -> float | None:
            if not self.heard.sounds or self.heard.sounds[-1][1] <= since:
                return None
            end = self.heard.sounds[-1][1]
            return end if self.now() - end >= quiet_s else None

        return self.wait(over, timeout, "quiet after the sound")

    def answer_delay(self) -> float:
        """Seconds from this person's last sound to the first sound heard after it."""
        end = self.said.sounds[-1][1]
        return self.wait_for_sound(since=end + 0.04) - end

    def save(self, path: Path) -> Path:
        """Keep the call as a stereo WAV: left what was heard, right what was said."""
        with self._change:
            heard, said = self.heard.samples(), self.said.samples()
        size = max(heard.size, said.size)
        both = np.stack([np.pad(side, (0, size - side.size)) for side in (heard, said)], axis=1)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(both.astype("<i2").tobytes())
        return path

    def heard_sound(self, sample: Pcm, *, since: float = 0.0) -> float | None:
        """When the beginning of ``sample`` was first heard after ``since``."""
        with self._change:
            heard = self.heard.samples()[int(since * RATE) :].copy()
        return next((since + at for at in sounds_in(sample, heard)), None)

    def heard_between(self, begin: float, end: float) -> Pcm:
        """What was heard in a stretch of time."""
        with self._change:
            return self.heard.samples()[int(begin * RATE) : int(end * RATE)].copy()

    def __str__(self) -> str:
        return (
            f"now {self.now():.1f}, answered {self.answered_at}, ended {self.ended_at} "
            f"(cause {self.cause}), last sounds {self.heard.sounds[-3:]}, "
            f"keys {''.join(key for _, key in self.keys)!r}"
        )

    # --- what the network tells --------------------------------------------------------

    def note_heard(self, samples: Pcm) -> None:
        """Sound arrived."""
        with self._change:
            self.heard.place(samples, self.now())

    def note_spoken(self) -> None:
        """Everything this person was saying has left."""
        with self._change:
            if self._speaking is not None:
                self.said.place(self._speaking, self.now())
                self._speaking = None
            self._change.notify_all()

    def note_answered(self) -> None:
        """The call was picked up."""
        with self._change:
            if self.answered_at is None:
                self.answered_at = self.now()
            self._change.notify_all()

    def note_ended(self, cause: int = 0) -> None:
        """The line is gone."""
        with self._change:
            self.cause = self.cause or cause
            if self.ended_at is None:
                self.ended_at = self.now()
            self._speaking = None
            self._change.notify_all()


def read_wav(path: Path) -> Pcm:
    """The samples of an 8 kHz, 16-bit, mono WAV file."""
    with wave.open(str(path), "rb") as file:
        form = (file.getframerate(), file.getsampwidth(), file.getnchannels())
        if form != (RATE, 2, 1):
            raise ValueError(f"{path.name} must be 8 kHz, 16 bit, mono: it is {form}")
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)


def tone(frequency: float, seconds: float, *, amplitude: float = 8000) -> Pcm:
    """A sine, e.g. an answering machine's beep."""
    moments = np.arange(int(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * frequency * moments)).astype(np.int16)


def has_tone(samples: Pcm, frequency: float) -> bool:
    """Whether a stretch of sound is mostly one sine."""
    if loudness(samples) == 0:
        return False
    window = samples.astype(np.float32) * np.hanning(samples.size)
    power = np.abs(np.fft.rfft(window)) ** 2
    centre = round(frequency * samples.size / RATE)
    return bool(power[max(0, centre - 3) : centre + 4].sum() > 0.5 * power.sum())
