"""Digits as people dictate them: one by one, in pairs, in hundreds, doubled, corrected."""

from collections.abc import Iterator
from itertools import islice, product

from ivr.language import numbers
from ivr.language.tokens import Line
from ivr.language.words import Words

Group = tuple[str, ...]
"""The digit strings one spoken number may stand for, the likeliest first."""

_MOST_READINGS = 256


def readings(line: Line, words: Words) -> Iterator[str]:
    """Every digit string the line may dictate, the likeliest first.

    First all numbers of the line, then each unbroken run of them, the last one first;
    after a correction also with the numbers before it replaced.
    """
    runs = list(_runs(line, words))
    whole = [group for run in runs for group in run]
    seen: set[str] = set()
    for groups in _repaired(line, words, [whole, *reversed(runs)]):
        for parts in islice(product(*groups), _MOST_READINGS):
            text = "".join(parts)
            if text and text not in seen:
                seen.add(text)
                yield text


def _repaired(line: Line, words: Words, tried: list[list[Group]]) -> Iterator[list[Group]]:
    """With what a correction took back left out: the last groups of equal length."""
    yield from tried
    cut = next(_correction(line, words), None)
    if cut is None:
        return
    before = [g for run in _runs(line, words, last=cut[0]) for g in run]
    after = [g for run in _runs(line, words, first=cut[1]) for g in run]
    for dropped in range(1, len(before) + 1):
        yield before[:-dropped] + after


def _correction(line: Line, words: Words) -> Iterator[tuple[int, int]]:
    found = list(words.table("corrections").find(line, 1, len(line) - 1))
    for _, start, end in reversed(found):
        yield start, end


def _runs(
    line: Line, words: Words, first: int = 0, last: int | None = None
) -> Iterator[list[Group]]:
    """Runs of numbers with nothing but pauses and connecting words between them."""
    linking = set(words["dictation.linking"])
    spoken = numbers.of(words)
    run: list[Group] = []
    index, last = first, len(line) if last is None else last
    while index < last:
        found = _group(line, index, words, spoken)
        if found:
            run.append(found[0])
            index = found[1]
            continue
        token = line.tokens[index]
        if token.is_word and token.text not in linking and run:
            yield run
            run = []
        index += 1
    if run:
        yield run


def _group(
    line: Line, index: int, words: Words, spoken: numbers.Numbers
) -> tuple[Group, int] | None:
    if line.tokens[index].is_digits:
        return _counted(line, index, spoken) or ((line.word(index),), index + 1)
    times = spoken.repeats.get(line.word(index))
    if times:
        at = index + 1
        while line.word(at) in {"el", ","}:
            at += 1
        digit = spoken.units.get(line.word(at))
        if digit is None and line.word(at).isdecimal() and len(line.word(at)) == 1:
            digit = int(line.word(at))
        return ((str(digit) * times,), at + 1) if digit is not None else None
    several = _several(line, index, words, spoken)
    if several:
        return several
    alone = words["dictation.plurals"].get(line.word(index))
    if alone is not None:  # "uno cinco" is heard as "unos cinco"
        return (str(alone),), index + 1
    if line.word(index) in spoken.articles:
        return None
    return _spoken(line, index, spoken)


def _counted(line: Line, index: int, spoken: numbers.Numbers) -> tuple[Group, int] | None:
    """``12 millones 345 mil 678``, ``340 y 5.678``: figures with words between them."""
    value, end = spoken.cardinal(line, index) or (0, index)
    if any(token.is_word for token in line.tokens[index:end]):
        return (str(value),), end
    return None


def _several(
    line: Line, index: int, words: Words, spoken: numbers.Numbers
) -> tuple[Group, int] | None:
    """``tres ceros``, ``dos veces el ocho``."""
    count = spoken.units.get(line.word(index)) or (
        int(line.word(index)) if line.word(index) in {"2", "3", "4"} else 0
    )
    if not 2 <= count <= 6:
        return None
    plural = words["dictation.plurals"].get(line.word(index + 1))
    if plural is not None:
        return (str(plural) * count, f"{count}{plural}"), index + 2
    if line.word(index + 1) == "veces":
        at = index + 2 + (line.word(index + 2) == "el")
        digit = spoken.units.get(line.word(at))
        return ((str(digit) * count,), at + 1) if digit is not None else None
    return None


def _spoken(line: Line, index: int, spoken: numbers.Numbers) -> tuple[Group, int] | None:
    whole = spoken.cardinal(line, index)
    if whole is None:
        return None
    value, end = whole
    hundred = spoken.hundreds.get(line.word(index))
    if value >= 1000:
        counted = [value // unit for unit in (1_000_000, 1000) if value % unit == 0]
        return (str(value), *map(str, counted[:1])), end
    if hundred is not None and end > index + 1:
        rest = value - hundred
        return (str(value), f"{hundred}{rest}"), end
    tens = spoken.tens.get(line.word(index))
    unit = spoken.units.get(line.word(index + 1))
    if tens and end == index + 1 and unit:
        return (f"{tens}{unit}", str(tens + unit)), index + 2
    return (str(value),), end
