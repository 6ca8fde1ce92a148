"""Finding a file by what reception types, mistakes and all.

Words are looked up among the distinct words of all names first: whole, begun, with a slip.
Files are then looked for by what that gives, strictest first, and compared letter by letter.
The statements go straight to the driver, which prepares them: planning one anew costs more
than running it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from sqlalchemy.orm import Session

from ivr.clinic import search
from ivr.clinic.schemas import PatientView
from ivr.language.documents import check_letter

CANDIDATES = 200
"""How many files found by their keys are compared letter by letter."""
SAMPLE = 1_000
"""A word that enough of so many files bear is common: no list of all its files is read."""
MOST_WORDS = 5
MEANT = 24
"""How many words of names one typed word may stand for."""

MOST_BEGUN = 200
"""How many words that begin alike are read."""
AT_ONCE = 8
"""How many words a single typed one may stand for in one look."""

PLANNING = b"""
SELECT set_config('enable_seqscan', 'off', true) AS seqscan,
    set_config('jit', 'off', true) AS jit,
    set_config('max_parallel_workers_per_gather', '0', true) AS workers
"""
"""The planner takes the keys for common ones; reading all files never pays, nor does
compiling a statement that reads a few hundred."""
FILES = """
SELECT id, given, family, birth_date, language, provisional, document, search_words
FROM {source} WHERE {keys}{branch} LIMIT %(most)s
"""
NUMBERS = b"""
SELECT patient_id, array_agg(number::text ORDER BY number) AS numbers FROM patient_phone
WHERE patient_id = ANY(%s::bigint[]) GROUP BY patient_id
"""
BEGUN = b"""
SELECT beginning, word FROM unnest(%(words)s::text[]) AS beginning, LATERAL (
    SELECT word FROM name_form
    WHERE form >= beginning AND form < beginning || '~' AND form = word LIMIT %(most)s
) AS longer
"""
NEAR = b"SELECT form, word FROM name_form WHERE form = ANY(%s::text[])"


@dataclass(frozen=True)
class PatientHit:
    """A search result; ``score`` 0–100."""

    patient: PatientView
    numbers: tuple[str, ...]
    score: float


@dataclass(frozen=True)
class Look:
    """One look into the index: a file must have one number of each set."""

    must_match: Sequence[set[int]]
    certain: bool = False
    """Any file found this way is what was meant: nothing looser is tried."""
    last_resort: bool = False
    """Tried only when nothing has been found."""
    common: bool = False
    """Many files may have these numbers: a sample of all files is read first."""


def find(
    session: Session, text: str, *, limit: int = 20, branch_id: int | None = None
) -> list[PatientHit]:
    """Files that suit ``text``, best first: a name with a slip in each word or a word not
    finished yet; a phone number or its last digits; a document; one wrong sign in either."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    by_number = any(c.isdigit() for c in text)
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        cursor.execute(PLANNING, prepare=True)
        found: dict[int, Any] = {}
        for look in _number_looks(text) if by_number else _name_looks(cursor, text):
            if look.last_resort and found:
                break
            rows = _files(cursor, look, branch_id, enough=limit)
            found |= {row.id: row for row in rows if row.id not in found}
            if len(found) >= limit or (rows and look.certain):
                break
        numbers = _numbers(cursor, list(found)) if by_number else {}
        score = _by_number(text, numbers) if by_number else _by_name(text)
        scored = sorted(((score(row), -row.id) for row in found.values()), reverse=True)
        best = [(points, -least) for points, least in scored[:limit] if points > 0]
        if not by_number:
            numbers = _numbers(cursor, [one for _, one in best])
    return [_hit(found[one], numbers.get(one, ()), points) for points, one in best]


def _number_looks(text: str) -> Iterator[Look]:
    compact = re.sub(r"[\s.\-()+]", "", text)
    if compact.isdigit() and len(compact) >= search.SHORTEST_END:
        part = len(search.digits(compact)) < search.PHONE_DIGITS - 1
        yield Look([search.phone_end(compact) | _documents(compact)], certain=part)
        yield Look([search.phone_slips(compact)], True)
        yield Look([search.document_slips(compact)], True)
    else:
        yield Look([_documents(compact)], True)
        yield Look([search.document_slips(compact)], True)


def _documents(text: str) -> set[int]:
    """Numbers of exactly this document, and of the one that is this with its letter."""
    found = {search.document_key(text)}
    if re.fullmatch(r"[\dXYZ]\d{7}", bare := text.upper(), re.ASCII):
        found.add(search.document_key(bare + check_letter(bare)))
    return found


def _name_looks(cursor: Any, text: str) -> Iterator[Look]:
    """Whole words; one of them begun or with a slip; all of them so; any two of them.

    A word that nobody bears has a slip or is not finished: no look takes it as it stands.
    """
    words = search.words(text)[:MOST_WORDS]
    meant = _meant(cursor, words)
    if len(words) == 1:
        alike = meant[words[0]]
        for at in range(0, len(alike), AT_ONCE):
            yield Look([{search.whole(one) for one in alike[at : at + AT_ONCE]}], common=True)
    if len(words) < 2:
        return
    exact = [[word] for word in words]
    every = [meant[word] or [word] for word in words]
    strange = [at for at, word in enumerate(words) if word not in meant[word]]
    if not strange:
        yield _together(exact, certain=len(words) > 2)
    for at in strange or sorted(range(len(words)), key=lambda n: -len(words[n])):
        if len(strange) < 2 and every[at] != exact[at]:
            yield _together([*exact[:at], every[at], *exact[at + 1 :]])
    yield _together(every, last_resort=True)
    if len(words) > 2:
        pairs = {
            search.pair(a, b) for one, other in combinations(every, 2) for a in one for b in other
        }
        yield Look([pairs], last_resort=True)


def _together(meant: list[list[str]], *, certain: bool = False, last_resort: bool = False) -> Look:
    """One word of each list in the same name."""
    sets = [
        {search.pair(a, b) for a in one for b in other} for one, other in combinations(meant, 2)
    ]
    return Look(sorted(sets, key=len), certain, last_resort)


def _meant(cursor: Any, words: list[str]) -> dict[str, list[str]]:
    """For each word, the words of names that are this one, a slip away, or begin like it, in
    that order."""
    near: dict[str, set[str]] = {}
    slips = sorted({form for word in words for form in search.forms(word)})
    for row in cursor.execute(NEAR, [slips], prepare=True):
        near.setdefault(row.form, set()).add(row.word)
    begun: dict[str, list[str]] = {}
    long = [word for word in words if len(word) >= search.SHORTEST_PREFIX]
    for row in cursor.execute(BEGUN, {"words": long, "most": MOST_BEGUN}, prepare=True):
        begun.setdefault(row.beginning, []).append(row.word)
    found = {}
    for word in words:
        alike = {one for form in search.forms(word) for one in near.get(form, ())}
        same = [word] if word in alike else []
        slipped = sorted(one for one in alike if OSA.distance(one, word) == 1)
        longer = sorted(begun.get(word, ()), key=lambda one: (len(one), one))
        found[word] = list(dict.fromkeys([*same, *slipped, *longer]))[:MEANT]
    return found


def _files(cursor: Any, look: Look, branch_id: int | None, *, enough: int) -> list[Any]:
    names = [f"k{at}" for at in range(len(look.must_match))]
    keys = " AND ".join(f"search_keys && %({name})s::int[]" for name in names)
    branch = ""
    if branch_id is not None:
        branch = " AND (home_branch_id = %(branch)s OR home_branch_id IS NULL)"
    values: dict[str, Any] = {"most": CANDIDATES, "branch": branch_id}
    values |= {name: sorted(keys) for name, keys in zip(names, look.must_match, strict=True)}

    def read(source: str, keys: str, values: dict[str, Any]) -> list[Any]:
        statement = FILES.format(source=source, keys=keys, branch=branch)
        return list(cursor.execute(statement.encode(), values, prepare=True).fetchall())

    if not any(look.must_match):
        return []
    if look.common:
        # One after the other: comparing whole arrays takes ten times as long.
        each = {f"e{at}": key for at, key in enumerate(sorted(look.must_match[0]))}
        some = " OR ".join(f"%({name})s = ANY(search_keys)" for name in each)
        rows = read(_SAMPLED, f"({some})", {**values, **each})
        if len(rows) >= enough:
            return rows
    return read("patient", keys, values)


_SAMPLED = f"(SELECT * FROM patient LIMIT {SAMPLE}) AS patient"  # noqa: S608


def _numbers(cursor: Any, ids: list[int]) -> dict[int, tuple[str, ...]]:
    rows = cursor.execute(NUMBERS, [ids], prepare=True).fetchall()
    return {row.patient_id: tuple(row.numbers) for row in rows}


def _by_number(text: str, numbers: dict[int, tuple[str, ...]]) -> Callable[[Any], float]:
    """Zero for what only shares a part with the digits asked for."""
    wanted = re.sub(r"\W", "", text).upper()
    ending = search.digits(wanted) if wanted.isdigit() else ""

    def score(row: Any) -> float:
        phones = [search.digits(number) for number in numbers.get(row.id, ())]
        if ending and any(phone.endswith(ending) for phone in phones):
            return 100 * len(ending) / search.PHONE_DIGITS
        known = [row.document or "", *phones]
        compared = [(wanted, one) for one in known] + [(ending, one) for one in phones]
        if min(OSA.distance(*both) for both in compared) > 1:
            return 0
        return 100 * max(OSA.normalized_similarity(*both) for both in compared)

    return score


def _by_name(text: str) -> Callable[[Any], float]:
    asked = " ".join(search.plain(word) for word in text.split())
    asked_sound = " ".join(search.words(text))

    def score(row: Any) -> float:
        name = " ".join(map(search.plain, f"{row.given} {row.family}".split()))
        name_sound = " ".join(row.search_words)
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
