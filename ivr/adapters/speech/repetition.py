"""Telling a repetition that was said from one that a decoder made up."""

import re
import unicodedata
from collections.abc import Sequence

from num2words import num2words

FASTEST_LETTERS_PER_S = 15.0
SHORTEST_WORD_S = 0.28
"""A word said twice on purpose is not said faster: "tres tres" in a phone number."""
_SHORTEST_TWICE_S = 0.45
"""The same when the word and its like are all that was said."""
_LONG_WORD = 8
"""Letters of a word that is hardly ever said twice."""
_LAST_WORDS = (["no"], ["si"])
"""What somebody says again at the end of a short answer, and quickly."""
_LONG = 4
"""Words from which a sentence begun again word for word was not said by anybody."""


def unrepeated(text: str, seconds: float) -> str:
    """``text`` without what a decoder repeated: ``X X`` or ``X X-begun-again`` becomes ``X``
    when ``X`` is a whole phrase, or when nobody could have said it all in ``seconds``.

    Short words that could have been said twice ("no, no", "tres tres") stay, and so does an
    answer that ends as it began ("no, mejor no").
    """
    found = list(re.finditer(r"[^\s]+", text))
    words = [folded(match[0]) for match in found]
    period = _period(words)
    if period is None:
        return text
    shortest_s = _SHORTEST_TWICE_S if len(words) == 2 else SHORTEST_WORD_S
    framed = len(words) > 2 and words[period:] in _LAST_WORDS and words[-1] == words[0]
    if framed:
        shortest_s = 0.0
    needed_s = max(_letters(text) / FASTEST_LETTERS_PER_S, len(words) * shortest_s)
    if (period < _LONG or framed) and needed_s <= seconds:
        return text
    return text[: found[period - 1].end()].rstrip(" ,;:-")


def said_once(text: str, others: Sequence[str]) -> int | None:
    """Which of ``others`` is the one long word that ``text`` has twice: "veinticinco
    veinticinco". In noise its length does not tell whether it was said twice."""
    words = [folded(word) for word in text.split()]
    if len(words) != 2 or words[0] != words[1] or _letters(words[0]) < _LONG_WORD:
        return None
    return next((at for at, one in enumerate(others) if folded(one) == words[0]), None)


def folded(text: str) -> str:
    """Letters and figures alone, without accents or case: equal when only spelling differs."""
    plain = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in plain if sign.isalnum()) or text


def _period(words: list[str]) -> int | None:
    """Shortest run of words of which the rest is a repetition, its last word maybe cut."""
    for period in range(1, len(words)):
        rest = words[period:]
        said = [words[index % period] for index in range(len(rest))]
        if rest[:-1] == said[:-1] and said[-1].startswith(rest[-1]):
            return period
    return None


def _letters(text: str) -> int:
    spelled = re.sub(r"\d{1,12}", lambda figures: str(num2words(int(figures[0]), lang="es")), text)
    return sum(sign.isalpha() for sign in spelled)
