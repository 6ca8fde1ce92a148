"""How full an answer words are to a turn, and so how long the end of speech is waited for."""

import threading
from datetime import UTC, datetime

from ivr import language
from ivr.adapters.speech.listening import Fullness
from ivr.language import Context, Named
from ivr.language.model import Country
from ivr.language.warming import warm_up
from ivr.ports import Expectation


def fullness(text: str, expect: Expectation, spoken: str = "es-ES") -> Fullness:
    """What ``text`` is to a turn of ``expect`` in ``spoken``; the turn's hints are the names
    the caller may say."""
    if is_whole(text, expect, spoken):
        return Fullness.WHOLE
    country: Country = "mx" if spoken.endswith("MX") else "es"
    named = tuple(Named(hint, (hint,)) for hint in expect.hints)
    known = Context(datetime.now(UTC), country=country, professionals=named, services=named)
    return Fullness.ANSWER if language.answers(text, expect.kinds, known) else Fullness.OPEN


def is_whole(text: str, expect: Expectation, spoken: str = "es-ES") -> bool:
    """Whether ``text`` is all that a turn of ``expect`` can want."""
    country: Country = "mx" if spoken.endswith("MX") else "es"
    return language.complete(text, expect.kinds, Context(datetime.now(UTC), country=country))


class WarmingJudge:
    """:func:`fullness`, as soon as wishes have been learned; until then nobody is kept
    waiting for that, and only whole answers end early."""

    def __init__(self) -> None:
        self._warm = threading.Event()
        threading.Thread(target=self._warm_up, name="warming", daemon=True).start()

    def wait_until_warm(self, timeout_s: float) -> bool:
        """Whether wishes have been learned within ``timeout_s``."""
        return self._warm.wait(timeout_s)

    def _warm_up(self) -> None:
        warm_up(datetime.now(UTC))
        self._warm.set()

    def __call__(self, text: str, expect: Expectation, spoken: str = "es-ES") -> Fullness:
        if self._warm.is_set():
            return fullness(text, expect, spoken)
        return Fullness.WHOLE if is_whole(text, expect, spoken) else Fullness.OPEN
