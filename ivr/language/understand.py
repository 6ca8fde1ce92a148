"""The one entrance: a kind and a line of words in, what they mean out."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from ivr.errors import InvalidInput
from ivr.language import (
    birth,
    choice,
    commands,
    documents,
    hearing,
    intents,
    likeness,
    minutes,
    moments,
    names,
    naming,
    numbers,
    phone,
    slots,
    urgency,
    yesno,
)
from ivr.language.model import LANGUAGES, Context, Understood
from ivr.language.tokens import LONGEST, Line
from ivr.language.words import Words, load

Reader = Callable[[Line, Context, Words], Understood]

READERS: dict[str, Reader] = {
    "intent": intents.read,
    "date": moments.read_date,
    "time": moments.read_time,
    "datetime": moments.read_datetime,
    "yesno": yesno.read,
    "number": numbers.read,
    "minutes": minutes.read,
    "urgency": urgency.read,
    "phone": phone.read,
    "name": names.read,
    "national_id": documents.read,
    "birth_date": birth.read,
    "choice": choice.read,
    "professional": naming.read_professional,
    "service": slots.read_service,
    "insurer": slots.read_insurer,
    "branch": naming.read_branch,
    "patient": naming.read_patient,
    "command": commands.read,
}
KINDS = tuple(READERS)
"""What can be asked of a line of words."""


_AS_WRITTEN = frozenset({"name", "national_id"})
"""Kinds whose words are none that a dictionary knows."""


@lru_cache(maxsize=512)
def _line(text: str, words: Words | None) -> Line:
    line = Line(hearing.of(words).mended(text[:LONGEST]) if words else text)
    line.text = text
    return line


def understand(kind: str, text: str, context: Context, words: Words | None = None) -> Understood:
    """What ``text`` means as ``kind``; its value is None when it means nothing.

    ``words`` defaults to the country's. Raises :class:`InvalidInput` for an unknown kind,
    never for any text.
    """
    reader = READERS.get(kind)
    if reader is None:
        raise InvalidInput(f"Unknown kind {kind!r}; known are: {', '.join(KINDS)}.")
    words = words or load(LANGUAGES[context.country])
    line = _line(text, None if kind in _AS_WRITTEN else words)
    understood = reader(line, context, words)
    if understood:
        return understood
    meant = likeness.nearest(kind, line, words) or likeness.repaired(kind, line, words)
    if meant is None:
        return understood
    likely = reader(_line(meant, words), context, words)
    return replace(likely, text=text, confidence=min(likely.confidence, likeness.PLAUSIBLE))
