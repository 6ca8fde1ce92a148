"""Finding a file by what reception types, mistakes and all.

A few looks into the index of :mod:`ivr.clinic.search`, each looser than the one before:
the words as they sound, words not finished yet, a slip in one word, a slip in any. What is
found is then compared letter by letter. The statements go straight to the driver, which
prepares them: planning one anew costs more than running it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from sqlalchemy.orm import Session

from ivr.clinic import search
from ivr.clinic.schemas import PatientView

CANDIDATES = 300
"""How many files found by their keys are compared letter by letter."""
MOST_WORDS = 5

PLANNING = b"""
SELECT set_config('enable_seqscan', 'off', true) AS seqscan, set_config('jit', 'off', true) AS jit
"""
"""The planner takes the keys for common ones; reading all files never pays, nor does
compiling a statement that reads a few hundred."""
FILES = """
SELECT id, given, family, birth_date, language, provisional, document
FROM patient WHERE {keys}{branch} LIMIT %(most)s
"""
NUMBERS = b"""
SELECT patient_id, array_agg(number::text ORDER BY number) AS numbers FROM patient_phone
WHERE patient_id = ANY(%s::bigint[]) GROUP BY patient_id
"""


@dataclass(frozen=True)
class PatientHit:
    """A search result; ``score`` 0–100."""

    patient: PatientView
    numbers: tuple[str, ...]
    score: float


@dataclass(frozen=True)
class Look:
    """One look into the index: a file must have one number of each set."""

    must_match: Sequence[Iterable[int]]
    certain: bool = False
    """Any file found this way is what was meant: nothing looser is tried."""


def find(
    session: Session, text: str, *, limit: int = 20, branch_id: int | None = None
) -> list[PatientHit]:
    """Files that suit ``text``, best first: a name with a slip in each word or a word not
    finished yet; a phone number or its last digits; a document; one wrong sign in either."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        cursor.execute(PLANNING)
        found: dict[int, Any] = {}
        for look in looks(text):
            rows = _files(cursor, look, branch_id)
            found |= {row.id: row for row in rows if row.id not in found}
            if len(found) >= limit or (rows and look.certain):
                break
        by_number = any(c.isdigit() for c in text)
        wanted = list(found)
        numbers = _numbers(cursor, wanted) if by_number else {}
        score = _by_number(text, numbers) if by_number else _by_name(text)
        scored = sorted(((score(row), -row.id) for row in found.values()), reverse=True)[:limit]
        if not by_number:
            numbers = _numbers(cursor, [-least for _, least in scored])
    return [_hit(found[-least], numbers.get(-least, ()), points) for points, least in scored]


def looks(text: str) -> list[Look]:
    """Where to look for ``text``, strictest first."""
    compact = re.sub(r"[\s.\-()+]", "", text)
    if compact.isdigit() and len(compact) >= search.SHORTEST_END:
        exact = {search.phone_end_key(compact), search.document_key(compact)}
        loose = search.phone_query_keys(compact) | search.document_keys(compact)
        return [Look([exact], True), Look([loose], True)]
    if any(c.isdigit() for c in compact):
        exact, loose = {search.document_key(compact)}, search.document_keys(compact)
        return [Look([exact], True), Look([loose], True)]
    words = search.words(text)[:MOST_WORDS]
    if not words:
        return []
    begun = [{search.beginning_key(word)} for word in words]
    slips = [search.query_keys(word) for word in words]
    one_slip = [
        Look([*begun[:at], slips[at], *begun[at + 1 :]])
        for at in sorted(range(len(words)), key=lambda n: -len(words[n]))
    ]
    return [
        Look([{search.whole_key(word)} for word in words]),
        Look(begun),
        *(one_slip if len(words) > 1 else []),
        Look(slips, True),
    ]


def _files(cursor: Any, look: Look, branch_id: int | None) -> list[Any]:
    names = [f"k{at}" for at in range(len(look.must_match))]
    keys = " AND ".join(f"search_keys && %({name})s::int[]" for name in names)
    branch = ""
    if branch_id is not None:
        branch = " AND (home_branch_id = %(branch)s OR home_branch_id IS NULL)"
    values: dict[str, Any] = {"most": CANDIDATES, "branch": branch_id}
    values |= {name: sorted(keys) for name, keys in zip(names, look.must_match, strict=True)}
    statement = FILES.format(keys=keys, branch=branch)
    cursor.execute(statement.encode(), values, prepare=True)
    return list(cursor.fetchall())


def _numbers(cursor: Any, ids: list[int]) -> dict[int, tuple[str, ...]]:
    rows = cursor.execute(NUMBERS, [ids], prepare=True).fetchall()
    return {row.patient_id: tuple(row.numbers) for row in rows}


def _by_number(text: str, numbers: dict[int, tuple[str, ...]]) -> Any:
    wanted = re.sub(r"\W", "", text).upper()

    def score(row: Any) -> float:
        known = [row.document or "", *map(search.digits, numbers.get(row.id, ()))]
        return 100 * max(OSA.normalized_similarity(wanted, one) for one in known)

    return score


def _by_name(text: str) -> Any:
    asked = " ".join(search.plain(word) for word in text.split())
    asked_sound = " ".join(search.words(text))

    def score(row: Any) -> float:
        words = f"{row.given} {row.family}".split()
        name = " ".join(map(search.plain, words))
        name_sound = " ".join(map(search.sound, name.split()))
        return 0.6 * fuzz.token_sort_ratio(asked, name) + 0.4 * fuzz.token_set_ratio(
            asked_sound, name_sound
        )

    return score


def _hit(row: Any, numbers: tuple[str, ...], score: float) -> PatientHit:
    return PatientHit(
        PatientView(
            id=row.id,
            given=row.given,
            family=row.family,
            birth_date=row.birth_date,
            language=row.language,
            provisional=row.provisional,
        ),
        numbers,
        score,
    )
