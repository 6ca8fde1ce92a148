"""Which of Whisper's tokens Spanish needs.

Four in five of them are other languages'; at each step of decoding the model weighs all. Kept
are those that a list of Spanish words, what callers say and ordinary prose are written with,
every single byte, so that nothing is out of reach, short pieces for foreign names, and the
model's own signs but for moments in time.
"""

import argparse
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from ivr.training.everyday import heard, prose
from ivr.training.sentences import sentences

_TEXT, _SIGNS = 50257, 50364
"""Tokens under the first are text, from the first to the second signs, above moments."""
_SHORT = 2
_SENTENCES = 20_000


def kept(pieces: Tokenizer, words: Iterable[str], texts: Iterable[str]) -> list[int]:
    """The tokens to keep, in their order."""
    found = set(range(_TEXT, _SIGNS))
    for token in range(_TEXT):
        written = str(pieces.id_to_token(token))
        letters = pieces.decode([token]).strip()
        latin = letters.isalpha() and max(letters) < "\u0180"
        if len(written) == 1 or (len(letters) <= _SHORT and latin):
            found.add(token)
    for text in _forms(words, texts):
        found.update(pieces.encode(text, add_special_tokens=False).ids)
    return sorted(found)


def _forms(words: Iterable[str], texts: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield from (word, f" {word}", f" {word.capitalize()}", word.upper(), f" {word.upper()}")
    for text in texts:
        yield f" {text}"
        yield f" {text.lower()}"


def weakened(arrays: dict[str, Any], share: float) -> dict[str, Any]:
    """Only ``share`` of what was learned."""
    return {
        name: (value * share).astype(value.dtype) if name.endswith((":left", ":added")) else value
        for name, value in arrays.items()
    }


def main() -> None:
    """From what was learned to what ships: a share of it, and the tokens to keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("learned", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--words", type=Path, required=True, help="a word on each line")
    parser.add_argument("--prose", type=Path, required=True, help="a folder of *.fortunes")
    given = parser.parse_args()
    said = (one.text for one in islice(sentences(1), _SENTENCES))
    tokens = kept(
        Tokenizer.from_file(str(given.model / "tokenizer.json")),
        given.words.read_text().split(),
        (*said, *heard(), *prose(given.prose)),
    )
    with np.load(given.learned) as arrays:
        everything = weakened(dict(arrays), given.share)
    everything["vocabulary"] = np.array(tokens, np.uint16)
    np.savez_compressed(given.out, **everything)


if __name__ == "__main__":
    main()
