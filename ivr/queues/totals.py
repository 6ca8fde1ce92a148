"""What came of the callers who waited: the one place that counts them. Pure.

A caller is counted when they leave the queue, so that what was offered is always what was
answered, abandoned, overflowed or left otherwise. Definitions: docs/reports.md.
"""

from dataclasses import dataclass, fields


@dataclass
class Totals:
    """Callers of one queue over some time; seconds."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    """Of the abandoned: those who hung up so soon that nobody could have answered."""
    overflowed: int = 0
    left_otherwise: int = 0
    in_time: int = 0
    answer_wait_s: float = 0.0

    def add(self, reason: str, waited_s: float, *, within_s: float, short_s: float) -> None:
        """One caller left the queue for ``reason`` (of ``queue.left``)."""
        self.offered += 1
        if reason == "connected":
            self.answered += 1
            self.answer_wait_s += waited_s
            self.in_time += waited_s <= within_s
        elif reason == "abandoned":
            self.abandoned += 1
            self.short_abandoned += waited_s < short_s
        elif reason in ("timeout", "empty"):
            self.overflowed += 1
        else:
            self.left_otherwise += 1

    def __add__(self, other: "Totals") -> "Totals":
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return Totals(**{name: value + getattr(other, name) for name, value in values.items()})

    @property
    def denominator(self) -> int:
        """Of the service level: everybody but those who hung up at once."""
        return self.offered - self.short_abandoned

    @property
    def service_level(self) -> float | None:
        """Answered in time ÷ :attr:`denominator`."""
        return self.in_time / self.denominator if self.denominator else None

    @property
    def abandonment(self) -> float | None:
        """Abandoned ÷ offered."""
        return self.abandoned / self.offered if self.offered else None

    @property
    def asa_s(self) -> float | None:
        """Average speed of answer: mean wait of those answered."""
        return self.answer_wait_s / self.answered if self.answered else None
