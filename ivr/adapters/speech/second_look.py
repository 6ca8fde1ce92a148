"""When words that were heard answer nothing, the same sound is looked at in other ways, and
what several looks agree on counts more than what one of them wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ivr.adapters.speech.repetition import folded
from ivr.language import Context, Named, understand
from ivr.language.model import Country
from ivr.ports import Alternative, Expectation, Words

LONGEST_S = 6.0
"""Speech over this is looked at once: its second look would take too long."""
_OPEN = frozenset({"intent", "choice"})
_ANSWER, _LIKELY = 0.8, 0.5
_OF_LIKELY, _OF_NONE = 0.8, 0.6
"""What a reading that only may be an answer, or is none, weighs beside one that is."""


@dataclass(frozen=True)
class _Sense:
    """What a reading is to the turn."""

    key: str
    """Equal for readings that mean the same: "a las doce", "a las 12"."""
    sure: float

    @property
    def weight(self) -> float:
        return 1.0 if self.sure >= _ANSWER else _OF_LIKELY if self.sure >= _LIKELY else _OF_NONE


def is_due(words: Words, expect: Expectation, language: str) -> bool:
    """Whether ``words`` are no answer to a question whose answers are known: not where any
    wish may be told, nor where what is on offer is not known here."""
    if not expect.kinds or not _OPEN.isdisjoint(expect.kinds) or not language.startswith("es"):
        return False
    return _sense(words.text, expect, language).sure < _LIKELY


def pooled(looks: Sequence[Words], expect: Expectation, language: str) -> Words:
    """All that was read in any of ``looks``, the likeliest first: by the mean of the
    confidence each look had in the same meaning, and by how surely it answers."""
    senses: dict[str, _Sense] = {}
    likeliest: dict[str, Alternative] = {}
    total: dict[str, float] = {}
    for look in looks:
        best: dict[str, float] = {}
        for one in (Alternative(look.text, look.confidence), *look.alternatives):
            if not one.text:
                continue
            sense = _sense(one.text, expect, language)
            senses[sense.key] = sense
            best[sense.key] = max(best.get(sense.key, 0.0), one.confidence)
            if sense.key not in likeliest or one.confidence > likeliest[sense.key].confidence:
                likeliest[sense.key] = one
        for key, confidence in best.items():
            total[key] = total.get(key, 0.0) + confidence / len(looks)
    if not total:
        return Words("", 0.0)
    order = sorted(total, key=lambda key: total[key] * senses[key].weight, reverse=True)
    first, *others = [Alternative(likeliest[key].text, round(total[key], 3)) for key in order]
    return Words(first.text, first.confidence, tuple(others))


def _sense(text: str, expect: Expectation, language: str) -> _Sense:
    """What ``text`` is as an answer, or as an alarm, which goes before any answer; the turn's
    hints are names the caller may say."""
    country: Country = "mx" if language.endswith("MX") else "es"
    named = tuple(Named(hint, (hint,)) for hint in expect.hints)
    known = Context(datetime.now(UTC), country=country, professionals=named, services=named)
    kinds = ("urgency", *expect.kinds, *(("professional", "service") if named else ()))
    surest = max((understand(kind, text, known) for kind in kinds), key=lambda one: one.confidence)
    if surest.confidence < _LIKELY:
        return _Sense(folded(text), surest.confidence)
    return _Sense(f"{surest.kind} {surest.value}", surest.confidence)
