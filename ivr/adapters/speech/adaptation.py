"""Whisper base as it was tuned to the telephone: what was learned is added to the model.

``telephone.npz`` beside this file is small: for each matrix two narrow ones whose product is
added, for each bias and norm a difference (docs/hearing.md tells how it was made). Of the
tokens only those are kept that Spanish is written with. The result is written once, beside the
model it was made from.
"""

import fcntl
import hashlib
import json
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from ivr.adapters.speech import vocabulary
from ivr.adapters.speech.weights import read_model, write_model

log = structlog.get_logger(__name__)

TELEPHONE = Path(__file__).with_name("telephone.npz")
MODEL = "model.bin"
_TOKENS, _SETTINGS = "vocabulary.txt", "config.json"
_EMBEDDINGS = "decoder/embeddings/weight"
_BY_TOKEN = ("suppress_ids", "suppress_ids_begin", "lang_ids")
"""Settings of a model that are numbers of tokens."""


def adapted(folder: Path, learned: Path = TELEPHONE) -> Path:
    """The folder of the tuned model, made now where it is not there yet; ``folder`` itself
    where it cannot be written."""
    digest = hashlib.sha256(learned.read_bytes()).hexdigest()[:12]
    tuned = folder.with_name(f"{folder.name}-telephone-{digest}")
    if tuned.is_dir():
        return tuned
    try:
        _make(folder, learned, tuned)
    except OSError as error:
        log.warning("the model stays as it came: the tuned one cannot be written", error=str(error))
        return folder
    return tuned


def _make(folder: Path, learned: Path, tuned: Path) -> None:
    with folder.with_name(f".{folder.name}-telephone.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if tuned.is_dir():
            return
        scratch = Path(mkdtemp(prefix=f".{tuned.name}-", dir=folder.parent))
        try:
            model = read_model(folder / MODEL)
            with np.load(learned) as arrays:
                model.variables = {
                    name: _with(value, name, arrays) for name, value in model.variables.items()
                }
                kept = arrays["vocabulary"].tolist() if "vocabulary" in arrays else None
            for beside in folder.iterdir():
                if beside.name != MODEL and beside.is_file():
                    shutil.copy2(beside, scratch)
            if kept is not None:
                model.variables[_EMBEDDINGS] = model.variables[_EMBEDDINGS][kept]
                _keep(scratch, kept)
            write_model(scratch / MODEL, model)
            for older in folder.parent.glob(f"{folder.name}-telephone-*"):
                shutil.rmtree(older)
            scratch.chmod(0o755)
            scratch.replace(tuned)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _with(value: NDArray[Any], name: str, learned: Any) -> NDArray[Any]:
    """``value`` and what was learned about it, in the type it had."""
    if f"{name}:added" in learned:
        change = learned[f"{name}:added"].astype(np.float32)
    elif f"{name}:left" in learned:
        left, right = learned[f"{name}:left"], learned[f"{name}:right"]
        change = left.astype(np.float32) @ right.astype(np.float32)
    else:
        return value
    return np.asarray(value.astype(np.float32) + change, value.dtype)


def _keep(folder: Path, kept: list[int]) -> None:
    """Leave only these tokens in the files beside the model."""
    tokens = (folder / _TOKENS).read_text(encoding="utf-8").split("\n")
    left = "".join(f"{tokens[token]}\n" for token in kept)
    (folder / _TOKENS).write_text(left, encoding="utf-8")
    places = {token: place for place, token in enumerate(kept)}
    settings = json.loads((folder / _SETTINGS).read_text())
    for name in _BY_TOKEN:
        settings[name] = [places[token] for token in settings[name] if token in places]
    (folder / _SETTINGS).write_text(json.dumps(settings))
    np.save(folder / vocabulary.FILE, np.array(kept, np.uint16))
