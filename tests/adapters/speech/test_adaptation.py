"""The recognizer hears with what was learned about the telephone, on top of its own model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from ivr.adapters.speech.adaptation import TELEPHONE, adapted
from ivr.adapters.speech.catalogue import WHISPER_BASE
from ivr.adapters.speech.models import models_root
from ivr.adapters.speech.vocabulary import Vocabulary
from ivr.adapters.speech.weights import ModelFile, read_model, write_model
from ivr.config import settings
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


def _of_tokens(folder: Path, *tokens: str) -> Path:
    """A model with a row for each token."""
    folder.mkdir()
    rows = np.arange(len(tokens), dtype=np.float16)[:, None]
    write_model(
        folder / "model.bin", ModelFile("WhisperSpec", 3, {"decoder/embeddings/weight": rows}, {})
    )
    (folder / "vocabulary.txt").write_text("".join(f"{token}\n" for token in tokens))
    settings = {"suppress_ids": [0, 1, 4], "suppress_ids_begin": [4], "lang_ids": [1]}
    (folder / "config.json").write_text(json.dumps(settings))
    return folder


def test_only_the_tokens_of_the_language_are_left(tmp_path: Path) -> None:
    base = _of_tokens(tmp_path / "base", "a", "b", "\u4e00", "ab", "c")
    learned: dict[str, Any] = {"vocabulary": np.array([0, 1, 4], np.uint16)}
    np.savez_compressed(tmp_path / "learned.npz", **learned)
    tuned = adapted(base, tmp_path / "learned.npz")
    rows = read_model(tuned / "model.bin").variables["decoder/embeddings/weight"]
    assert rows.tolist() == [[0], [1], [4]]
    assert (tuned / "vocabulary.txt").read_text() == "a\nb\nc\n"
    assert json.loads((tuned / "config.json").read_text()) == {
        "suppress_ids": [0, 1, 2],
        "suppress_ids_begin": [2],
        "lang_ids": [1],
    }


class Pieces:
    """A tokenizer of five tokens."""

    tokens = ("a", "b", "\u4e00", "ab", "c")

    def id_to_token(self, token: int) -> str:
        return self.tokens[token]

    def token_to_id(self, written: str) -> int | None:
        return self.tokens.index(written) if written in self.tokens else None


def test_a_token_that_was_left_out_is_written_with_shorter_ones(tmp_path: Path) -> None:
    np.save(tmp_path / "kept.npy", np.array([0, 1, 4], np.uint16))
    left = Vocabulary.of(tmp_path, Pieces())
    assert left is not None
    assert left.to_model([4, 3, 0]) == [2, 0, 1, 0]
    assert left.from_model([2, 0, 1]) == [4, 0, 1]
    assert Vocabulary.of(tmp_path / "elsewhere", Pieces()) is None


def test_every_byte_can_still_be_written() -> None:
    pieces = Tokenizer.from_file(
        str(models_root(settings().cache) / WHISPER_BASE.directory / "tokenizer.json")
    )
    with np.load(TELEPHONE) as learned:
        left = Vocabulary(learned["vocabulary"].tolist(), pieces)
    for text in (" Ainhoa Etxeberría", " Nguyễn", " 日本", " Wojciechowski, ¿señorita?"):
        tokens = pieces.encode(text, add_special_tokens=False).ids
        again = left.from_model(left.to_model(tokens))
        assert pieces.decode(again) == text
