"""Says sentences with many voices, so that hearing learns words and not a voice.

A voice is a mixture of two or three of Kokoro's that the spoken corpus does not use. Each
sentence becomes one file: 8 kHz, before anything the telephone line does to it.
"""

import json
import random
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from ivr.adapters.speech.audio import TELEPHONE_RATE, resampled, write_wav
from ivr.adapters.speech.kokoro import Kokoro, read_style
from ivr.bench.spoken_line import VOICES as JUDGED
from ivr.ports import Audio, Samples
from ivr.training.dictated import Sentence
from ivr.training.sentences import sentences

SPEEDS = (0.85, 1.35)
_LONGEST_S = 14.0
_NEAR = ("if_", "im_", "pf_", "pm_")
"""Voices of languages that sound like Spanish; they come more often."""


def render(kokoro: Kokoro, voices: Path, folder: Path, seed: int, count: int) -> None:
    """Say ``count`` sentences into ``folder``: a WAV and a JSON of what was said for each.
    Those that are there already are kept."""
    chance = random.Random(seed)
    styles = {
        path.stem: read_style(path)
        for path in sorted(voices.glob("*.bin"))
        if path.stem not in JUDGED
    }
    for index, sentence in enumerate(islice(sentences(seed), count)):
        style, speed = _mixed(chance, styles), chance.uniform(*SPEEDS)
        path = folder / f"{seed}-{index:05}.wav"
        if path.exists():
            continue
        said = kokoro.speak_as(style, sentence.text, sentence.language, speed)
        narrow = resampled(said, TELEPHONE_RATE)
        if len(narrow.samples) > _LONGEST_S * TELEPHONE_RATE:
            continue
        path.with_suffix(".json").write_text(json.dumps(_told(sentence), ensure_ascii=False))
        loudest = float(np.abs(narrow.samples).max()) or 1.0
        write_wav(path, Audio(narrow.samples * np.float32(0.7 / loudest), TELEPHONE_RATE))


def _told(sentence: Sentence) -> dict[str, object]:
    expect = sentence.expect
    return {
        "text": sentence.text,
        "language": sentence.language,
        "kinds": expect.kinds,
        "hints": expect.hints,
    }


def _mixed(chance: random.Random, styles: dict[str, Samples]) -> Samples:
    names: Sequence[str] = list(styles)
    likely = [4.0 if name.startswith(_NEAR) else 1.0 for name in names]
    chosen = chance.choices(names, likely, k=chance.choice((1, 2, 2, 3)))
    weights = [chance.uniform(0.2, 1.0) for _ in chosen]
    mixed = sum(weight * styles[name] for weight, name in zip(weights, chosen, strict=True))
    return np.asarray(mixed / sum(weights), np.float32)


if __name__ == "__main__":
    model, voices, folder, seed, count = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    render(Kokoro(Path(model), threads=1), Path(voices), Path(folder), int(seed), int(count))
