"""What callers hear: which engine speaks, how loud, and from where."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from ivr.adapters.speech.audio import alaw_decode, alaw_encode, for_telephone, read_wav
from ivr.adapters.speech.espeak import Espeak
from ivr.adapters.speech.fallback import FallbackSynthesizer
from ivr.adapters.speech.kokoro import Kokoro
from ivr.adapters.speech.piper import Piper
from ivr.adapters.speech.prompts import PromptCache
from ivr.errors import InvalidInput, Unavailable
from ivr.ports import Audio

WELCOME = "Ha llamado a la clínica. Pulse 1 para pedir cita."


class Voice:
    """A synthesizer that hums, and counts how often it was asked."""

    def __init__(self, name: str = "hum", *, broken: bool = False) -> None:
        self.name = name
        self.version = "1"
        self.broken = broken
        self.texts: list[str] = []
        self._counting = threading.Lock()

    def voices(self, language: str) -> Sequence[str]:
        return ("low",)

    def speak(self, text: str, *, language: str, voice: str = "") -> Audio:
        with self._counting:
            self.texts.append(text)
        if self.broken:
            raise RuntimeError("broken")
        moments = np.arange(16000) / 16000
        return Audio(np.sin(2 * np.pi * 220 * moments).astype(np.float32) * 0.1, 16000)


def test_kokoro_speaks_spanish_of_spain_and_mexico(kokoro: Kokoro) -> None:
    spain = kokoro.speak("gracias", language="es-ES")
    mexico = kokoro.speak("gracias", language="es-MX")
    assert spain.rate == mexico.rate == 24000
    assert not np.array_equal(spain.samples[:5000], mexico.samples[:5000])
    assert kokoro.voices("es-ES")[:2] == ("ef_dora", "em_alex")


def test_espeak_speaks_without_anything_installed() -> None:
    audio = Espeak().speak("Un momento, por favor.", language="es-ES")
    assert 0.8 < len(audio.samples) / audio.rate < 3


def test_piper_speaks_with_an_installed_voice(english_piper: Path) -> None:
    piper = Piper(english_piper)
    assert piper.voices("en-US") == ["en_US-joe-medium"]
    assert not piper.voices("es-ES")
    assert len(piper.speak("Good morning.", language="en-US").samples) > 8000


def test_a_broken_engine_is_passed_over_and_tried_again_later() -> None:
    now = [0.0]
    first, second = Voice("first", broken=True), Voice("second")
    chain = FallbackSynthesizer([first, second], rest_s=30, now=lambda: now[0])
    assert chain.spoken("hola", language="es-ES").engine is second
    assert chain.spoken("adiós", language="es-ES").engine is second
    assert first.texts == ["hola"]
    first.broken, now[0] = False, 31.0
    assert chain.spoken("gracias", language="es-ES").engine is first


def test_an_engine_without_its_model_is_not_asked(tmp_path: Path) -> None:
    chain = FallbackSynthesizer([Piper(tmp_path), Kokoro(tmp_path), Espeak()])
    assert chain.spoken("hola", language="es-ES").engine.name == "espeak"


def test_when_nothing_can_speak_the_error_says_so() -> None:
    with pytest.raises(Unavailable):
        FallbackSynthesizer([Voice(broken=True)]).speak("hola", language="es-ES")


def test_prompts_are_ready_for_the_line(tmp_path: Path, kokoro: Kokoro) -> None:
    path = PromptCache(tmp_path, FallbackSynthesizer([kokoro])).file(WELCOME, "es-ES")
    facts = soundfile.info(path)
    assert (facts.samplerate, facts.channels, facts.subtype) == (8000, 1, "PCM_16")
    samples = read_wav(path).samples
    assert abs(pyloudnorm.Meter(8000).integrated_loudness(samples) + 20) < 1.5
    assert np.abs(samples).max() <= 0.81
    assert np.abs(samples[:160]).max() < 0.05 > np.abs(samples[-160:]).max()


def test_a_prompt_is_spoken_once_however_many_ask_at_once(tmp_path: Path) -> None:
    voice = Voice()
    caches = [PromptCache(tmp_path, FallbackSynthesizer([voice])) for _ in range(2)]
    with ThreadPoolExecutor(16) as callers:
        paths = set(callers.map(lambda n: caches[n % 2].file("Hola.", "es-ES"), range(32)))
    assert len(paths) == 1
    assert len(voice.texts) == 1


def test_a_prompt_of_the_fallback_voice_gives_way_when_the_best_returns(tmp_path: Path) -> None:
    now = [0.0]
    best, last = Voice("best", broken=True), Voice("last")
    cache = PromptCache(tmp_path, FallbackSynthesizer([best, last], now=lambda: now[0]))
    spoken = cache.file("Hola.", "es-ES")
    assert cache.ready("Hola.", "es-ES") == spoken
    best.broken, now[0] = False, 100.0
    assert cache.ready("Hola.", "es-ES") is None
    assert cache.file("Hola.", "es-ES") != spoken


def test_the_cache_drops_what_was_used_longest_ago(tmp_path: Path) -> None:
    import os
    import time

    cache = PromptCache(tmp_path, FallbackSynthesizer([Voice()]), limit_mb=0)
    old, new = cache.file("Uno.", "es-ES"), cache.file("Dos.", "es-ES")
    os.utime(old, (1, time.time() - 5000))
    assert cache.trim() == 1
    assert new.exists()
    assert not old.exists()


def test_an_empty_prompt_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        PromptCache(tmp_path, FallbackSynthesizer([Voice()])).file("  ", "es-ES")


def test_a_law_keeps_speech_and_never_overflows() -> None:
    ramp = np.linspace(-1, 1, 4001).astype(np.float32)
    back = alaw_decode(alaw_encode(ramp))
    assert np.abs(back - ramp).max() < 0.03
    assert np.abs(back).max() < 1
    assert (np.diff(back) >= 0).all()


def test_a_quiet_engine_and_a_loud_one_sound_alike() -> None:
    speech = Espeak().speak("Le atendemos enseguida, no cuelgue.", language="es-ES")
    levels = [
        pyloudnorm.Meter(8000).integrated_loudness(
            for_telephone(Audio(speech.samples * np.float32(gain), speech.rate)).samples
        )
        for gain in (0.05, 1.0)
    ]
    assert abs(levels[0] - levels[1]) < 0.2


def test_who_has_waited_long_enough_hears_the_quickest_engine(tmp_path: Path) -> None:
    best, quickest = Voice("best"), Voice("quickest")
    cache = PromptCache(tmp_path, FallbackSynthesizer([best, quickest]))
    first = cache.at_once(WELCOME, "es-ES")
    assert first is not None
    assert first.exists()
    assert cache.at_once(WELCOME, "es-ES") == first
    assert (len(best.texts), len(quickest.texts)) == (0, 1)
    assert cache.ready(WELCOME, "es-ES") is None, "the best one still has to speak it"
    assert cache.file(WELCOME, "es-ES") != first
    assert PromptCache(tmp_path, FallbackSynthesizer([best])).at_once(WELCOME, "es-ES") is None
