"""Cutting a text where a speaker would breathe."""

import re

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"»)]*\s+(?=[\"«(¿¡]*[A-ZÁÉÍÓÚÜÑ0-9])|\n+")
_CLAUSE_END = re.compile(r"(?<=[,;:])\s+")


def sentences(text: str) -> list[str]:
    """The sentences of ``text``, none empty."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


def pieces(text: str, longest: int) -> list[str]:
    """Sentences joined while they stay under ``longest`` characters; a longer sentence is
    cut at its commas, and at a space if it has none."""
    small: list[str] = []
    for sentence in sentences(text):
        small.extend(_cut(sentence, longest) if len(sentence) > longest else [sentence])
    joined: list[str] = []
    for part in small:
        if joined and len(joined[-1]) + len(part) < longest:
            joined[-1] += " " + part
        else:
            joined.append(part)
    return joined


def _cut(sentence: str, longest: int) -> list[str]:
    parts: list[str] = []
    for clause in _CLAUSE_END.split(sentence):
        while len(clause) > longest:
            space = clause.rfind(" ", 1, longest)
            space = space if space > 0 else longest
            parts.append(clause[:space])
            clause = clause[space:].strip()
        parts.append(clause)
    return parts
