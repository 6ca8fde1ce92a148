"""Sound in and out of files: WAV, resampling, A-law, level and silence."""

import io
import math
import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.errors import InvalidInput
from ivr.ports import Audio, Samples

TELEPHONE_RATE = 8000
LOUDNESS_LUFS = -20.0
"""Programme loudness of every prompt: near the nominal level of telephone speech, with
room for its peaks inside A-law."""
PEAK_DBTP = -2.0
"""Highest true peak (4 times oversampled), so that neither A-law nor a gateway clips."""


def read_wav(source: Path | io.BytesIO) -> Audio:
    """Any sound soundfile reads, mixed to mono. Raises :class:`InvalidInput`."""
    import soundfile

    try:
        samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise InvalidInput(f"cannot read {source} as sound: {error}") from error
    return Audio(samples.mean(axis=1), int(rate))


def write_wav(path: Path, audio: Audio) -> None:
    """Write 16-bit mono PCM; the file appears whole or not at all."""
    import soundfile

    buffer = io.BytesIO()
    pcm = np.round(np.clip(audio.samples, -1, 1) * 32767).astype(np.int16)
    soundfile.write(buffer, pcm, audio.rate, subtype="PCM_16", format="WAV")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(buffer.getvalue())
        Path(scratch).chmod(0o644)
        Path(scratch).replace(path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def resampled(audio: Audio, rate: int) -> Audio:
    """The same sound at ``rate`` Hz."""
    if audio.rate == rate:
        return audio
    import soxr

    return Audio(
        np.asarray(soxr.resample(audio.samples, audio.rate, rate, quality="HQ"), np.float32), rate
    )


def from_pcm(data: bytes) -> Samples:
    """Signed linear 16-bit little-endian bytes as samples."""
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)


def alaw_round_trip(audio: Audio) -> Audio:
    """What is left of a sound after a telephone line: 300-3400 Hz, 8 kHz, G.711 A-law."""
    from scipy.signal import butter, sosfilt

    narrow = resampled(audio, TELEPHONE_RATE)
    band = butter(4, (300, 3400), "bandpass", fs=TELEPHONE_RATE, output="sos")
    return Audio(alaw_decode(alaw_encode(sosfilt(band, narrow.samples))), TELEPHONE_RATE)


def alaw_encode(samples: NDArray[np.floating]) -> NDArray[np.uint8]:
    """G.711 A-law bytes (ITU-T G.711, table 1a; even bits inverted)."""
    pcm = np.clip(np.round(np.asarray(samples) * 32768), -32768, 32767).astype(np.int32)
    positive = pcm >= 0
    magnitude = np.where(positive, pcm, -pcm - 1) >> 4
    exponent = np.zeros_like(magnitude)
    for bit in range(7):
        exponent = np.where(magnitude >= 32 << bit, bit + 1, exponent)
    segment = np.where(magnitude >= 16, exponent + 1, 0)
    shift = np.maximum(segment - 1, 0)
    mantissa = np.where(segment > 0, (magnitude >> shift) & 15, magnitude)
    code = (segment << 4 | mantissa) ^ 0x55
    return (code | np.where(positive, 0x80, 0)).astype(np.uint8)


def alaw_decode(codes: NDArray[np.uint8]) -> Samples:
    """Samples of G.711 A-law bytes."""
    code = codes.astype(np.int32) ^ 0x55
    segment, mantissa = (code >> 4) & 7, code & 15
    linear = np.where(
        segment > 0, ((mantissa << 4) + 0x108) << np.maximum(segment - 1, 0), (mantissa << 4) + 8
    )
    return (np.where(code & 0x80, linear, -linear) / 32768).astype(np.float32)


def level_dbfs(samples: Samples) -> float:
    """Root mean square in dB below full scale; digital silence is -100."""
    if not len(samples):
        return -100.0
    return max(-100.0, 10 * math.log10(power(samples) + 1e-12))


def power(samples: Samples) -> float:
    """Mean square."""
    return float(np.dot(samples, samples)) / len(samples)


def for_telephone(audio: Audio) -> Audio:
    """A prompt made ready for the line: silence trimmed to short margins, rumble removed,
    band-limited to 8 kHz, at :data:`LOUDNESS_LUFS` and under :data:`PEAK_DBTP`."""
    from scipy.signal import butter, sosfiltfilt

    rumble = butter(2, 120, "highpass", fs=audio.rate, output="sos")
    clear = np.asarray(sosfiltfilt(rumble, audio.samples), np.float32)
    trimmed = _faded(_trimmed(Audio(clear, audio.rate)))
    gain = LOUDNESS_LUFS - _loudness(trimmed)
    narrow = resampled(trimmed, TELEPHONE_RATE)
    ceiling = 10 ** (PEAK_DBTP / 20)
    loud = _limited(narrow.samples * np.float32(10 ** (gain / 20)), TELEPHONE_RATE, ceiling)
    peak = float(np.max(np.abs(resampled(Audio(loud, TELEPHONE_RATE), 4 * TELEPHONE_RATE).samples)))
    if peak > ceiling:
        loud = loud * np.float32(ceiling / peak)
    return Audio(loud, TELEPHONE_RATE)


def _limited(samples: Samples, rate: int, ceiling: float) -> Samples:
    """Peaks held under ``ceiling`` by a gain that moves over 6 ms: no clipping is heard."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    width = round(0.006 * rate) | 1
    needed = np.minimum(1, ceiling / np.maximum(np.abs(samples), 1e-9))
    gain = uniform_filter1d(minimum_filter1d(needed, width), width)
    return np.asarray(samples * gain, np.float32)


def silence(seconds: float, rate: int) -> Samples:
    """Digital silence."""
    return np.zeros(round(seconds * rate), np.float32)


def _trimmed(audio: Audio, before_s: float = 0.02, after_s: float = 0.08) -> Audio:
    """Without the quiet at both ends (45 dB under the loudest 10 ms), margins kept."""
    block = audio.rate // 100
    usable = len(audio.samples) // block * block
    if not usable:
        return audio
    power = np.square(audio.samples[:usable]).reshape(-1, block).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10**-4.5)
    if not len(loud):
        return audio
    start = max(0, int(loud[0]) * block - round(before_s * audio.rate))
    end = (int(loud[-1]) + 1) * block + round(after_s * audio.rate)
    return Audio(audio.samples[start:end], audio.rate)


def _faded(audio: Audio, seconds: float = 0.005) -> Audio:
    count = min(round(seconds * audio.rate), len(audio.samples) // 2)
    ramp = np.linspace(0, 1, count, dtype=np.float32)
    samples = audio.samples.copy()
    samples[:count] *= ramp
    samples[len(samples) - count :] *= ramp[::-1]
    return Audio(samples, audio.rate)


def _loudness(audio: Audio) -> float:
    """Integrated loudness in LUFS (ITU-R BS.1770); a short sound is repeated to fill the
    meter's 400 ms block."""
    import pyloudnorm

    needed = round(0.5 * audio.rate)
    samples = audio.samples
    if 0 < len(samples) < needed:
        samples = np.tile(samples, -(-needed // len(samples)))
    loudness = float(pyloudnorm.Meter(audio.rate).integrated_loudness(samples))
    return loudness if np.isfinite(loudness) else LOUDNESS_LUFS
