"""Whether words answer a question in full, so that the end of speech need not be waited for."""

from collections.abc import Iterable
from typing import Any

from ivr.language import hearing
from ivr.language.model import LANGUAGES, Context
from ivr.language.tokens import Line
from ivr.language.understand import understand
from ivr.language.words import Words, load

_LONGEST_YES = 4
_SURE = 0.9
_CERTAIN = 0.8


def complete(text: str, kinds: Iterable[str], context: Context, words: Words | None = None) -> bool:
    """Whether ``text`` is all that a question of ``kinds`` can want.

    Never when the last word leaves a sentence open ("el jueves por la", "a las diez y"), nor
    when what was said may still be narrowed: "a las diez" may go on with "y media".
    """
    words = words or load(LANGUAGES[context.country])
    line = Line(hearing.of(words).mended(text))
    said = line.bare.split()
    if not said or said[-1] in words["open_ends"]:
        return False
    return any(_whole(kind, text, line, context, words) for kind in kinds)


def answers(text: str, kinds: Iterable[str], context: Context, words: Words | None = None) -> bool:
    """Whether ``text`` surely answers a question of ``kinds``, though it may go on."""
    words, kinds = words or load(LANGUAGES[context.country]), tuple(kinds)
    said = Line(hearing.of(words).mended(text)).bare.split()
    if not said or said[-1] in words["open_ends"] or said[-1] in words["names.ignored"]:
        return False
    if "birth_date" in kinds and said[-1] in words["calendar.open_years"]:
        return False
    return any(understand(kind, text, context, words).confidence >= _CERTAIN for kind in kinds)


def _whole(kind: str, text: str, line: Line, context: Context, words: Words) -> bool:
    if kind == "choice":  # what is on offer is not known here: "la primera" is enough
        return words.patterns("choice.whole").search(line.bare) is not None
    if kind not in _KINDS:
        return False
    said = understand(kind, text, context, words)
    return said.value is not None and _KINDS[kind](said.value, said.confidence, line, words)


def _yes_or_no(_value: Any, sure: float, line: Line, words: Words) -> bool:
    return sure >= _SURE and len(line.bare.split()) <= _LONGEST_YES


def _clock(value: Any, _sure: float, line: Line, words: Words) -> bool:
    """An hour with its minutes or its half of the day; either half of it may be meant."""
    spans = value.get("options", [value])
    if any(span["from"] is None or span["from"] != span["to"] for span in spans):
        return False
    minutes = {span["from"][-2:] for span in spans}
    return len(minutes) == 1 and (minutes != {"00"} or _rounded(line, words))


def _rounded(line: Line, words: Words) -> bool:
    """Whether something after a full hour closes it: "en punto", "de la tarde"."""
    return any(
        next(words.table(path).find(line, 0, len(line)), None)
        for path in ("times.exact", "times.halves")
    )


def _day_of_month(value: Any, _sure: float, line: Line, words: Words) -> bool:
    """One day with its month; a weekday or "mañana" may still get an hour."""
    named = next(words.table("calendar.months").find(line, 0, len(line)), None)
    return bool(named) and value.get("from") is not None and value.get("from") == value.get("to")


def _birthday(_value: Any, _sure: float, line: Line, words: Words) -> bool:
    """Not after "mil novecientos", "dos mil" or "mil novecientos ochenta", which may go on
    with "y dos", nor after 1980."""
    last = line.bare.split()[-1]
    if last in words["calendar.open_years"] or last in words["calendar.round_years"]:
        return False
    if last.isdecimal():
        return last[-1] != "0" or last[-2:-1] in {"1", "2"}
    return last not in words["numbers.tens"]


def _moment(value: Any, sure: float, line: Line, words: Words) -> bool:
    day, hour = value["date"], value["time"]
    return bool(
        day
        and hour
        and day.get("from") is not None
        and day.get("from") == day.get("to")
        and _clock(hour, sure, line, words)
    )


def _whole_value(_value: Any, _sure: float, _line: Line, _words: Words) -> bool:
    return True


def _checked(_value: Any, sure: float, _line: Line, _words: Words) -> bool:
    """A document whose letter was said and is right."""
    return sure >= _SURE


_KINDS = {
    "yesno": _yes_or_no,
    "time": _clock,
    "date": _day_of_month,
    "datetime": _moment,
    "birth_date": _birthday,
    "phone": _whole_value,
    "national_id": _checked,
}
