"""Which of the things just offered the caller takes."""

from dataclasses import replace
from datetime import datetime

from ivr.language import combine, hours, moments, naming, numbers, timing
from ivr.language.model import Context, Dates, Named, Option, Times, Understood
from ivr.language.tokens import Line
from ivr.language.words import Words


def read(line: Line, context: Context, words: Words) -> Understood:
    """The key of the option chosen by place, day, hour or name; None when none was."""
    options = context.options
    if not options:
        return Understood("choice", line.text)
    if words.patterns("choice.none").search(line.plain):
        return Understood("choice", line.text)
    for chosen in (
        _by_place(line, options, words),
        _by_moment(line, context, options, words),
        _by_name(line, options, words),
        _by_number(line, options, words),
        _any(line, options, words),
    ):
        if chosen:
            return chosen
    return Understood("choice", line.text)


def _taken(line: Line, option: Named, confidence: float) -> Understood:
    return Understood("choice", line.text, option.key, confidence)


def _by_place(line: Line, options: tuple[Named, ...], words: Words) -> Understood | None:
    """``el segundo``, ``la última``, ``la primera no, la otra``."""
    spoken = numbers.of(words)
    places: list[tuple[int, int]] = []
    for index in range(len(line)):
        found = spoken.ordinal(line, index)
        hour = line.word(index + 1) in {"hora", "horas"} or line.word(index - 1) in {"y", "menos"}
        if found and not hour:
            places.append((found[0], found[1]))
    for value, _, end in words.table("choice.places").find(line, 0, len(line)):
        places.append((value, end))
    kept = [place for place, end in places if line.word(end) != "no" or len(options) < 2]
    if not kept and len(options) == 2 and len(places) == 1:
        kept = [1 if places[0][0] == 2 else 2]
    if not kept or (kept[-1] > len(options)) or -kept[-1] > len(options):
        return None
    place = kept[-1]
    if place == 0:
        place = (len(options) + 1) // 2
    return _taken(line, options[place - 1 if place > 0 else place], 0.95)


def _by_moment(
    line: Line, context: Context, options: tuple[Named, ...], words: Words
) -> Understood | None:
    timed = [o for o in options if isinstance(o, Option) and o.moment]
    if not timed:
        return None
    opening = replace(context, opens=datetime.min.time(), closes=datetime.max.time())
    said = moments.scan(line, context, words, bare="hour")
    on = combine.dates(said, context)
    at = timing.times(said, opening, hours.of(words))
    if on is None:
        numbered = combine.dates(moments.scan(line, context, words, bare="day"), context)
        on = numbered if at is None else None
    if on is None and at is None:
        return None
    fitting = [o for o in timed if o.moment and _fits(o.moment, on, at)]
    if len(fitting) == 1:
        return _taken(line, fitting[0], 0.95)
    if fitting:
        rest = tuple(option.key for option in fitting[1:])
        return Understood("choice", line.text, fitting[0].key, 0.45, alternatives=rest)
    return None


def _fits(moment: datetime, on: Dates | None, at: Times | None) -> bool:
    return (on is None or _on(moment, on)) and (at is None or _at(moment, at))


def _on(moment: datetime, on: Dates) -> bool:
    if on.options:
        return any(_on(moment, option) for option in on.options)
    day = moment.date()
    if on.weekdays is not None and day.weekday() not in on.weekdays:
        return False
    if day.weekday() in on.excluded_weekdays:
        return False
    return (on.first is None or on.first <= day) and (on.last is None or day <= on.last)


def _at(moment: datetime, at: Times) -> bool:
    if at.options:
        return any(_at(moment, option) for option in at.options)
    clock = moment.time()
    return (at.first is None or at.first <= clock) and (at.last is None or clock <= at.last)


def _by_name(line: Line, options: tuple[Named, ...], words: Words) -> Understood | None:
    picked = naming.pick("choice", line, options, words)
    return picked if picked else None


def _by_number(line: Line, options: tuple[Named, ...], words: Words) -> Understood | None:
    number = numbers.read(line, _NOWHERE, words)
    if number.value is not None and 1 <= number.value <= len(options):
        return _taken(line, options[number.value - 1], 0.8)
    return None


def _any(line: Line, options: tuple[Named, ...], words: Words) -> Understood | None:
    if words.patterns("commands.any").search(line.plain):
        return _taken(line, options[0], 0.8)
    if len(options) == 1 and words.patterns("yesno.yes").search(line.plain):
        return _taken(line, options[0], 0.8)
    return None


_NOWHERE = Context(datetime(2000, 1, 1))  # noqa: DTZ001 (numbers need no clock)
