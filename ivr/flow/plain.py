"""Words without what the ear does not hear: case, accents, punctuation."""

import re
import unicodedata

_NOT_WORD = re.compile(r"[^\w]+")


def plain(text: str) -> str:
    """``"¡Sí, señor!"`` → ``"si senor"``."""
    bare = "".join(
        char
        for char in unicodedata.normalize("NFD", text.lower())
        if not unicodedata.combining(char)
    )
    return _NOT_WORD.sub(" ", bare).strip()
