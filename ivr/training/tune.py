"""Tunes Whisper base to the telephone: small additions to its matrices, nothing replaced.

Each linear matrix gets the product of two narrow ones (low-rank adaptation, Hu et al. 2021),
each bias and norm a difference; what was learned before stays underneath. The model is
CTranslate2's own file, its names kept, so that what is learned can be added to it
(``ivr/adapters/speech/adaptation.py``). Needs PyTorch, which the product does not.
"""

import argparse
import json
import math
import random as chances
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as distributed
import torch.multiprocessing
import torch.nn.functional as F
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.tokenizer import Tokenizer
from tokenizers import Tokenizer as Pieces

from ivr.adapters.speech.audio import TELEPHONE_RATE, read_wav, resampled
from ivr.adapters.speech.context import context
from ivr.adapters.speech.weights import read_model
from ivr.adapters.speech.whisper import RATE, levelled
from ivr.adapters.speech.whisper_model import HINT_TOKENS
from ivr.ports import Audio, Expectation, Samples
from ivr.training.lines import no_speech, over_the_line

HEADS, LAYERS = 8, 6
_IGNORED = -100
_MARGINS_S = (0.8, 1.0, 1.5, 2.0)
"""Silence after the utterance in the encoder's window."""
_NO_SPEECH = 0.07
"""Share of turns in which nobody answers."""
_BARE = 0.4
"""Share of turns heard without any words to expect."""


class Listener:
    """Whisper as a function of its variables, by CTranslate2's names."""

    def __init__(self, folder: Path, rank: int, seed: int = 7) -> None:
        torch.manual_seed(seed)
        self.fixed = {
            name: torch.tensor(np.asarray(value, np.float32)).to(
                torch.bfloat16 if value.ndim > 1 else torch.float32
            )
            for name, value in read_model(folder / "model.bin").variables.items()
            if value.dtype == np.float16
        }
        self.narrow: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
        self.added: dict[str, torch.Tensor] = {}
        for name, value in self.fixed.items():
            if "layer_" not in name:
                continue
            if value.ndim == 2:
                right = torch.randn(rank, value.shape[1]) / math.sqrt(value.shape[1])
                left = torch.zeros(value.shape[0], rank)
                self.narrow[name] = (left.requires_grad_(), right.requires_grad_())
            elif value.ndim == 1:
                self.added[name] = torch.zeros_like(value).requires_grad_()

    def parameters(self) -> Iterator[torch.Tensor]:
        for left, right in self.narrow.values():
            yield left
            yield right
        yield from self.added.values()

    def variables(self) -> dict[str, torch.Tensor]:
        changed = dict(self.fixed)
        for name, (left, right) in self.narrow.items():
            changed[name] = self.fixed[name] + (left @ right).to(torch.bfloat16)
        for name, difference in self.added.items():
            changed[name] = self.fixed[name] + difference
        return changed

    def encode(self, v: dict[str, torch.Tensor], features: torch.Tensor) -> torch.Tensor:
        x = F.gelu(
            F.conv1d(features, v["encoder/conv1/weight"], v["encoder/conv1/bias"], padding=1)
        )
        x = F.gelu(
            F.conv1d(x, v["encoder/conv2/weight"], v["encoder/conv2/bias"], stride=2, padding=1)
        )
        x = x.transpose(1, 2)
        x = x + v["encoder/position_encodings/encodings"][: x.shape[1]]
        for index in range(LAYERS):
            at = f"encoder/layer_{index}"
            x = x + _attend_self(v, f"{at}/self_attention", x, causal=False)
            x = x + _feed(v, f"{at}/ffn", x)
        return _norm(v, "encoder/layer_norm", x)

    def decode(
        self, v: dict[str, torch.Tensor], tokens: torch.Tensor, memory: torch.Tensor
    ) -> torch.Tensor:
        x = F.embedding(tokens, v["decoder/embeddings/weight"])
        x = x + v["decoder/position_encodings/encodings"][: x.shape[1]]
        for index in range(LAYERS):
            at = f"decoder/layer_{index}"
            x = x + _attend_self(v, f"{at}/self_attention", x, causal=True)
            x = x + _attend_memory(v, f"{at}/attention", x, memory)
            x = x + _feed(v, f"{at}/ffn", x)
        return _norm(v, "decoder/layer_norm", x)


def _norm(v: dict[str, torch.Tensor], at: str, x: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x, (x.shape[-1],), v[f"{at}/gamma"], v[f"{at}/beta"])


def _line(v: dict[str, torch.Tensor], at: str, x: torch.Tensor) -> torch.Tensor:
    return F.linear(x, v[f"{at}/weight"], v[f"{at}/bias"])


def _heads(x: torch.Tensor) -> torch.Tensor:
    return x.unflatten(-1, (HEADS, -1)).transpose(1, 2)


def _attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, causal: bool) -> torch.Tensor:
    """In plain products: PyTorch's own attention takes three times as long on a processor."""
    scores = (_heads(q) * 64**-0.5) @ _heads(k).transpose(2, 3)
    if causal:
        scores = scores + torch.full(scores.shape[-2:], float("-inf")).triu(1).to(scores.dtype)
    return (
        (scores.softmax(-1, dtype=torch.float32).to(v.dtype) @ _heads(v)).transpose(1, 2).flatten(2)
    )


def _attend_self(
    v: dict[str, torch.Tensor], at: str, x: torch.Tensor, causal: bool
) -> torch.Tensor:
    q, k, value = _line(v, f"{at}/linear_0", _norm(v, f"{at}/layer_norm", x)).chunk(3, -1)
    return _line(v, f"{at}/linear_1", _attention(q, k, value, causal))


def _attend_memory(
    v: dict[str, torch.Tensor], at: str, x: torch.Tensor, memory: torch.Tensor
) -> torch.Tensor:
    q = _line(v, f"{at}/linear_0", _norm(v, f"{at}/layer_norm", x))
    k, value = _line(v, f"{at}/linear_1", memory).chunk(2, -1)
    return _line(v, f"{at}/linear_2", _attention(q, k, value, causal=False))


def _feed(v: dict[str, torch.Tensor], at: str, x: torch.Tensor) -> torch.Tensor:
    hidden = F.gelu(_line(v, f"{at}/linear_0", _norm(v, f"{at}/layer_norm", x)))
    return _line(v, f"{at}/linear_1", hidden)


@dataclass(frozen=True)
class Item:
    """One turn: features (80, frames), tokens, what each should be followed by."""

    features: np.ndarray[Any, np.dtype[np.float32]]
    tokens: list[int]
    wanted: list[int]


class Turns:
    """Rendered sentences as turns on a line, another line each time."""

    def __init__(self, folder: Path, model: Path, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._chance = chances.Random(seed)
        self._folder = folder
        self._extract = FeatureExtractor()
        self._tokens = Tokenizer(
            Pieces.from_file(str(model / "tokenizer.json")), True, task="transcribe", language="es"
        )
        self._sounds: list[tuple[Samples, dict[str, Any]]] = []
        self._known: set[str] = set()
        self.look()

    def look(self) -> int:
        """Take in what has been rendered since; how many there are."""
        for path in sorted(self._folder.glob("*.wav")):
            if path.name not in self._known:
                told = json.loads(path.with_suffix(".json").read_text())
                self._sounds.append((read_wav(path).samples, told))
                self._known.add(path.name)
        return len(self._sounds)

    def batches(self, size: int) -> Iterator[list[Item]]:
        """Without end; those of one batch are about as long as each other."""
        while True:
            drawn = [self._item() for _ in range(8 * size)]
            drawn.sort(key=lambda item: item.features.shape[1])
            groups = [drawn[at : at + size] for at in range(0, len(drawn), size)]
            self._chance.shuffle(groups)
            yield from groups

    def _item(self) -> Item:
        said, told = self._chance.choice(self._sounds)
        others = [self._chance.choice(self._sounds)[0] for _ in range(self._chance.randint(1, 5))]
        silent = self._chance.random() < _NO_SPEECH
        heard = (
            no_speech(others, self._random) if silent else over_the_line(said, others, self._random)
        )
        samples = levelled(resampled(Audio(heard, TELEPHONE_RATE), RATE).samples)
        frames = 2 * round(50 * (len(samples) / RATE + self._chance.choice(_MARGINS_S)))
        features = self._extract(samples)[:, :3000]
        features = np.pad(features, ((0, 0), (0, max(0, frames - features.shape[1]))))
        text = [] if silent else self._tokens.encode(" " + told["text"])
        return Item(features, *self._tokens_of(told, text, silent))

    def _tokens_of(
        self, told: dict[str, Any], text: list[int], silent: bool
    ) -> tuple[list[int], list[int]]:
        t = self._tokens
        prompt: list[int] = []
        if self._chance.random() >= _BARE:
            hints = list(told["hints"])
            self._chance.shuffle(hints)
            expect = Expectation(tuple(told["kinds"]), hints=tuple(hints))
            words = context(expect, told["language"])
            if words:
                prompt = [t.sot_prev, *t.encode(" " + ", ".join(words) + ".")[:HINT_TOKENS]]
        start = [*t.sot_sequence, t.no_timestamps]
        tokens = [*prompt, *start, *text]
        wanted = [_IGNORED] * len(tokens)
        wanted[len(prompt)] = t.no_speech if silent else start[1]
        first = len(prompt) + len(start) - 1
        wanted[first:] = [*text, t.eot]
        return tokens, wanted


def collated(items: Sequence[Item]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features, tokens and what is wanted of items as equally long rows."""
    frames = max(item.features.shape[1] for item in items)
    length = max(len(item.tokens) for item in items)
    features = np.stack(
        [np.pad(i.features, ((0, 0), (0, frames - i.features.shape[1]))) for i in items]
    )
    tokens = torch.zeros(len(items), length, dtype=torch.long)
    wanted = torch.full((len(items), length), _IGNORED)
    for row, item in enumerate(items):
        tokens[row, : len(item.tokens)] = torch.tensor(item.tokens)
        wanted[row, : len(item.wanted)] = torch.tensor(item.wanted)
    return torch.from_numpy(features.astype(np.float32)), tokens, wanted


def loss_of(
    model: Listener, batch: tuple[torch.Tensor, torch.Tensor, torch.Tensor]
) -> torch.Tensor:
    """How unlikely the model finds what was said, per token (nats)."""
    features, tokens, wanted = batch
    with torch.autocast("cpu", torch.bfloat16):
        v = model.variables()
        x = model.decode(v, tokens, model.encode(v, features))
        asked = wanted != _IGNORED
        logits = F.linear(x[asked], v["decoder/embeddings/weight"])
    return F.cross_entropy(logits.float(), wanted[asked])


def save(model: Listener, path: Path) -> None:
    """What was learned, as half-precision numbers: for each matrix its two narrow ones, for
    the rest the difference."""
    arrays: dict[str, Any] = {}
    for name, (left, right) in model.narrow.items():
        arrays[f"{name}:left"] = left.detach().numpy().astype(np.float16)
        arrays[f"{name}:right"] = right.detach().numpy().astype(np.float16)
    for name, difference in model.added.items():
        arrays[f"{name}:added"] = difference.detach().numpy().astype(np.float16)
    np.savez_compressed(path, **arrays)


def train(worker: int, given: argparse.Namespace) -> None:
    """One of several workers, one thread each; they go through different turns and share what
    they find out at every step."""
    torch.set_num_threads(1)
    meeting = f"file://{given.out.resolve()}.meeting"
    distributed.init_process_group("gloo", meeting, rank=worker, world_size=given.workers)
    turns = Turns(given.folder, given.model, seed=5 + worker)
    model = Listener(given.model, given.rank)
    parameters = list(model.parameters())
    steer = torch.optim.AdamW(parameters, lr=given.rate, weight_decay=0.0)
    begun, seen = time.monotonic(), 0.0
    for step, items in enumerate(turns.batches(given.batch)):
        loss = loss_of(model, collated(items))
        steer.zero_grad()
        loss.backward()
        passed = torch.tensor([(time.monotonic() - begun) / given.seconds, loss.item()])
        shared = torch.cat([passed, *(p.grad.flatten() for p in parameters if p.grad is not None)])
        distributed.all_reduce(shared)
        shared /= given.workers
        done, mean = float(shared[0]), float(shared[1])
        if done >= 1:
            break
        place = 2
        for p in parameters:
            p.grad = shared[place : place + p.numel()].view_as(p).clone()
            place += p.numel()
        for group in steer.param_groups:
            group["lr"] = (
                given.rate * min(1.0, (step + 1) / 40) * 0.5 * (1 + math.cos(math.pi * done))
            )
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        steer.step()
        seen = 0.95 * seen + 0.05 * mean if step else mean
        if worker == 0 and step % 20 == 19:
            print(step + 1, round(seen, 4), f"{done:.3f}", flush=True)
            save(model, given.out)
    if worker == 0:
        save(model, given.out)


def main() -> None:
    """``--seconds`` of training; the learning rate falls to nothing at their end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rank", type=int, default=24)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=8e-4)
    given = parser.parse_args()
    torch.multiprocessing.spawn(train, (given,), nprocs=given.workers)


if __name__ == "__main__":
    main()
