"""Telling which of the clinic's own people or things a caller named.

Words are compared by sound (b/v, c/s/z, ll/y, g/j, h), then by likeness.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from ivr.language.model import Context, Named, Understood
from ivr.language.tokens import Line, fold, sound
from ivr.language.words import Words

SURE = 0.9
_TIE = 0.04
_LONG, _SYLLABLE = 8, 4
"""Sounds of a word that is known again behind a syllable that is none of it."""
_PARTED = 6
"""Sounds of a word that may be heard as two."""
_CUT = 7
"""Sounds after which a word is known though its last syllable was not heard: "ortodón"."""
_NEAR, _AHEAD = 0.5, 0.2
"""Likeness of a name heard badly after a title, and how far it must lead the others."""
_NEAREST = 0.6
"""Confidence in a name found so: it is read back."""
_SHORT_ANSWER = 5
"""Words of an answer that is nothing but a name."""

Heard = Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Match:
    """A thing that was named; ``score`` 0–1."""

    key: int | str
    score: float
    start: int = 0
    """Where in the line's tokens its name begins."""


def alike(left: str, right: str) -> float:
    """How alike a word ``left`` and a word heard sound, 0–1; 0 when they are clearly two."""
    a, b = sound(left), sound(right)
    if a == b:
        return 1.0 if fold(left) == fold(right) else 0.97
    shortest = min(len(a), len(b))
    apart = Levenshtein.distance(a, b, score_cutoff=2)
    if apart == 1 and shortest >= 4:
        return 0.9 if shortest >= 6 else 0.86 if shortest == 5 else 0.8
    if apart == 2 and shortest >= 7:
        return 0.84
    if shortest >= _CUT and len(a) - len(b) <= _SYLLABLE and a.startswith(b):
        return 0.86
    return 0.84 if shortest >= _LONG and _glued(a, b) else 0.0


def _glued(a: str, b: str) -> bool:
    """Whether a long word was heard with a syllable of noise before it."""
    return abs(len(a) - len(b)) <= _SYLLABLE and (a.endswith(b) or b.endswith(a))


def match_name(text: str, things: Sequence[Named], words: Words) -> list[Match]:
    """The things a short text names, the best first; those far behind are left out."""
    return matches(Line(text), things, words)


def matches(
    line: Line, things: Sequence[Named], words: Words, first: int = 0, last: int | None = None
) -> list[Match]:
    """As :func:`match_name`, within tokens ``[first, last)`` of a line already read."""
    known = _vocabulary(words)
    last = len(line) if last is None else min(last, len(line))
    heard = [(i, line.word(i)) for i in range(first, last) if line.word(i).isalnum()]
    heard += _parted(heard, _long_words(tuple(things)))
    found = [best for thing in things if (best := _best(thing, heard, known)).score > 0]
    found.sort(key=lambda match: -match.score)
    return [match for match in found if match.score >= found[0].score - 0.15]


@lru_cache(maxsize=64)
def _long_words(things: tuple[Named, ...]) -> frozenset[str]:
    """The sounds of the words in their names that may be heard as two."""
    sounds = (
        sound(word) for thing in things for name in thing.names for word in fold(name).split()
    )
    return frozenset(one for one in sounds if len(one) >= _PARTED)


def _parted(heard: Heard, known: frozenset[str]) -> list[tuple[int, str]]:
    """What two words heard are as one, where that is a word of a name: "Villa Señor"."""
    return [
        (at, first + second)
        for (at, first), (_, second) in pairwise(heard)
        if sound(first + second) in known
    ]


def _best(thing: Named, heard: Heard, known: "Vocabulary") -> Match:
    scores = (_score(name, heard, known, thing.key) for name in thing.names)
    return max(scores, key=lambda match: match.score, default=Match(thing.key, 0.0))


@dataclass(frozen=True)
class Vocabulary:
    """Words that name nobody: titles and small words, and the rest of everyday speech."""

    titles: frozenset[str]
    common: frozenset[str]


@lru_cache(maxsize=16)
def _vocabulary(words: Words) -> Vocabulary:
    common: set[str] = set(words["names.never"]) | set(words["names.after"])
    for path in ("calendar.weekdays", "calendar.months", "numbers.units", "numbers.teens"):
        common |= set(words[path])
    return Vocabulary(frozenset(words["names.ignored"]), frozenset(common))


def _score(name: str, heard: Heard, known: Vocabulary, key: int | str) -> Match:
    """How well a name is heard: its own words count, titles only break ties."""
    parts = [part for part in fold(name).replace("-", " ").split() if part]
    own = [part for part in parts if part not in known.titles] or parts
    titles = {part for part in parts if part in known.titles and len(part) > 3}
    total, start = 0.0, len(heard)
    for part in own:
        likeness, index = max(
            ((_likeness(part, word, known), index) for index, word in heard), default=(0.0, 0)
        )
        if likeness:
            total += likeness
            start = min(start, index)
    if total == 0:
        return Match(key, 0.0)
    share = total / len(own)
    said = {word for _, word in heard}
    bonus = 0.03 if titles & said else 0.0
    return Match(key, min(1.0, 0.5 + 0.47 * share + bonus), start)


def _likeness(part: str, word: str, known: Vocabulary) -> float:
    """Likeness of a word of a name and a word heard; everyday words must be the same."""
    if word == part:
        return 1.0
    if word in known.titles or word in known.common or part in known.titles:
        return 0.0
    return alike(part, word)


def pick(
    kind: str,
    line: Line,
    things: Sequence[Named],
    words: Words,
    first: int = 0,
    last: int | None = None,
) -> Understood:
    """The one thing named; several equally well named come as alternatives, unsure."""
    found = matches(line, things, words, first, last)
    if not found:
        return Understood(kind, line.text)
    found = _fullest(found, line, things, first, last)
    rivals = tuple(m.key for m in found[1:] if m.score >= found[0].score - _TIE)
    confidence = 0.45 if rivals else found[0].score
    return Understood(kind, line.text, found[0].key, round(confidence, 2), alternatives=rivals)


def _fullest(
    found: list[Match], line: Line, things: Sequence[Named], first: int, last: int | None
) -> list[Match]:
    """Of those equally well named, the ones of whose names most words are heard."""
    tied = [match for match in found if match.score >= found[0].score - _TIE]
    if len(tied) == 1:
        return found
    heard = {line.word(at) for at in range(first, len(line) if last is None else last)}
    said = {
        thing.key: len(heard & {word for name in thing.names for word in fold(name).split()})
        for thing in things
    }
    most = max(said[match.key] for match in tied)
    return [match for match in tied if said[match.key] == most]


def named(line: Line, things: Sequence[Named], words: Words) -> Understood | None:
    """The one thing whose whole name is heard in a sentence, the longest name first."""
    heard = f" {line.bare} "
    whole = [
        (len(name), thing.key)
        for thing in things
        for name in map(fold, thing.names)
        if name and f" {name} " in heard
    ]
    if whole:
        return Understood("", line.text, max(whole, key=lambda pair: pair[0])[1], 0.95)
    if not things:
        return None
    picked = pick("", line, things, words)
    short = _spoken(line, words) <= _SHORT_ANSWER
    return picked if picked.confidence >= (0.75 if short else SURE) else None


def read_professional(line: Line, context: Context, words: Words) -> Understood:
    """The key of the professional named, after a title or "con", or by itself."""
    best = Understood("professional", line.text)
    for start in _led(line, words):
        picked = pick("professional", line, context.professionals, words, start, start + 4)
        if picked.confidence > best.confidence:
            best = picked
    best = best or _near(line, context.professionals, words)
    if best or _introduces(line, words) or _spoken(line, words) > _SHORT_ANSWER:
        return best
    return pick("professional", line, context.professionals, words)


def _introduces(line: Line, words: Words) -> bool:
    """Whether a name in the line is the caller's own, or the patient's."""
    if next(words.table("names.recalled").find(line, 0, len(line)), None):
        return False
    return any(token.text in words["names.introduces"] for token in line.tokens)


def _near(line: Line, professionals: Sequence[Named], words: Words) -> Understood:
    """The one professional with the title said whose name is most like the word after it."""
    known = _vocabulary(words)
    for _, start, end in words.table("clinic.titles").find(line, 0, len(line)):
        heard = line.word(end)
        if len(heard) < 4 or not heard.isalpha() or heard in known.common:
            continue
        titled = [p for p in professionals if _has_word(p, line.word(start))] or professionals
        likely = sorted(
            ((_nearness(person, heard, known), person.key) for person in titled),
            key=lambda pair: -pair[0],
        )
        second = likely[1][0] if len(likely) > 1 else 0.0
        if likely and likely[0][0] >= max(_NEAR, second + _AHEAD):
            return Understood("professional", line.text, likely[0][1], _NEAREST)
    return Understood("professional", line.text)


def _has_word(person: Named, word: str) -> bool:
    return any(word in fold(name).split() for name in person.names)


def _nearness(person: Named, heard: str, known: Vocabulary) -> float:
    parts = {part for name in person.names for part in fold(name).split()} - known.titles
    return max(
        (Levenshtein.normalized_similarity(sound(part), sound(heard)) for part in parts),
        default=0.0,
    )


def _led(line: Line, words: Words) -> Iterable[int]:
    """Where a professional's name may begin: at a title, after "con"."""
    titles = words.table("clinic.titles")
    for index in range(len(line)):
        if titles.match(line, index):
            yield index
        elif line.word(index) == "con" and line.word(index + 1) not in {"mi", "mis", "su"}:
            yield index + 1


def _spoken(line: Line, words: Words) -> int:
    """How many words the line has besides fillers and titles."""
    idle = set(words["names.ignored"]) | set(words["fillers"])
    return sum(token.is_word and token.text not in idle for token in line.tokens)


def read_branch(line: Line, context: Context, words: Words) -> Understood:
    """The key of the branch named."""
    return _of_list("branch", line, context.branches, words)


def read_patient(line: Line, context: Context, words: Words) -> Understood:
    """The key of the patient named."""
    return pick("patient", line, context.patients, words)


def _of_list(kind: str, line: Line, things: Sequence[Named], words: Words) -> Understood:
    found = named(line, things, words)
    if found is None:
        return Understood(kind, line.text)
    return Understood(kind, line.text, found.value, found.confidence, None, found.alternatives)
