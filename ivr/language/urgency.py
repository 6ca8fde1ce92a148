"""Red flags: what sounds like an urgency, unless it is denied, over or only imagined.

It routes, it never diagnoses. In doubt it fires: a missed emergency is worse than a call
that a person takes for nothing.
"""

import re

from ivr.language import weighing
from ivr.language.model import Context, Understood
from ivr.language.patterns import Hit
from ivr.language.tokens import Line, fold
from ivr.language.words import Words

_EMERGENCY, _SURE, _TODAY = 0.5, 0.9, 0.6
"""Likelihood at which the examples raise an alarm that no pattern knows."""
_HARMLESS = 0.985
"""Likelihood of being harmless at which a pattern for today is not believed."""
_DOUBTFUL = 0.6
_GOES_ON = re.compile(r"\bno (?:me |le |se )?(?:ha )?(?:deja|dejado|dejo) de$")
_AND_NOW = re.compile(
    r" y (?=(?:ahora |hoy |ya |me )?(?:tengo|tiene|estoy|esta|traigo|trae|noto|siento|sigo"
    r"|sigue|sangro|duele|cuesta|falta|no puedo|no puede|no para|no deja|desde) )"
)
"""Where a sentence that began in the past comes to how things are."""
_CLAUSE = re.compile(r" , |, | (?:pero|aunque|sino|porque) ")


def read(line: Line, context: Context, words: Words) -> Understood:
    """``emergency``, ``today`` or None; unsure where a denial may have been lost on the line."""
    level = _weighed(_level(line, words), line, words)
    sure = _DOUBTFUL if words.patterns("urgency.clipped").search(line.plain) else 0.9
    return Understood("urgency", line.text, level, sure if level else 0.0)


def _weighed(level: str | None, line: Line, words: Words) -> str | None:
    """What the patterns say, or the examples where no pattern knows the words.

    Words a pattern knows and finds denied, over or supposed stay so.
    """
    examples = weighing.alarms(words)
    if level == "emergency" or not examples.own(line):
        return level
    likely = examples.read(line)
    grave = words.patterns("urgency.emergency").search(line.plain) is not None
    known = grave or words.patterns("urgency.today").search(line.plain) is not None
    if level:
        if not grave and likely["emergency"] >= _SURE:
            return "emergency"
        return level if likely["none"] < _HARMLESS else None
    if known:
        return None
    doubtful = words.patterns("urgency.doubtful").search(line.plain) is not None
    if likely["emergency"] >= (_SURE if doubtful else _EMERGENCY):
        return "emergency"
    return "today" if 1 - likely["none"] >= (_SURE if doubtful else _TODAY) else None


def _level(line: Line, words: Words) -> str | None:
    plain = line.plain
    if not plain:
        return None
    idle = list(words.patterns("urgency.never").find(plain))
    if _real(line, words, "emergency", idle):
        return "emergency"
    for place, rule in enumerate(words["urgency.together"]):
        ever = "ever" in rule
        if all(
            any(
                _counts(line, words, hit, idle, ever=ever and part == 1)
                for hit in words.patterns(f"urgency.together.{place}.{part}").find(plain)
            )
            for part in (0, 1)
        ):
            return "emergency"
    if _real(line, words, "today", idle):
        return "today"
    excused = words.patterns("urgency.excuse").search(plain)
    return "today" if not excused and _real(line, words, "mild", idle) else None


def _real(line: Line, words: Words, name: str, idle: list[Hit]) -> bool:
    found = words.patterns(f"urgency.{name}").find(line.plain)
    return any(_counts(line, words, hit, idle) for hit in found)


def _counts(line: Line, words: Words, hit: Hit, idle: list[Hit], *, ever: bool = False) -> bool:
    """Whether what was found is meant, here and now; ``ever``: or was so some time ago."""
    if any(other.start < hit.end and hit.start < other.end for other in idle):
        return False
    plain = line.plain
    before, after = plain[: hit.start].rstrip(), plain[hit.end :].strip()
    return not (
        _denied(before, after, hit, words)
        or (not ever and _over(before, after, hit, words))
        or (not ever and _past(before, hit, after, words))
        or _supposed(line, before, after, words)
    )


def _denied(before: str, after: str, hit: Hit, words: Words) -> bool:
    if words.patterns("urgency.after_denied").search(after):
        return True
    negators, carriers = words["urgency.negators"], words["urgency.carriers"]
    if any(word in negators for word in hit.between.split()):
        return True
    if hit.text.split()[0] in {"no", "ni", "sin"}:
        return before.endswith(("no es que", "tampoco es que", "no es verdad que"))
    preceding = before.split()
    for place in range(len(preceding) - 1, max(-1, len(preceding) - 9), -1):
        word = preceding[place]
        if word in negators:
            said = " ".join(preceding[place:])
            if words.patterns("urgency.doubted").search(hit.text):
                return True
            return words.patterns("urgency.not_negating").search(said) is None
        if word not in carriers:
            return False
    return False


def _over(before: str, after: str, hit: Hit, words: Words) -> bool:
    if words.patterns("urgency.ended").search(after):
        return True
    if words.patterns("urgency.still").search(f"{hit.text} {after}"):
        return False
    ended = words.patterns("urgency.before_over").search(before)
    if ended and ended.end >= len(before) and not _GOES_ON.search(before):
        return True
    if words.patterns("urgency.over").search(after):
        return True
    stems = [stem for stem in words["urgency.stems"] if stem in hit.text]
    return any(re.search(rf"\bya no (?:\w+ ){{0,3}}{stem}", after) for stem in stems)


def _past(before: str, hit: Hit, after: str, words: Words) -> bool:
    """Of long ago, with nothing that says it goes on."""
    now = _AND_NOW.split(f" {before} {hit.text} ")[-1]
    told = now.removesuffix(f"{hit.text} ") if now.endswith(f"{hit.text} ") else before
    whole = f"{_last_clause(told)} {hit.text} {_first_clause(after)}"
    if words.patterns("urgency.past").search(whole) is None:
        return False
    return words.patterns("urgency.still").search(f"{before} {hit.text} {after}") is None


def _supposed(line: Line, before: str, after: str, words: Words) -> bool:
    clause = _last_clause(before)
    affirmed = any(t.raw.casefold() == "sí" for t in line.tokens)
    if not affirmed and words.patterns("urgency.supposed").search(clause):
        return True
    conditional = words.patterns("urgency.supposed_if").search(clause)
    ending = words.patterns("urgency.supposed_end").search(after)
    return bool(conditional and ending and not affirmed)


def _last_clause(text: str) -> str:
    return _CLAUSE.split(f" {fold(text)} ")[-1].strip()


def _first_clause(text: str) -> str:
    return _CLAUSE.split(f" {fold(text)} ")[0].strip()
