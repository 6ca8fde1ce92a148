"""Telling sound from silence in telephone audio."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

RATE = 8000
"""Samples per second on the line."""
FRAME = 160
"""Samples in 20 ms."""
LOUD = 250.0
"""Root mean square (16-bit steps) above which a frame is sound: about -42 dBFS."""

Pcm = NDArray[np.int16]


def loudness(frame: Pcm) -> float:
    """Root mean square of a frame, in 16-bit steps."""
    return float(np.sqrt(np.mean(np.square(frame.astype(np.float32))))) if frame.size else 0.0


@dataclass
class Track:
    """Sound laid out on the time of a line; gaps in arrival are silence.

    Times are seconds since the line began. Not thread-safe: its owner locks.
    """

    blocks: list[Pcm] = field(default_factory=list)
    length: int = 0
    """Samples so far."""
    sounds: list[tuple[float, float]] = field(default_factory=list)
    """Stretches of sound; pauses up to :attr:`join_s` belong to the stretch."""
    join_s: float = 0.3

    def place(self, samples: Pcm, at: float) -> None:
        """Append ``samples``, whose last one sounded at ``at``.

        Frames arrive in bursts; only a gap longer than 100 ms counts as missing sound.
        """
        missing = round(at * RATE) - self.length - samples.size
        if missing > RATE // 10:
            self._append(np.zeros(missing, dtype=np.int16))
        for start in range(0, samples.size, FRAME):
            frame = samples[start : start + FRAME]
            begin = self.length / RATE
            self._append(frame)
            if loudness(frame) > LOUD:
                self._mark(begin, self.length / RATE)

    def samples(self) -> Pcm:
        """Everything so far."""
        if len(self.blocks) > 1:
            self.blocks = [np.concatenate(self.blocks)]
        return self.blocks[0] if self.blocks else np.zeros(0, dtype=np.int16)

    def _append(self, samples: Pcm) -> None:
        self.blocks.append(samples)
        self.length += samples.size

    def _mark(self, begin: float, end: float) -> None:
        if self.sounds and begin - self.sounds[-1][1] <= self.join_s:
            self.sounds[-1] = (self.sounds[-1][0], end)
        else:
            self.sounds.append((begin, end))


def sounds_in(sample: Pcm, heard: Pcm, *, alike: float = 0.6) -> list[float]:
    """Where in ``heard`` the beginning of ``sample`` sounds, in seconds. ``alike``: least
    correlation, 0 to 1; what a telephone line leaves of a sentence has more than 0.9."""
    needle = trimmed(sample)[: 2 * RATE].astype(np.float64)
    hay = heard.astype(np.float64)
    if not needle.size or hay.size < needle.size:
        return []
    size = 1 << (hay.size + needle.size - 1).bit_length()
    spectrum = np.fft.rfft(hay, size) * np.conj(np.fft.rfft(needle, size))
    together = np.fft.irfft(spectrum, size)[: hay.size - needle.size + 1]
    power = np.concatenate([[0.0], np.cumsum(hay**2)])
    windows = np.maximum(power[needle.size :] - power[: -needle.size], 1.0)
    likeness = together / np.sqrt(windows * np.sum(needle**2))
    found: list[float] = []
    for at in np.flatnonzero(likeness > alike):
        if not found or at / RATE - found[-1] > needle.size / RATE:
            found.append(float(at) / RATE)
    return found


def trimmed(samples: Pcm, *, margin_s: float = 0.16) -> Pcm:
    """``samples`` without most of the silence around the sound: the margin keeps the faint
    consonants that words begin and end with."""
    loud = [
        start
        for start in range(0, samples.size, FRAME)
        if loudness(samples[start : start + FRAME]) > LOUD
    ]
    if not loud:
        return samples[:0]
    margin = round(margin_s * RATE)
    return samples[max(0, loud[0] - margin) : loud[-1] + FRAME + margin]
