"""References said to callers: digits only, the last one a check digit (Damm), so that a
slip of one digit or two swapped neighbours is noticed when it is keyed back."""

import secrets
from collections.abc import Callable

from stdnum import damm

SHORTEST, LONGEST = 6, 10
TRIES = 6


def valid(reference: str) -> bool:
    """Whether the digits and their check digit agree."""
    return (
        SHORTEST <= len(reference) <= LONGEST
        and reference.isascii()
        and reference.isdigit()
        and bool(damm.is_valid(reference))
    )


def new(taken: Callable[[str], bool]) -> str:
    """A reference that is not ``taken``: six digits, longer once those run short."""
    for length in range(SHORTEST, LONGEST + 1):
        for _ in range(TRIES):
            lowest = 10 ** (length - 2)
            body = str(lowest + secrets.randbelow(9 * lowest))
            reference = body + str(damm.calc_check_digit(body))
            if not taken(reference):
                return reference
    raise RuntimeError("no free reference of up to ten digits")
