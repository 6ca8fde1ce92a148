"""Words of a line: folded (case, accents), numbers and signs apart, position kept."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]|_")
_ORDINAL_SIGN = str.maketrans({"º": "°", "ª": "°"})
LONGEST = 600
"""Characters of a line that are read."""


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Lower case without accents; ``ñ`` becomes ``n``."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_ORDINAL_SIGN).casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


_SOUNDS = (
    (re.compile(r"ch"), "1"),
    (re.compile(r"qu(?=[ei])|q|k"), "k"),
    (re.compile(r"gu(?=[ei])"), "g"),
    (re.compile(r"g(?=[ei])|x(?=ic|im)"), "j"),
    (re.compile(r"c(?=[ei])|z|x|sc(?=[ei])"), "s"),
    (re.compile(r"c"), "k"),
    (re.compile(r"ll"), "y"),
    (re.compile(r"[vw]"), "b"),
    (re.compile(r"h"), ""),
    (re.compile(r"y$"), "i"),
    (re.compile(r"n(?=[bp])"), "m"),
    (re.compile(r"(.)\1+"), r"\1"),
)


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """A key equal for words that sound alike: b/v, c/s/z, ll/y, g/j, k/qu, silent h."""
    key = fold(word)
    for pattern, letter in _SOUNDS:
        key = pattern.sub(letter, key)
    return key


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a run of digits, or one sign."""

    text: str
    """Folded."""
    raw: str
    start: int
    end: int

    @property
    def is_digits(self) -> bool:
        return self.text.isdecimal() and self.text.isascii()

    @property
    def is_word(self) -> bool:
        return self.text.isalpha()


class Line:
    """A line of words, ready for the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        composed = unicodedata.normalize("NFC", text[:LONGEST])
        self.source = composed
        self.tokens = tuple(
            Token(folded, match.group(), match.start(), match.end())
            for match in _TOKEN.finditer(composed.translate(_ORDINAL_SIGN))
            if (folded := fold(match.group()))
        )

    def __len__(self) -> int:
        return len(self.tokens)

    def word(self, index: int) -> str:
        """The folded token at ``index``; empty outside the line."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def glued(self, index: int) -> bool:
        """Whether the token at ``index`` touches the one before it."""
        if not 0 < index < len(self.tokens):
            return False
        return self.tokens[index].start == self.tokens[index - 1].end

    def starts(self, index: int, *words: str) -> bool:
        """Whether these words stand at ``index``."""
        return all(self.word(index + offset) == word for offset, word in enumerate(words))

    @cached_property
    def plain(self) -> str:
        """Words and digits with single spaces, clause marks kept as `` , ``."""
        parts = []
        for token in self.tokens:
            if token.is_word or token.is_digits:
                parts.append(token.text)
            elif token.text in ",.;:!¡?¿" and parts and parts[-1] != ",":
                parts.append(",")
        return " ".join(parts).strip(" ,")

    @cached_property
    def bare(self) -> str:
        """Words and digits only, single spaces."""
        return " ".join(t.text for t in self.tokens if t.is_word or t.is_digits)
