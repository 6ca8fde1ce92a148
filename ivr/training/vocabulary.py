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


def main() -> None:
    """Write them into the file of what was learned."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("learned", type=Path)
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
        everything = dict(arrays)
    everything["vocabulary"] = np.array(tokens, np.uint16)
    np.savez_compressed(given.learned, **everything)


if __name__ == "__main__":
    main()
