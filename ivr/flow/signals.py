"""What a caller may do in any step: these leave the step wherever it is.

They are control flow, not errors: the runner catches each and takes the call to the step
the flow names for it.
"""

from typing import Literal

from ivr.language.model import Understood


class Signal(Exception):
    """Leaves the present step."""


class PersonWanted(Signal):
    """The caller wants a person, or the dialogue found no other way."""

    def __init__(self, how: Literal["key", "voice", "fallback"]) -> None:
        super().__init__(how)
        self.how = how


class Urgent(Signal):
    """The caller said something that sounds like an urgency."""

    def __init__(self, level: Literal["emergency", "today"]) -> None:
        super().__init__(level)
        self.level = level


class GoBack(Signal):
    """The caller wants to return to the question before."""


class Restart(Signal):
    """The caller wants to return to the menu."""


class WantsElse(Signal):
    """In the middle of one matter the caller asks for another."""

    def __init__(self, intent: str, said: Understood) -> None:
        super().__init__(intent)
        self.intent = intent
        self.said = said


class Exhausted(Signal):
    """All tries of a question are used up; ``silent`` when nothing at all came."""

    def __init__(self, *, silent: bool) -> None:
        super().__init__("silence" if silent else "not understood")
        self.silent = silent
