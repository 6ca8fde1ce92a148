"""A length of time in minutes, as callers say how late they are."""

from collections.abc import Iterator

from ivr.language import numbers
from ivr.language.model import Context, Understood
from ivr.language.tokens import Line
from ivr.language.words import Words


def read(line: Line, context: Context, words: Words) -> Understood:
    """``diez minutos``, ``un cuarto de hora``, ``hora y media``, or a number alone.

    Of several the longest counts ("diez o quince minutos"). An hour of the clock is none.
    """
    lengths = list(_lengths(line, words))
    if lengths:
        return Understood("minutes", line.text, max(lengths), 0.95)
    if any(line.word(index) in words["minutes.clock"] for index in range(len(line))):
        return Understood("minutes", line.text)
    spoken = numbers.of(words)
    said = {
        value
        for value, start, end in spoken.spans(line)
        if end - start > 1 or line.word(start) not in spoken.articles
    }
    if not said:
        return Understood("minutes", line.text)
    if len(said) == 1:
        return Understood("minutes", line.text, said.pop(), 0.95)
    number = numbers.read(line, context, words)
    return Understood("minutes", line.text, number.value, number.confidence)


def _lengths(line: Line, words: Words) -> Iterator[int]:
    fractions, units = words.table("minutes.fractions"), words["minutes.units"]
    spoken = numbers.of(words)
    index = 0
    while index < len(line):
        if found := fractions.match(line, index):
            yield found[0]
            index = found[1]
            continue
        number = spoken.cardinal(line, index)
        end = number[1] if number else index
        unit = units.get(line.word(end), 0)
        if not unit or not (number or unit == units["hora"]):
            index = max(end, index + 1)
            continue
        length = (number[0] if number else 1) * unit
        more = words.table("minutes.more").match(line, end + 1)
        yield length + (more[0] if more and unit > 1 else 0)
        index = more[1] if more else end + 1
