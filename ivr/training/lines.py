"""What the telephone and the place a caller speaks from do to a sentence, at random."""

from collections.abc import Sequence

import numpy as np
from scipy.signal import fftconvolve, lfilter

from ivr.adapters.speech.audio import TELEPHONE_RATE, alaw_round_trip, resampled
from ivr.ports import Audio, Samples

Random = np.random.Generator
_RATE = TELEPHONE_RATE
_FRAME = _RATE // 50


def over_the_line(said: Samples, others: Sequence[Samples], random: Random) -> Samples:
    """``said`` (8 kHz) as it may arrive: another pitch and pace, a room, a handset, street or
    ``others`` who talk, lost packets, a faint or a loud line."""
    said = _paced(said, random)
    if random.random() < 0.3:
        said = _in_a_room(said, random)
    if random.random() < 0.15:
        said = said[: max(len(said) // 2, len(said) - int(random.integers(0, 480)))]
    before, after = random.uniform(0.05, 0.5), random.uniform(0.05, 0.5)
    sound = np.concatenate(
        [np.zeros(int(before * _RATE), np.float32), said, np.zeros(int(after * _RATE), np.float32)]
    )
    if random.random() < 0.6:
        speech_db = _level(said)
        noise = _noise(len(sound), others, random)
        sound = sound + noise * np.float32(10 ** ((speech_db - random.uniform(5, 28)) / 20))
    return _carried(_through_a_handset(sound, random), random)


def no_speech(others: Sequence[Samples], random: Random) -> Samples:
    """A line on which nobody answers: noise, people far away, a cough, a knock."""
    length = int(random.uniform(0.4, 3.0) * _RATE)
    sound = _noise(length, others, random) * np.float32(10 ** (random.uniform(-60, -35) / 20))
    for _ in range(int(random.integers(0, 4))):
        burst = _cough(random) if random.random() < 0.6 else _knock(random)
        place = int(random.integers(0, max(1, length - len(burst))))
        end = min(length, place + len(burst))
        sound[place:end] += burst[: end - place] * np.float32(random.uniform(0.05, 0.5))
    return _carried(_through_a_handset(sound, random), random)


def _paced(said: Samples, random: Random) -> Samples:
    if random.random() < 0.4:
        return said
    return resampled(Audio(said, _RATE), round(_RATE * random.uniform(0.87, 1.16))).samples


def _in_a_room(said: Samples, random: Random) -> Samples:
    length = int(random.uniform(0.1, 0.4) * _RATE)
    tail = random.normal(size=length) * np.exp(-np.arange(length) / length * 6)
    tail = tail * random.uniform(0.05, 0.25) / (np.sqrt(np.sum(tail**2)) + 1e-9)
    tail[0] = 1.0
    return np.asarray(fftconvolve(said, tail)[: len(said)], np.float32)


def _through_a_handset(sound: Samples, random: Random) -> Samples:
    """A tilt of the spectrum, either way, and a gain."""
    tilt = random.uniform(-0.5, 0.5)
    tilted = np.asarray(lfilter([1, tilt], [1], sound), np.float32)
    loudest = float(np.abs(tilted).max()) or 1.0
    gain = 10 ** (random.uniform(-26, 0.5) / 20) / loudest
    return np.asarray(np.clip(tilted * gain, -1, 1), np.float32)


def _carried(sound: Samples, random: Random) -> Samples:
    heard = alaw_round_trip(Audio(sound, _RATE)).samples.copy()
    if random.random() < 0.2:
        share = random.uniform(0.01, 0.08)
        keep = random.random(len(heard) // _FRAME + 1) >= share
        if random.random() < 0.7:  # as the product hears it: what is lost is not there
            return np.asarray(heard[np.repeat(keep, _FRAME)[: len(heard)]], np.float32)
        heard *= np.repeat(keep, _FRAME)[: len(heard)]
    return heard


def _noise(length: int, others: Sequence[Samples], random: Random) -> Samples:
    kind = random.random()
    if kind < 0.45:
        noise = _coloured(length, random) * _swelling(length, random)
    elif kind < 0.85 and others:
        noise = _talking(length, others, random)
    else:
        noise = random.normal(size=length)
    return np.asarray(noise / (np.sqrt(np.mean(np.square(noise))) + 1e-9), np.float32)


def _coloured(length: int, random: Random) -> Samples:
    spectrum = np.fft.rfft(random.normal(size=length))
    frequency = np.fft.rfftfreq(length, 1 / _RATE)
    slope, corner = random.uniform(0.3, 1.4), random.uniform(50, 400)
    return np.asarray(
        np.fft.irfft(spectrum / np.maximum(frequency, corner) ** slope, length), np.float32
    )


def _swelling(length: int, random: Random) -> Samples:
    moments = np.arange(length) / _RATE
    swell = np.full(length, random.uniform(0.3, 1.0))
    for _ in range(int(random.integers(0, 4))):
        passing, width = random.uniform(0, length / _RATE), random.uniform(0.1, 1.2)
        swell += random.uniform(0.3, 1.5) * np.exp(-(((moments - passing) / width) ** 2))
    return np.asarray(swell, np.float32)


def _talking(length: int, others: Sequence[Samples], random: Random) -> Samples:
    mixed = np.zeros(length, np.float32)
    for other in others:
        place = int(random.integers(0, max(1, len(other))))
        mixed += np.resize(np.roll(other, place), length) * np.float32(random.uniform(0.4, 1.0))
    return mixed


def _cough(random: Random) -> Samples:
    length = int(random.uniform(0.1, 0.35) * _RATE)
    envelope = np.exp(-np.arange(length) / length * random.uniform(3, 6))
    return _coloured(length, random) * np.asarray(envelope, np.float32) * np.float32(20)


def _knock(random: Random) -> Samples:
    length = int(random.uniform(0.02, 0.1) * _RATE)
    envelope = np.exp(-np.arange(length) / length * 8)
    return np.asarray(random.normal(size=length) * envelope, np.float32)


def _level(samples: Samples) -> float:
    block = _RATE // 100
    usable = len(samples) // block * block
    power = np.square(samples[:usable]).reshape(-1, block).mean(axis=1)
    loud = power[power > power.max() * 10**-3.5] if len(power) else power
    return float(10 * np.log10(loud.mean() + 1e-12)) if len(loud) else -60.0
