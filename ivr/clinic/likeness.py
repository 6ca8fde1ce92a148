"""Whether two files are the same person: a score with its reasons. Pure.

The weights are the project's own, set so that one strong sign (document, or name with birth
date) suggests and relatives who share number and surnames do not: without a like given name
only the same document counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from ivr.clinic import search

Reason = Literal[
    "same_document",
    "similar_document",
    "same_name",
    "similar_name",
    "same_birth_date",
    "birth_date_swapped",
    "same_phone",
    "other_document",
    "other_birth_date",
]

WEIGHTS: dict[Reason, int] = {
    "same_document": 70,
    "similar_document": 25,
    "same_name": 35,
    "similar_name": 25,
    "same_birth_date": 30,
    "birth_date_swapped": 15,
    "same_phone": 25,
    "other_document": -40,
    "other_birth_date": -30,
}
SUGGESTED = 50
"""Least score at which a merge is suggested."""
ALIKE = 85
"""Least likeness, 0–100, of names that may be the same."""


@dataclass(frozen=True)
class Identity:
    """What tells people apart. All of it is personal data."""

    given: str
    family: str
    birth_date: date | None = None
    document: str = ""
    numbers: frozenset[str] = frozenset()


def compared(one: Identity, other: Identity) -> tuple[int, tuple[Reason, ...]]:
    """How likely both are one person, 0–100, and why."""
    reasons = [*_documents(one.document, other.document)]
    given = _likeness(one.given, other.given)
    if given < ALIKE and "same_document" not in reasons:
        return 0, ()
    whole = min(given, _likeness(one.family, other.family))
    if whole == 100:
        reasons.append("same_name")
    elif whole >= ALIKE:
        reasons.append("similar_name")
    reasons += _birth_dates(one.birth_date, other.birth_date)
    if one.numbers & other.numbers:
        reasons.append("same_phone")
    score = sum(WEIGHTS[reason] for reason in reasons)
    return max(0, min(100, score)), tuple(reasons)


def _likeness(one: str, other: str) -> float:
    """Of names by sound, in any order; "María" is like "María José", "García" like "García
    López"."""
    left, right = " ".join(search.words(one)), " ".join(search.words(other))
    if not left or not right:
        return 0.0
    return fuzz.token_set_ratio(left, right)


def _documents(one: str, other: str) -> Iterable[Reason]:
    if not one or not other:
        return
    slips = OSA.distance(one.upper(), other.upper())
    if slips == 0:
        yield "same_document"
    elif slips == 1:
        yield "similar_document"
    else:
        yield "other_document"


def _birth_dates(one: date | None, other: date | None) -> Iterable[Reason]:
    if one is None or other is None:
        return
    if one == other:
        yield "same_birth_date"
    elif one.year == other.year and (one.month, one.day) == (other.day, other.month):
        yield "birth_date_swapped"
    else:
        yield "other_birth_date"
