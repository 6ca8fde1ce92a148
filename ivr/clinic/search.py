"""Search keys: how a patient's file is found in spite of mistakes.

Each word of a name is folded to how it sounds in Spanish (b/v, c/s/z, ll/y, silent h,
accents), and gives the numbers of itself, of itself without each letter, and of its
beginnings. Two words one slip apart share at least one such number (deletion
neighbourhoods, W. Garbe's SymSpell). Documents and phone numbers give theirs likewise.
The numbers are an indexed array column, so a search is a few look-ups in one index.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable
from functools import lru_cache

SHORTEST_PREFIX = 3
PHONE_DIGITS = 9
"""National digits compared, counted from the end (Spain 9, Mexico 10: its last 9)."""
SHORTEST_END = 4
"""Digits of a phone number that are enough to look for its end."""

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


@lru_cache(maxsize=50_000)
def word_keys(word: str) -> frozenset[int]:
    """Numbers of a sounded word: whole, itself and without each letter, its beginnings."""
    forms = {f"{word}=", word, *_without_one(word)}
    beginnings = {f"{word[:n]}*" for n in range(SHORTEST_PREFIX, len(word) + 1)}
    return frozenset(_number("n", form) for form in forms | beginnings)


def whole_key(word: str) -> int:
    """The number of exactly this sounded word."""
    return _number("n", f"{word}=")


def beginning_key(word: str) -> int:
    """The number of words that begin like this one, itself included."""
    return _number("n", f"{word}*" if len(word) >= SHORTEST_PREFIX else word)


def query_keys(word: str) -> set[int]:
    """Numbers to look a sounded word up by, one slip allowed: one of them is enough."""
    return {beginning_key(word)} | {_number("n", form) for form in {word, *_without_one(word)}}


def document_keys(document: str) -> set[int]:
    """Numbers of an identity document, one slip allowed."""
    text = _compact(document)
    return {_number("d", form) for form in {text, *_without_one(text)}} if text else set()


def document_key(document: str) -> int:
    """The number of exactly this document."""
    return _number("d", _compact(document))


def phone_keys(number: str) -> set[int]:
    """Numbers of a phone number, one slip allowed, and of its last four to eight digits."""
    text = digits(number)
    if len(text) < SHORTEST_END:
        return set()
    ends = {f"*{text[-n:]}" for n in range(SHORTEST_END, len(text) + 1)}
    slips = _without_one(text) if len(text) == PHONE_DIGITS else set()
    return {_number("p", form) for form in {text} | slips | ends}


def phone_end_key(number: str) -> int:
    """The number of phone numbers that end like this one, itself included."""
    return _number("p", f"*{digits(number)}")


def phone_query_keys(number: str) -> set[int]:
    """Numbers to look a phone number up by, one slip allowed when it is whole."""
    text = digits(number)
    slips = _without_one(text) if len(text) == PHONE_DIGITS else set()
    return {phone_end_key(number)} | {_number("p", form) for form in {text} | slips}


def keys(given: str, family: str, document: str | None, numbers: Iterable[str]) -> list[int]:
    """All numbers of one file, for the indexed column."""
    found: set[int] = set()
    for word in words(f"{given} {family}"):
        found |= word_keys(word)
    found |= document_keys(document or "")
    for number in numbers:
        found |= phone_keys(number)
    return sorted(found)


def _compact(document: str) -> str:
    return re.sub(r"[^a-z0-9]", "", plain(document))


def _without_one(text: str) -> set[str]:
    return {text[:i] + text[i + 1 :] for i in range(len(text))} if len(text) > 3 else set()


def _number(kind: str, form: str) -> int:
    """A stable signed 32-bit number."""
    value = zlib.crc32(f"{kind}{form}".encode())
    return value - (1 << 32) if value >= 1 << 31 else value
