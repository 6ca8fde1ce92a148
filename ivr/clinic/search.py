"""Search keys: how a patient's file is found in spite of mistakes.

Each word of a name is folded to how it sounds in Spanish (b/v, c/s/z, ll/y, silent h,
accents). A file is indexed by numbers of its words and of each two of them together: two
words of a name are rare where each alone is common, so a look-up stays short among a
million files. Slips are settled before, among the distinct words of all names, where two
words one slip apart share a form without one letter (deletion neighbourhoods, W. Garbe's
SymSpell).

A number or document is indexed by its head, its tail, and the rest around the seam of both:
one wrong, missing or swapped sign leaves at least one of the three whole.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

SHORTEST_PREFIX = 3
"""Letters that are enough to look for the words that begin so."""
PHONE_DIGITS = 9
"""National digits compared, counted from the end (Spain 9, Mexico 10: its last 9)."""
ENDS = (4, 6)
"""Lengths of the ends of phone numbers that are indexed."""
SHORTEST_END = ENDS[0]
"""Digits of a phone number that are enough to look for its end."""
SHORTEST_SLIP = 4
"""Letters of a word that may have a slip in it."""

_SOUNDS = (
    (re.compile("qu(?=[ei])"), "k"),
    (re.compile("gu(?=[ei])"), "g"),
    (re.compile("g(?=[ei])"), "j"),
    (re.compile("c(?=[ei])|z|ç"), "s"),
    (re.compile("ch"), "\x01"),
    (re.compile("c|q"), "k"),
    (re.compile("\x01"), "c"),
    (re.compile("ll"), "y"),
    (re.compile("v|w"), "b"),
    (re.compile("h"), ""),
    (re.compile("x"), "s"),
    (re.compile("y$"), "i"),
    (re.compile(r"(.)\1+"), r"\1"),
)
_SMALL_WORDS = frozenset({"de", "del", "la", "las", "los", "el", "y", "i", "e", "san", "da", "do"})


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """Lower case without accents; ñ becomes ``ni``-like ``n``."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """How a plain word sounds in Spanish, roughly."""
    for pattern, sounds_like in _SOUNDS:
        word = pattern.sub(sounds_like, word)
    return word


def words(text: str) -> list[str]:
    """The words of a name as they sound, small words left out."""
    found = re.findall(r"[a-z]+", plain(text))
    return [s for w in found if w not in _SMALL_WORDS and (s := sound(w))]


def digits(text: str) -> str:
    """The digits of a phone number that count."""
    return re.sub(r"\D", "", text)[-PHONE_DIGITS:]


def index(given: str, family: str, document: str | None, numbers: Iterable[str]) -> dict[str, Any]:
    """The columns of a file that it is found by."""
    named = words(f"{given} {family}")
    return {
        "search_words": sorted(set(named)),
        "search_keys": keys(named, document, numbers),
    }


def keys(named: Sequence[str], document: str | None, numbers: Iterable[str]) -> list[int]:
    """All numbers of one file, for the indexed column. ``named``: its :func:`words`."""
    found = {whole(word) for word in named}
    found |= {pair(one, other) for one, other in combinations(named, 2)}
    if text := compact(document or ""):
        found |= {_number("d", text), *_parts("d", text)}
    for number in numbers:
        text = digits(number)
        if len(text) >= SHORTEST_END:
            found |= {_number("e", text[-n:]) for n in ENDS}
            found |= set(_parts("p", text))
    return sorted(found)


@lru_cache(maxsize=50_000)
def whole(word: str) -> int:
    """The number of a sounded word."""
    return _number("n", word)


@lru_cache(maxsize=200_000)
def pair(one: str, other: str) -> int:
    """The number of two sounded words of one name, in any order."""
    return _number("n", "+".join(sorted((one, other))))


def forms(word: str) -> list[str]:
    """A sounded word with a slip allowed: itself, and without each of its letters."""
    if len(word) < SHORTEST_SLIP:
        return [word]
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]


def phone_end(text: str) -> set[int]:
    """Numbers of the phone numbers that end like these digits."""
    text = digits(text)
    return {_number("e", text[-max(n for n in ENDS if n <= len(text)) :])}


def phone_slips(text: str) -> set[int]:
    """Numbers of the phone numbers one slip away from a whole one."""
    text = re.sub(r"\D", "", text)
    if len(text) > PHONE_DIGITS + 1:
        text = text[-PHONE_DIGITS:]
    if len(text) < PHONE_DIGITS - 1:
        return set()
    return set(_parts("p", text, PHONE_DIGITS))


def document_key(text: str) -> int:
    """The number of exactly this document."""
    return _number("d", compact(text))


def document_slips(text: str) -> set[int]:
    """Numbers of the documents one slip away."""
    text = compact(text)
    lengths = (len(text) - 1, len(text), len(text) + 1)
    return {key for length in lengths for key in _parts("d", text, length)}


def compact(document: str) -> str:
    """A document without spaces and signs."""
    return re.sub(r"[^a-z0-9]", "", plain(document))


def _parts(kind: str, text: str, length: int | None = None) -> list[int]:
    """Head, tail, and both without the signs at their seam, of a text that ought to have
    ``length`` signs."""
    length = length or len(text)
    if length < 6:
        return []
    seam = (length + 1) // 2
    head, tail = text[:seam], text[seam - length :]
    return [
        _number(f"{kind}<", head),
        _number(f"{kind}>", tail),
        _number(f"{kind}=", head[:-1] + tail[1:]),
    ]


def _number(kind: str, form: str) -> int:
    """A stable signed 32-bit number."""
    value = zlib.crc32(f"{kind}{form}".encode())
    return value - (1 << 32) if value >= 1 << 31 else value
