"""The recognizer hears with what was learned about the telephone, on top of its own model."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ivr.adapters.speech.adaptation import TELEPHONE, adapted
from ivr.adapters.speech.weights import ModelFile, read_model, write_model
from ivr.errors import InvalidInput


def _model(folder: Path) -> ModelFile:
    folder.mkdir()
    model = ModelFile(
        "WhisperSpec",
        3,
        {
            "encoder/linear/weight": np.arange(6, dtype=np.float16).reshape(2, 3),
            "encoder/linear/bias": np.ones(2, np.float16),
            "encoder/num_heads": np.array(8, np.int16),
        },
        {"decoder/projection": "encoder/linear/weight"},
    )
    write_model(folder / "model.bin", model)
    (folder / "tokenizer.json").write_text("{}")
    return model


def _learned(path: Path) -> Path:
    arrays: dict[str, Any] = {
        "encoder/linear/weight:left": np.array([[1], [2]], np.float16),
        "encoder/linear/weight:right": np.array([[10, 0, 0.5]], np.float16),
        "encoder/linear/bias:added": np.array([0.25, -1], np.float16),
    }
    np.savez_compressed(path, **arrays)
    return path


def test_a_model_file_is_written_as_it_was_read(tmp_path: Path) -> None:
    _model(tmp_path / "base")
    read = read_model(tmp_path / "base" / "model.bin")
    write_model(tmp_path / "again.bin", read)
    assert (tmp_path / "again.bin").read_bytes() == (tmp_path / "base" / "model.bin").read_bytes()
    assert read.aliases == {"decoder/projection": "encoder/linear/weight"}


def test_a_model_of_another_version_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"\x09\0\0\0rest")
    with pytest.raises(InvalidInput, match="version 9, not 6"):
        read_model(path)


def test_what_was_learned_is_added_and_nothing_else_changes(tmp_path: Path) -> None:
    before = _model(tmp_path / "base")
    tuned = adapted(tmp_path / "base", _learned(tmp_path / "learned.npz"))
    after = read_model(tuned / "model.bin")
    weight, bias = (after.variables[f"encoder/linear/{name}"] for name in ("weight", "bias"))
    assert weight.tolist() == [[10, 1, 2.5], [23, 4, 6]]
    assert bias.tolist() == [1.25, 0]
    assert weight.dtype == np.float16
    assert after.variables["encoder/num_heads"] == before.variables["encoder/num_heads"]
    assert (tuned / "tokenizer.json").read_text() == "{}"
    assert adapted(tmp_path / "base", tmp_path / "learned.npz") == tuned


def test_newly_learned_things_take_the_place_of_the_older(tmp_path: Path) -> None:
    _model(tmp_path / "base")
    older = adapted(tmp_path / "base", _learned(tmp_path / "learned.npz"))
    newer_things: dict[str, Any] = {"encoder/linear/bias:added": np.zeros(2, np.float16)}
    np.savez_compressed(tmp_path / "newer.npz", **newer_things)
    newer = adapted(tmp_path / "base", tmp_path / "newer.npz")
    assert newer != older
    assert newer.is_dir()
    assert not older.exists()


def test_where_nothing_can_be_written_the_model_is_used_as_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _model(tmp_path / "base")

    def full(path: Path, model: ModelFile) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("ivr.adapters.speech.adaptation.write_model", full)
    assert adapted(tmp_path / "base", _learned(tmp_path / "learned.npz")) == tmp_path / "base"
    assert not list(tmp_path.glob(".base-telephone-*"))


def test_what_ships_fits_the_model_that_is_fetched() -> None:
    with np.load(TELEPHONE) as learned:
        sizes = {name: learned[name].shape for name in learned.files}
    assert sizes["encoder/layer_0/self_attention/linear_0/weight:left"][0] == 1536
    assert all(np.isfinite(size).all() for size in sizes.values())
    assert TELEPHONE.stat().st_size < 12_000_000
