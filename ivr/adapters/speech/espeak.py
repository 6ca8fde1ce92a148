"""Speech out with eSpeak NG: the last resort, always there.

The library and its data come in the wheel ``espeakng-loader`` (GPL-3.0), so nothing has to
be installed on the machine.
"""

import ctypes
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from ivr.errors import Unavailable
from ivr.ports import Audio

_VOICES = {"es-ES": "es", "es-MX": "es-419", "en-US": "en-us", "en-GB": "en-gb"}
_WORDS_A_MINUTE = 150

_SYNCHRONOUS, _DONT_EXIT, _UTF8, _RATE_PARAMETER = 2, 0x8000, 1, 1
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class _Library:
    """libespeak-ng. Its state belongs to the process: one speaker at a time."""

    def __init__(self) -> None:
        import espeakng_loader

        self.speaking = threading.Lock()
        self.blocks: list[bytes] = []
        self.api: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        self.rate = int(self.api.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT))
        if self.rate <= 0:
            raise Unavailable("eSpeak NG cannot find its data: reinstall `espeakng-loader`")
        self.callback = _CALLBACK(self._collect)
        self.api.espeak_SetSynthCallback(self.callback)

    def _collect(self, samples: Any, count: int, _events: int) -> int:
        if samples and count > 0:
            self.blocks.append(ctypes.string_at(samples, count * 2))
        return 0

    def speak(self, text: str, voice: str) -> Audio:
        with self.speaking:
            self.blocks.clear()
            if self.api.espeak_SetVoiceByName(voice.encode()) != 0:
                raise Unavailable(f"eSpeak NG has no voice {voice}")
            self.api.espeak_SetParameter(_RATE_PARAMETER, _WORDS_A_MINUTE, 0)
            encoded = text.replace("\0", " ").encode() + b"\0"
            failed = self.api.espeak_Synth(encoded, len(encoded), 0, 0, 0, _UTF8, None, None)
            if failed or not self.blocks:
                raise Unavailable("eSpeak NG said nothing")
            pcm = np.frombuffer(b"".join(self.blocks), np.int16)
        return Audio(np.asarray(pcm, np.float32) / np.float32(32768), self.rate)


_library: _Library | None = None
_loading = threading.Lock()


class Espeak:
    """A robot's voice that needs no model."""

    name = "espeak"
    version = "1.52"

    def voices(self, language: str) -> Sequence[str]:
        return (_VOICES[language],) if language in _VOICES else ()

    def speak(self, text: str, *, language: str, voice: str = "") -> Audio:
        """Speak at 22.05 kHz. Raises :class:`Unavailable`."""
        global _library
        if not voice and language not in _VOICES:
            raise Unavailable(f"eSpeak NG has no voice for {language}")
        with _loading:
            if _library is None:
                _library = _Library()
        return _library.speak(text, voice or _VOICES[language])
