"""Notices a program that hangs. Its supervisor sees only those that die."""

from collections.abc import Callable

LOOKS = 5
"""So many in a row without an answer. Each waits two seconds and comes a second after the one
before: some fifteen seconds in all, and none counts that this process itself slept through."""


class Hanging:
    """Counts the looks at one program that it left unanswered."""

    def __init__(self, hangs: Callable[[], bool], looks: int = LOOKS) -> None:
        self._hangs = hangs
        self._looks = looks
        self._unanswered = 0

    def look(self) -> bool:
        """Look once; True when it is time to end the program. Counts anew after that."""
        self._unanswered = self._unanswered + 1 if self._hangs() else 0
        if self._unanswered < self._looks:
            return False
        self._unanswered = 0
        return True
