"""How full an answer words are to a turn, and so how long the end of speech is waited for."""

from datetime import UTC, datetime

from ivr import language
from ivr.adapters.speech.listening import Fullness
from ivr.language import Context, Named
from ivr.language.model import Country
from ivr.ports import Expectation


def fullness(text: str, expect: Expectation, spoken: str = "es-ES") -> Fullness:
    """What ``text`` is to a turn of ``expect`` in ``spoken``; the turn's hints are the names
    the caller may say."""
    country: Country = "mx" if spoken.endswith("MX") else "es"
    context = Context(datetime.now(UTC), country=country)
    if language.complete(text, expect.kinds, context):
        return Fullness.WHOLE
    named = tuple(Named(hint, (hint,)) for hint in expect.hints)
    known = Context(context.now, country=country, professionals=named, services=named)
    return Fullness.ANSWER if language.answers(text, expect.kinds, known) else Fullness.OPEN
