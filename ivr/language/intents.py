"""What callers want, and everything they already said about it."""

from dataclasses import dataclass
from typing import Any

from ivr.language import likeness, slots, urgency
from ivr.language.model import Context, Understood
from ivr.language.patterns import Hit
from ivr.language.tokens import Line
from ivr.language.words import Words

_SURE, _LIKELY, _HINT = 3.0, 2.0, 1.0
_ALIKE, _VERY_ALIKE, _NEARLY_SAME = 0.28, 0.45, 0.85
"""Likeness to examples that makes a wish plausible, likely, sure."""
_ENOUGH_WORDS = 4
_TIERS = (("sure", _SURE), ("likely", _LIKELY), ("hint", _HINT))


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
    wishes = _wishes(line.plain, words, urgent=level is not None)
    wishes = _merged(wishes, line.plain, words, emergency=level == "emergency")
    wishes = _ordered(wishes, words, emergency=level == "emergency")
    if not wishes or wishes[0].intent == "book":
        held = _about_the_one_held(line.plain, words)
        if held and not (wishes and words.patterns("intents.fresh").search(line.plain)):
            wishes = [held, *wishes[1:]]
    if not wishes or wishes[0].weight < _SURE:
        alike = _resembled(line, wishes, words)
        if alike:
            intent, confidence = alike
            said = slots.read(line, intent, context, words)
            return Understood("intent", line.text, {"intent": intent, "slots": said}, confidence)
    if not wishes:
        found = slots.read(line, "book", context, words)
        if "service" not in found and "professional" not in found:
            return Understood("intent", line.text)
        return Understood("intent", line.text, {"intent": "book", "slots": found}, 0.5)
    first, *rest = wishes
    value: dict[str, Any] = {
        "intent": first.intent,
        "slots": slots.read(line, first.intent, context, words),
    }
    also = [wish.intent for wish in rest if wish.weight >= _SURE and not wish.overlaps(first)]
    if also:
        value["also"] = also
    confidence = 0.95 if first.weight >= _SURE else 0.75 if first.weight >= _LIKELY else 0.5
    return Understood("intent", line.text, value, confidence)


def _about_the_one_held(plain: str, words: Words) -> Wish | None:
    """What is wanted with an appointment the caller already has, or None."""
    existing = tuple(words.patterns("intents.existing").find(plain))
    if not existing:
        return None
    if words.patterns("intents.otherwise").search(plain):
        return Wish("move", _LIKELY, existing)
    if words.patterns("intents.unable").search(plain):
        return Wish("cancel", _LIKELY, existing)
    return Wish("ask_appointment", _LIKELY, existing)


def _resembled(line: Line, wishes: list[Wish], words: Words) -> tuple[str, float] | None:
    """The intent of the likest examples, and how sure; None when patterns know better."""
    intent, score = likeness.of(words).nearest(line)
    if intent == likeness.NOTHING:
        return None
    if score >= _NEARLY_SAME:
        return intent, 0.85
    clear = wishes and wishes[0].weight >= _LIKELY
    if len(line) < _ENOUGH_WORDS or score < (_VERY_ALIKE if clear else _ALIKE):
        return None
    return intent, 0.75 if score >= _VERY_ALIKE else 0.55


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
