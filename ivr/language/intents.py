"""What callers want, and everything they already said about it."""

import re
from dataclasses import dataclass
from typing import Any

from ivr.language import naming, slots, urgency, weighing, yesno
from ivr.language.model import Context, Understood
from ivr.language.patterns import Hit
from ivr.language.tokens import Line
from ivr.language.words import Words

_SURE, _LIKELY, _HINT = 3.0, 2.0, 1.0
_TIERS = (("sure", _SURE), ("likely", _LIKELY), ("hint", _HINT))
_BONUS = {_SURE: 0.4, _LIKELY: 0.22, _HINT: 0.1}
"""What a pattern adds to the likelihood learned from the examples."""
_URGENT = 0.55
_PLAIN = 0.5
"""Likelihood at which another wish is plainer than something to be seen today."""
_LEAST = 0.3
_SAID_TOO = 0.04
_BELIEVED, _CERTAIN = 0.7, 0.9
"""Likelihood that a few words, or an answer's words, need to be a wish."""
_CLAUSE = re.compile(r" , |\b(?:y|e|pero|ademas|tambien|de paso|aparte)\b ")
_OWN_WORDS, _ENOUGH_WORDS, _SHORT = 1, 3, 4
_LIKELIER, _CLEAR = 0.1, 0.3
"""How far ahead of the next a wish is likelier (asked back), or clear (gone on with)."""


@dataclass(frozen=True)
class Wish:
    """An intent and the words that speak for it."""

    intent: str
    weight: float
    hits: tuple[Hit, ...]

    @property
    def start(self) -> int:
        return min((hit.start for hit in self.hits), default=0)

    def overlaps(self, other: "Wish") -> bool:
        """Whether both rest on the same words only."""
        return all(
            any(hit.start < seen.end and seen.start < hit.end for seen in other.hits)
            for hit in self.hits
        )


def read(line: Line, context: Context, words: Words) -> Understood:
    """``{"intent": ID, "slots": {…}}``, with further intents in ``also``."""
    level = urgency.read(line, context, words).value
    emergency = level == "emergency"
    likely = weighing.of(words).read(line)
    wishes = _wishes(line.plain, words, urgent=level is not None)
    for name in words["intents.never_wished"]:
        if words.patterns(f"intents.never_wished.{name}").search(line.plain):
            likely[name] = 0.0
            wishes = [wish for wish in wishes if wish.intent != name]
    wishes = _merged(wishes, line.plain, words, emergency=emergency)
    wishes = _ordered(wishes, words, emergency=emergency)
    intent, confidence = _decided(line, context, words, wishes, likely, level)
    by_name = intent == "person" and not any(wish.intent == intent for wish in wishes)
    if by_name and line.word(0) == "con" and naming.read_professional(line, context, words):
        intent = weighing.NOTHING
    if intent == weighing.NOTHING:
        found = slots.read(line, "book", context, words)
        if "service" not in found and "professional" not in found:
            return Understood("intent", line.text)
        return Understood("intent", line.text, {"intent": "book", "slots": found}, 0.5)
    also = _said_too(intent, wishes, likely, line, words)
    if also and intent != "urgency":
        intent, *also = _as_said([intent, *also], wishes, words)
    value: dict[str, Any] = {"intent": intent, "slots": slots.read(line, intent, context, words)}
    if also:
        value["also"] = also
    return Understood("intent", line.text, value, confidence)


def _decided(
    line: Line,
    context: Context,
    words: Words,
    wishes: list[Wish],
    likely: dict[str, float],
    level: str | None,
) -> tuple[str, float]:
    """The intent that the words' weights and the patterns speak for, and how surely."""
    if level == "emergency":
        return "urgency", 0.95
    plain = line.plain
    scores = dict(likely)
    for place, wish in enumerate(wishes):
        bonus = _BONUS[wish.weight] / (1 if place == 0 else 2)
        scores[wish.intent] = scores.get(wish.intent, 0.0) + bonus
    held = _about_the_one_held(plain, words)
    undecided = not wishes or wishes[0].intent == "book"
    if held and undecided and not words.patterns("intents.fresh").search(plain):
        scores[held] = scores.get(held, 0.0) + _BONUS[_LIKELY]
    first = max(likely, key=lambda name: likely[name])
    below = {*words["intents.below_urgency"], "urgency", weighing.NOTHING}
    if level and (first in below or likely[first] < _PLAIN):
        scores["urgency"] = scores.get("urgency", 0.0) + _URGENT
    if not level and words.patterns("intents.not_urgent").search(plain):
        scores.pop("urgency", None)
    intent = max(scores, key=lambda name: scores[name])
    if scores[intent] < _LEAST:
        return weighing.NOTHING, 0.0
    first_of = {wish.intent for wish in wishes}
    alone = intent not in first_of and intent != held and not (level and intent == "urgency")
    if alone and likely[intent] < _needed(line, context, words):
        return weighing.NOTHING, 0.0
    yielding = {intent, *words["intents.yielding"]}
    rest = max((score for name, score in scores.items() if name not in yielding), default=0.0)
    margin = scores[intent] - rest
    backed = any(wish.intent == intent and wish.weight >= _SURE for wish in wishes)
    ahead = _LIKELIER if backed else _CLEAR
    sure = margin > ahead and (not alone or likely[intent] >= _BELIEVED)
    return intent, 0.95 if sure else 0.75 if margin > _LIKELIER else 0.55


def _needed(line: Line, context: Context, words: Words) -> float:
    """The likelihood that words no pattern knows need, to be a wish and no mere answer."""
    own = weighing.of(words).own(line)
    if own < _OWN_WORDS:
        return _CERTAIN
    answers = len(line) <= _SHORT and yesno.read(line, context, words).confidence >= _BELIEVED
    return _CERTAIN if answers else _PLAIN if own < _ENOUGH_WORDS else _LEAST


def _said_too(
    intent: str, wishes: list[Wish], likely: dict[str, float], line: Line, words: Words
) -> list[str]:
    """Further intents that rest on words of their own."""
    first = next((wish for wish in wishes if wish.intent == intent), None)
    return [
        wish.intent
        for wish in wishes
        if wish.intent != intent
        and wish.weight >= _SURE
        and not (first and wish.overlaps(first))
        and (likely.get(wish.intent, 0.0) >= _SAID_TOO or _likely_by_itself(wish, line, words))
    ]


def _likely_by_itself(wish: Wish, line: Line, words: Words) -> bool:
    """Whether the clause in which a wish stands speaks for it: "… y también si abrís"."""
    begins = [match.end() for match in _CLAUSE.finditer(line.plain) if match.end() <= wish.start]
    if not begins:
        return False
    ends = [match.start() for match in _CLAUSE.finditer(line.plain, wish.start)]
    clause = line.plain[begins[-1] : ends[0] if ends else None]
    likely = weighing.of(words).read(Line(clause))
    return likely[wish.intent] >= _PLAIN and wish.intent == max(likely, key=likely.__getitem__)


def _as_said(intents: list[str], wishes: list[Wish], words: Words) -> list[str]:
    """In the order they were said; those that give way stay behind."""
    begins = {wish.intent: wish.start for wish in wishes}
    yielding = words["intents.yielding"]
    return sorted(intents, key=lambda name: (name in yielding, begins.get(name, 0)))


def _about_the_one_held(plain: str, words: Words) -> str | None:
    """What is wanted with an appointment the caller already has, or None."""
    if not words.patterns("intents.existing").search(plain):
        return None
    if words.patterns("intents.otherwise").search(plain):
        return "move"
    if words.patterns("intents.unable").search(plain):
        return "cancel"
    return "ask_appointment"


def _wishes(plain: str, words: Words, *, urgent: bool) -> list[Wish]:
    wishes = []
    for intent, tiers in words["intents.intents"].items():
        idle = (
            list(words.patterns(f"intents.intents.{intent}.never").find(plain))
            if "never" in tiers
            else []
        )
        hits: list[Hit] = []
        weight = 0.0
        for tier, worth in _TIERS:
            if tier not in tiers:
                continue
            for hit in words.patterns(f"intents.intents.{intent}.{tier}").find(plain):
                if _idle(hit, idle) or _denied(hit, plain, words):
                    continue
                hits.append(hit)
                weight = max(weight, worth)
        if intent == "urgency" and urgent:
            weight = _SURE
        elif intent == "urgency":
            weight = 0.0
        if weight:
            wishes.append(Wish(intent, weight, tuple(hits)))
    return wishes


def _idle(hit: Hit, idle: list[Hit]) -> bool:
    return any(hit.start < other.end and other.start < hit.end for other in idle)


def _denied(hit: Hit, plain: str, words: Words) -> bool:
    if hit.text.startswith("no "):
        return False
    return words.patterns("intents.denied").search(plain[: hit.start].rstrip()) is not None


def _merged(wishes: list[Wish], plain: str, words: Words, *, emergency: bool) -> list[Wish]:
    """With those that are one thing together made one; an emergency stays itself."""
    for rule in words["intents.merged"]:
        if emergency and "urgency" in rule["all"]:
            continue
        parts = [wish for wish in wishes if wish.intent in rule["all"]]
        if len(parts) < len(rule["all"]):
            continue
        if "when" in rule and not _when(rule, plain, words):
            continue
        one = Wish(
            rule["is"],
            max(part.weight for part in parts),
            tuple(hit for part in parts for hit in part.hits),
        )
        wishes = [one, *(wish for wish in wishes if wish not in parts)]
    return wishes


def _when(rule: dict[str, Any], plain: str, words: Words) -> bool:
    place = words["intents.merged"].index(rule)
    return words.patterns(f"intents.merged.{place}.when").search(plain) is not None


def _ordered(wishes: list[Wish], words: Words, *, emergency: bool) -> list[Wish]:
    yielding = words["intents.yielding"]
    below = words["intents.below_urgency"]
    order = list(words["intents.intents"])

    urgent = any(wish.intent == "urgency" for wish in wishes)

    def rank(wish: Wish) -> tuple[bool, bool, float, int, int]:
        return (
            not (emergency and wish.intent == "urgency"),
            wish.intent in yielding or (urgent and wish.intent in below),
            -wish.weight,
            wish.start,
            order.index(wish.intent),
        )

    return sorted(wishes, key=rank)
