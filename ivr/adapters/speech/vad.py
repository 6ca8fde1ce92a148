"""Is this somebody speaking? Silero's model (MIT), as it comes inside faster-whisper."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ivr.adapters.speech.audio import TELEPHONE_RATE, level_dbfs
from ivr.ports import Samples

CHUNK = 256
"""Samples at 8 kHz of one judgement: 32 ms."""
CHUNK_S = CHUNK / TELEPHONE_RATE
QUIET_DBFS = -58.0
"""Nothing so faint is a caller: spares the model most of a call."""
_CONTEXT = 64


@lru_cache
def _model() -> Any:
    import faster_whisper.utils
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    path = Path(faster_whisper.utils.get_assets_path()) / "silero_vad_v6.onnx"
    return onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )


class VoiceDetector:
    """Judges one line's sound, chunk after chunk. The model hears 16 kHz: telephone sound
    is brought there by interpolation, which it does not mind."""

    def __init__(self) -> None:
        self._model = _model()
        self.reset()

    def reset(self) -> None:
        """Forget the line's past."""
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)
        self._last = np.float32(0)

    def __call__(self, chunk: Samples) -> float:
        """Probability 0-1 that somebody speaks in ``chunk`` (:data:`CHUNK` samples, 8 kHz)."""
        wide = np.empty(2 * CHUNK, np.float32)
        wide[1::2] = chunk
        wide[0] = (self._last + chunk[0]) / 2
        wide[2::2] = (chunk[:-1] + chunk[1:]) / 2
        self._last = chunk[-1]
        heard = np.concatenate([self._context, wide])
        self._context = wide[-_CONTEXT:]
        if level_dbfs(chunk) < QUIET_DBFS:
            return 0.0
        feed = {"input": heard[None], "h": self._h, "c": self._c}
        probability, self._h, self._c = self._model.run(None, feed)
        return float(probability.ravel()[0])
