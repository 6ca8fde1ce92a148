"""The one transition table of an outbound attempt."""

TRANSITIONS: dict[str, frozenset[str]] = {
    "planned": frozenset({"dialling", "skipped"}),
    "dialling": frozenset({"answered", "done", "failed"}),
    "answered": frozenset({"done", "failed"}),
    "done": frozenset(),
    "failed": frozenset(),
    "skipped": frozenset(),
}
"""``planned`` → ``dialling`` happens once, before the number is dialled: an attempt whose
fate is unknown fails, it is never dialled again."""

BUSY = ("dialling", "answered")
"""Statuses that occupy a line."""
