"""How much of what callers say is understood, kind by kind, and what is not.

The corpus is ``tests/language/corpus``: one YAML file a theme, each with its ``now`` and
``country``, and under each kind the utterances with what they mean. Days and times are
written short: ``2026-11-26``, ``10:00..12:00``, ``10:00|22:00`` for open readings, ``..``
for an open end. Numbers are measured beside text2num in the same run.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from statistics import quantiles
from typing import Any

import yaml

from ivr.language import Context, Named, understand

CORPUS = Path(__file__).resolve().parents[2] / "tests" / "language" / "corpus"
_SPANS = frozenset({"date", "time", "current_date", "current_time"})
_ALARMS = ("emergency", "today")


@dataclass(frozen=True)
class Case:
    """One utterance of the corpus and what it must be taken to mean."""

    file: str
    kind: str
    text: str
    wanted: Any
    context: Context

    def got(self) -> Any:
        """What it is taken to mean, in the words the corpus uses."""
        return as_written(
            self.kind, understand(self.kind, self.text, self.context).value, self.wanted
        )

    @property
    def right(self) -> bool:
        return bool(self.got() == self.wanted)


def cases(kind: str = "") -> Iterator[Case]:
    """Every case of the corpus, or of one kind."""
    for path in sorted(CORPUS.glob("*.yaml")):
        data = read_corpus(path)
        context = context_of(data)
        for name, utterances in data.items():
            if name in {"now", "country", "lists"} or (kind and name != kind):
                continue
            for text, wanted in utterances.items():
                yield Case(path.stem, name, text, meaning_of(name, wanted), context)


def context_of(data: dict[str, Any]) -> Context:
    """The moment and country of a file, and the clinic's own names if it lists any."""
    lists: dict[str, Any] = {
        name: tuple(Named(key, tuple(said)) for key, said in listed.items())
        for name, listed in data.get("lists", {}).items()
    }
    return Context(datetime.fromisoformat(data["now"]), country=data["country"], **lists)


@lru_cache(maxsize=64)
def read_corpus(path: Path) -> dict[str, Any]:
    """The file with every value as text."""
    loaded: dict[str, Any] = yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506
    return loaded


def meaning_of(kind: str, written: Any) -> Any:
    """A meaning as the corpus writes it, in the shape that understanding gives."""
    if written == "null":
        return None
    if kind == "intent":
        whole: dict[str, Any] = {"intent": written} if isinstance(written, str) else dict(written)
        if "slots" in whole:
            whole["slots"] = {n: _slot(n, value) for n, value in whole["slots"].items()}
        return whole
    if kind == "datetime":
        parts: dict[str, str] = written
        return {name: _span(value) for name, value in parts.items()}
    return _span(written) if kind in _SPANS else written


def _slot(name: str, written: Any) -> Any:
    return _span(written) if name in _SPANS else written


def _span(written: Any) -> Any:
    """``10:00..12:00`` and the like as the JSON shape."""
    if isinstance(written, dict):
        return {name: _field(name, value) for name, value in written.items()}
    if written == "null":
        return None
    if "|" in written:
        return {"options": [_span(option) for option in written.split("|")]}
    first, dots, last = written.partition("..")
    return {"from": first or None, "to": (last if dots else first) or None}


def _field(name: str, value: str) -> Any:
    if name.endswith("weekdays"):
        return [int(day) for day in value.split()]
    if name == "excluded":
        return [_span(span) for span in value.split()]
    return None if value == "null" else value


def as_written(kind: str, value: Any, wanted: Any) -> Any:
    """An understood ``value`` in the words of the corpus, to compare with ``wanted``."""
    if value is None:
        return None
    if kind == "yesno":
        return "yes" if value else "no"
    if kind == "intent":
        kept = {"intent": value["intent"]}
        for part in ("slots", "also"):
            if isinstance(wanted, dict) and part in wanted:
                kept[part] = value.get(part, {} if part == "slots" else [])
        if "also" in kept:
            kept["also"] = " ".join(kept["also"])
        if "slots" in kept:
            kept["slots"] = {n: _without_earliest(v) for n, v in kept["slots"].items()}
        return kept
    if kind == "datetime":
        return {name: _without_earliest(part) for name, part in value.items()}
    if kind in _SPANS:
        return _without_earliest(value)
    return value if isinstance(value, dict) else str(value)


def _without_earliest(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: part for name, part in value.items() if name != "earliest"}


def run() -> dict[str, Any]:
    """Accuracy and latency by kind, red flags apart, numbers beside text2num."""
    kinds: dict[str, dict[str, Any]] = {}
    spent: list[float] = []
    for case in cases():
        understand(case.kind, case.text, case.context)
    for case in cases():
        tally = kinds.setdefault(case.kind, {"cases": 0, "right": 0, "wrong": []})
        begun = time.perf_counter()
        understand(case.kind, case.text, case.context)
        spent.append((time.perf_counter() - begun) * 1000)
        tally["cases"] += 1
        if case.right:
            tally["right"] += 1
        else:
            wrong = {"file": case.file, "text": case.text}
            tally["wrong"].append({**wrong, "wanted": case.wanted, "got": case.got()})
    for tally in kinds.values():
        tally["accuracy"] = round(tally["right"] / tally["cases"], 4)
    cuts = quantiles(spent, n=100)
    total = sum(tally["cases"] for tally in kinds.values())
    return {
        "utterances": total,
        "accuracy": round(sum(tally["right"] for tally in kinds.values()) / total, 4),
        "kinds": kinds,
        "red_flags": _red_flags(),
        "latency_ms": {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3)},
        "numbers_by_text2num": _text2num(),
    }


def _red_flags() -> dict[str, Any]:
    """Alarms missed or too low, and those that fired without a reason."""
    missed, false = [], []
    for case in cases("urgency"):
        got = case.got()
        if case.wanted in _ALARMS and got != case.wanted and got != "emergency":
            missed.append(case.text)
        elif case.wanted not in _ALARMS and got is not None:
            false.append(case.text)
    return {"missed": missed, "false": false}


def _text2num() -> dict[str, Any]:
    """The peer: how many of the corpus's numbers the library text2num reads."""
    from text_to_num import text2num

    right = total = 0
    for case in cases("number"):
        if case.wanted is None:
            continue
        total += 1
        try:
            right += str(text2num(case.text, "es")) == case.wanted
        except ValueError:
            continue
    return {"cases": total, "right": right}
