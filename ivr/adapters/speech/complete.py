"""Whether words answer a turn in full, so that the end of speech need not be waited for."""

from datetime import UTC, datetime

from ivr import language
from ivr.language import Context
from ivr.language.model import Country
from ivr.ports import Expectation


def complete(text: str, expect: Expectation, spoken: str = "es-ES") -> bool:
    """True when ``text`` is all that a turn of ``expect.kinds`` can want in ``spoken``."""
    country: Country = "mx" if spoken.endswith("MX") else "es"
    return language.complete(text, expect.kinds, Context(datetime.now(UTC), country=country))
