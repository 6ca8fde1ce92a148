"""Errors of the product. Each says what is wrong and how to mend it, in plain words."""


class AuriculaError(Exception):
    """Base of every expected failure.

    ``code`` is stable and machine-readable (used in events, API problems and metrics);
    the message is for a person and says how to mend the cause.
    """

    code = "auricula"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class InvalidInput(AuriculaError):
    """Something from outside does not have the form it must have."""

    code = "invalid_input"


class NotFound(AuriculaError):
    """The thing asked for does not exist, or this user may not know that it does."""

    code = "not_found"


class Conflict(AuriculaError):
    """The change collides with the present state (a slot just taken, a wrong transition)."""

    code = "conflict"


class SlotTaken(Conflict):
    """Another caller or agent took the slot first."""

    code = "slot_taken"


class Forbidden(AuriculaError):
    """The user's role or branch does not allow it."""

    code = "forbidden"


class Unavailable(AuriculaError):
    """A part the call depends on (switch, engine, database) is down or too slow."""

    code = "unavailable"


class CallerHungUp(Exception):
    """The caller's line is gone. Not an error: it unwinds the call's thread."""
