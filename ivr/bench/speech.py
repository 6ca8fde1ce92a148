"""How fast callers are understood and answered: recognition, the line, and the voices."""

import asyncio
import math
import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from ivr.adapters.asterisk.aeap import SpeechServer
from ivr.adapters.speech.audio import TELEPHONE_RATE, resampled
from ivr.adapters.speech.catalogue import KOKORO, WHISPER_BASE
from ivr.adapters.speech.engines import synthesizer
from ivr.adapters.speech.fullness import fullness
from ivr.adapters.speech.kokoro import Kokoro
from ivr.adapters.speech.models import install
from ivr.adapters.speech.recognition import RecognitionPool
from ivr.adapters.speech.repetition import folded
from ivr.adapters.speech.whisper import Whisper
from ivr.bench.speech_line import AsteriskEnd, Caller, connected
from ivr.config import settings
from ivr.ports import Audio, Expectation

SHORT = (
    ("Sí, por favor.", "yesno"),
    ("No, gracias.", "yesno"),
    ("A las diez y media.", "time"),
)
FREE = (
    ("Quiero pedir cita con el dentista.", "intent"),
    ("Quería cambiar la cita del jueves a otro día por la tarde.", "intent"),
    ("Una limpieza dental para el lunes por la mañana.", "intent"),
    ("Quiero hablar con una persona.", "intent"),
)
VOICES = ("ef_dora", "em_alex")
CROWD = 8
"""Callers who speak at once."""
SPOKEN = "Su cita es el jueves veintiséis de noviembre a las diez y media con la doctora Ruiz."


def run() -> dict[str, Any]:
    """Latencies in milliseconds, from the caller's last sound to the recognizer's words.

    ``peer`` is faster-whisper's own ``transcribe`` on the same sounds; ``decoding`` alone is
    the limit no end of speech can beat.
    """
    cache = settings().cache
    whisper = Whisper(install(WHISPER_BASE, cache))
    caller = Caller(Kokoro(install(KOKORO, cache)), cache / "test-callers")
    whisper.load()
    return {
        "recognition": _recognition(whisper, caller),
        "line": asyncio.run(_line(whisper, caller)),
        "voices": _voices(),
    }


def _recognition(whisper: Whisper, caller: Caller) -> dict[str, Any]:
    from faster_whisper import WhisperModel

    as_fetched = WhisperModel(
        str(whisper.folder), device="cpu", compute_type="int8", cpu_threads=whisper.threads
    )
    ours, peer, wrong = [], [], []
    sounds_s = 0.0
    for text, kind in SHORT + FREE:
        for voice in VOICES:
            audio = caller.says(text, voice)
            sounds_s += len(audio.samples) / audio.rate
            started = time.perf_counter()
            words = whisper.transcribe(audio, language="es-ES", expect=Expectation(kinds=(kind,)))
            ours.append(time.perf_counter() - started)
            heard = {folded(each) for each in (words.text, *(a.text for a in words.alternatives))}
            if not heard & {folded(text), folded(text.replace("diez", "10"))}:
                wrong.append({"said": text, "heard": words.text, "voice": voice})
            started = time.perf_counter()
            segments, _ = as_fetched.transcribe(
                resampled(audio, 16000).samples, language="es", beam_size=3
            )
            list(segments)
            peer.append(time.perf_counter() - started)
    return {
        "sentences": len(ours),
        "wrong": wrong,
        "decoding_ms": _summary(ours),
        "peer_faster_whisper_ms": _summary(peer),
        "real_time_factor": round(sum(ours) / sounds_s, 3),
    }


async def _line(whisper: Whisper, caller: Caller) -> dict[str, Any]:
    pool = RecognitionPool([whisper])
    server = await SpeechServer(pool, fullness).start("127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        found: dict[str, Any] = {}
        barge_in: list[float] = []
        for name, sentences in (("short", SHORT), ("free", FREE)):
            latencies = []
            for text, kind in sentences:
                for voice in VOICES:
                    stopped, answered = await _one_turn(port, caller.says(text, voice), kind)
                    barge_in.append(stopped)
                    latencies.append(answered)
            found[f"{name}_answer_ms"] = _summary(latencies)
        crowd = await asyncio.gather(
            *(
                _one_turn(port, caller.says(*_of_crowd(index)), "intent", after_s=index * 0.05)
                for index in range(CROWD)
            )
        )
        found["barge_in_ms"] = _summary(barge_in)
        found[f"{CROWD}_at_once_answer_ms"] = _summary([answered for _, answered in crowd])
        return found
    finally:
        server.close()
        await server.wait_closed()
        pool.close()


def _of_crowd(index: int) -> tuple[str, str]:
    return FREE[index % len(FREE)][0], VOICES[index % len(VOICES)]


async def _one_turn(
    port: int, audio: Audio, kind: str, *, after_s: float = 0.0
) -> tuple[float, float]:
    """Seconds from the first sound to the barge-in, and from the last to the words; infinite
    when listening failed and the call would have gone on by keys."""
    await asyncio.sleep(after_s)
    loud = np.flatnonzero(np.abs(audio.samples) > 0.02)
    first, last = loud[0] / TELEPHONE_RATE, loud[-1] / TELEPHONE_RATE
    quiet = Audio(
        np.concatenate([audio.samples, np.zeros(3 * TELEPHONE_RATE, np.float32)]), TELEPHONE_RATE
    )
    async with connected(port) as asterisk:
        await asterisk.turn(Expectation(kinds=(kind,)))
        sending = asyncio.create_task(asterisk.send(quiet))
        stopped, words = await _two_results(asterisk)
        began = await sending
    return stopped - began - first, words - began - last


async def _two_results(asterisk: AsteriskEnd) -> tuple[float, float]:
    stopped, _ = await asyncio.wait_for(asterisk.results.get(), 15)
    words, results = await asyncio.wait_for(asterisk.results.get(), 15)
    return stopped, words if results[0]["grammar"] == "words" else math.inf


def _voices() -> dict[str, Any]:
    """Seconds of work for a second of speech, by engine."""
    factors = {}
    for engine in synthesizer().engines:
        if not engine.voices("es-ES"):
            continue
        engine.speak("Hola.", language="es-ES")
        started = time.perf_counter()
        audio = engine.speak(SPOKEN, language="es-ES")
        spent = time.perf_counter() - started
        factors[engine.name] = round(spent / (len(audio.samples) / audio.rate), 3)
    return {"real_time_factor": factors}


def _summary(seconds: Sequence[float]) -> dict[str, float]:
    """Of those that were answered; the others are counted as ``failed``."""
    ordered = sorted(1000 * each for each in seconds if math.isfinite(each))
    failed = len(seconds) - len(ordered)
    if not ordered:
        return {"failed": failed}
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return {
        "p50": round(statistics.median(ordered), 1),
        "p95": round(p95, 1),
        "max": round(ordered[-1], 1),
        "failed": failed,
    }
