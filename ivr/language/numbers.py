"""Cardinals, ordinals and dictated digits, in words or as a recognizer writes them."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from ivr.language.model import Context, Understood
from ivr.language.tokens import Line
from ivr.language.words import Words

_THOUSANDS = ".,"


class Numbers:
    """The number words of a language."""

    def __init__(self, words: Words) -> None:
        data = words["numbers"]
        self.units: dict[str, int] = data["units"]
        self.small: dict[str, int] = {**data["units"], **data["teens"]}
        self.tens: dict[str, int] = data["tens"]
        self.hundreds: dict[str, int] = data["hundreds"]
        self.thousand: str = data["thousand"]
        self.millions = frozenset(data["millions"])
        self.joiner: str = data["joiner"]
        self.ordinals: dict[str, int] = data["ordinals"]
        self.collective: dict[str, int] = data["collective"]
        self.repeats: dict[str, int] = data["repeats"]
        self.minus = frozenset(data["minus"])
        self.articles = frozenset(data["articles"])

    def below_hundred(self, line: Line, index: int) -> tuple[int, int] | None:
        """``treinta y cuatro``, ``veintiuno``, ``diez``; not digits."""
        word = line.word(index)
        tens = self.tens.get(word)
        if tens is not None:
            unit = self.units.get(line.word(index + 2), 0)
            if line.word(index + 1) == self.joiner and 1 <= unit <= 9:
                return tens + unit, index + 3
            return tens, index + 1
        if word in self.small:
            return self.small[word], index + 1
        return None

    def below_thousand(self, line: Line, index: int) -> tuple[int, int] | None:
        """A spoken number under 1000."""
        hundred = self.hundreds.get(line.word(index))
        if hundred is None:
            return self.below_hundred(line, index)
        rest = self.below_hundred(line, index + 1)
        if rest and rest[0] > 0:
            return hundred + rest[0], rest[1]
        return hundred, index + 1

    def cardinal(self, line: Line, index: int) -> tuple[int, int] | None:
        """The number at ``index``, spoken or in digits (``1.984`` too), and its end."""
        head = self._below_million(line, index)
        if head is None:
            return None
        value, end = head
        if line.word(end) in self.millions:
            rest = self._below_million(line, end + 1)
            return (value * 1_000_000 + rest[0], rest[1]) if rest else (value * 1_000_000, end + 1)
        return head

    def _below_million(self, line: Line, index: int) -> tuple[int, int] | None:
        if line.word(index) == self.thousand:
            value, end = 1, index
        else:
            head = self.digits(line, index) or self.below_thousand(line, index)
            if head is None:
                return None
            value, end = head
        if line.word(end) != self.thousand or value == 0 or value > 999:
            return value, end
        rest = self.below_thousand(line, end + 1)
        if rest is None and line.tokens[end + 1 : end + 2] and line.tokens[end + 1].is_digits:
            spoken = int(line.word(end + 1)[:4])
            rest = (spoken, end + 2) if spoken < 1000 else None
        return (value * 1000 + rest[0], rest[1]) if rest else (value * 1000, end + 1)

    def digits(self, line: Line, index: int) -> tuple[int, int] | None:
        """Written digits, with thousands separated by a glued point or comma."""
        if index >= len(line) or not line.tokens[index].is_digits:
            return None
        text, end = line.word(index), index + 1
        while (
            len(text) < 13
            and (len(text) <= 3 or end > index + 1)
            and line.word(end) in _THOUSANDS
            and line.word(end)
            and line.glued(end)
            and line.glued(end + 1)
            and len(line.word(end + 1)) == 3
            and line.tokens[end + 1].is_digits
        ):
            text, end = text + line.word(end + 1), end + 2
        return self._joined(line, int(text[:18]), end)

    def _joined(self, line: Line, value: int, end: int) -> tuple[int, int]:
        """``340 y 5.678``, as a recognizer writes 345 678."""
        if line.word(end) == self.joiner and value < 1000 and value % 10 == 0 < value % 100:
            more = self.digits(line, end + 1)
            if more and more[1] > end + 2 and 1000 <= more[0] < 10_000:
                return value * 1000 + more[0], more[1]
        return value, end

    def ordinal(self, line: Line, index: int) -> tuple[int, int] | None:
        """``segundo``, ``tercera``, ``2º``, ``1er``; the last is -1."""
        word = line.word(index)
        if word in self.ordinals:
            return self.ordinals[word], index + 1
        if word.isdecimal() and word.isascii() and len(word) <= 2:
            end = index + 1
            if line.word(end) == "." and line.glued(end):
                end += 1
            suffix = line.word(end)
            if line.glued(end) and suffix in {"°", "o", "a", "er", "ero", "era", "do", "da"}:
                return int(word), end + 1
        return None

    def spans(self, line: Line) -> Iterator[tuple[int, int, int]]:
        """Every number of the line: value, start, end."""
        index = 0
        while index < len(line):
            found = self.cardinal(line, index)
            if found:
                yield found[0], index, found[1]
                index = found[1]
            else:
                index += 1


def _opens(line: Line, span: tuple[int, int, int], scale: dict[str, list[str]]) -> bool:
    """Whether a scale begins with this number."""
    return line.word(span[1] - 1) in scale["from"] and line.word(span[2]) in scale["after"]


@lru_cache(maxsize=16)
def of(words: Words) -> Numbers:
    """The number words of ``words``, made once."""
    return Numbers(words)


_SEPARATORS = frozenset(",-.;")


def read(line: Line, context: Context, words: Words) -> Understood:
    """The one whole number the line means; several different ones mean none."""
    numbers = of(words)
    teen = _ten_and_unit(line, numbers)
    if teen:
        return Understood("number", line.text, teen, 0.95)
    collective = next(words.table("numbers.collective").find(line, 0, len(line)), None)
    if collective:
        return Understood("number", line.text, collective[0], 0.9)
    denied = [(a, b) for _, a, b in words.table("numbers.none").find(line, 0, len(line))]
    spans = [s for s in numbers.spans(line) if not any(a < s[1] < b for a, b in denied)]
    clear = [s for s in spans if s[2] - s[1] > 1 or line.word(s[1]) not in numbers.articles]
    spans = _corrected(line, clear or spans, words)
    spans = _off_scale(line, spans, words)
    if not spans:
        return _ordinal(line, numbers, words)
    if any(_has_fraction(line, span, words) for span in spans):
        return Understood("number", line.text)
    value: int | None
    if len(spans) > 1 and _dictated(line, spans):
        value, confidence = int("".join(_as_said(line, s) for s in spans)[:18]), 0.8
    else:
        values = {span[0] for span in spans}
        value, confidence = (values.pop(), 0.95) if len(values) == 1 else (None, 0.0)
    if value and line.word(spans[0][1] - 1) in numbers.minus:
        value = -value
    return Understood("number", line.text, value, confidence)


def _ten_and_unit(line: Line, numbers: Numbers) -> int:
    """``el diez y siete``, all that is said, as some still say 17; 0 if it is not."""
    said = line.bare.split()
    if len(said) < 3:
        return 0
    *before, ten, joiner, unit = said
    value = int(unit) if unit.isdecimal() else numbers.units.get(unit, 0)
    teen = ten in {"10", "diez"} and joiner == numbers.joiner and 6 <= value <= 9
    return 10 + value if teen and set(before) <= numbers.articles | {"el"} else 0


def _as_said(line: Line, span: tuple[int, int, int]) -> str:
    """The digits as written (leading zeros kept) or the spoken value."""
    return line.word(span[1]) if line.tokens[span[1]].is_digits else str(span[0])


def _dictated(line: Line, spans: list[tuple[int, int, int]]) -> bool:
    """Whether the numbers follow each other directly, as digits are dictated."""
    gaps = [[line.word(i) for i in range(left[2], right[1])] for left, right in pairwise(spans)]
    if any(not set(gap) <= _SEPARATORS for gap in gaps):
        return False
    return not (all(gaps) and len({span[0] for span in spans}) == 1)


def _corrected(
    line: Line, spans: list[tuple[int, int, int]], words: Words
) -> list[tuple[int, int, int]]:
    """Without the numbers taken back ("no, un siete no, un ocho")."""
    markers = words.table("corrections")
    kept: list[tuple[int, int, int]] = []
    end = 0
    for span in spans:
        if kept and any(markers.find(line, end, span[1])):
            kept.clear()
        kept.append(span)
        end = span[2]
    return kept


def _off_scale(
    line: Line, spans: list[tuple[int, int, int]], words: Words
) -> list[tuple[int, int, int]]:
    """Without the numbers that only name a scale: "un ocho sobre diez", "del uno al diez"."""
    scale = words["numbers.scale"]
    ends = {
        place + 1
        for place, span in enumerate(spans)
        if line.word(span[2]) in scale["after"] and line.word(span[1] - 1) in scale["from"]
    }
    ends |= {
        place
        for place, (left, right) in enumerate(pairwise(spans), start=1)
        if line.word(left[2]) == "de" and left[2] + 1 == right[1] and left[0] <= right[0]
    }
    kept = [
        span
        for place, span in enumerate(spans)
        if not (place in ends or (place + 1 in ends and _opens(line, span, scale)))
        and line.word(span[1] - 1) not in scale["before"]
    ]
    return kept or spans


def _has_fraction(line: Line, span: tuple[int, int, int], words: Words) -> bool:
    end = span[2]
    if line.word(end) in {".", ","} and line.glued(end) and line.glued(end + 1):
        return line.word(end + 1).isdecimal()
    return words.table("numbers.fractions").match(line, end) is not None


def _ordinal(line: Line, numbers: Numbers, words: Words) -> Understood:
    for index in range(len(line)):
        found = numbers.ordinal(line, index)
        if found and found[0] > 0:
            return Understood("number", line.text, found[0], 0.7)
    none = next(words.table("numbers.none").find(line, 0, len(line)), None)
    return Understood("number", line.text, *((0, 0.7) if none else (None, 0.0)))
