"""What a sentence says about an appointment: when, with whom, what for, for whom."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ivr.language import combine, hours, moments, names, naming
from ivr.language.model import Context, Dates, Moment, Times, Understood
from ivr.language.moments import Said
from ivr.language.phrases import Table
from ivr.language.tokens import Line
from ivr.language.words import Words

_PLAUSIBLE_NAME = 0.55
_OWNED_BY = 4
"""Words before "del martes al jueves" among which it is said what is moved."""
_DETERMINER = 2
"""Words of "del día quince" that belong to the day, and to what is said before it."""


def read(line: Line, intent: str, context: Context, words: Words) -> dict[str, Any]:
    """The slots of a sentence, in the shapes of their kinds; only what was said."""
    found: dict[str, Any] = {}
    service = read_service(line, context, words)
    if service and service.confidence >= _PLAUSIBLE_NAME:
        found["service"] = service.value
    professional = _professional(line, context, words)
    if professional is not None:
        found["professional"] = professional
    branch = naming.read_branch(line, context, words)
    if branch:
        found["branch"] = branch.value
    found |= _when(line, intent, context, words)
    found |= _patient(line, words)
    insurer = read_insurer(line, context, words)
    if insurer:
        found["insurer"] = insurer.value
    return found


# --- When -------------------------------------------------------------------------------


def _when(line: Line, intent: str, context: Context, words: Words) -> dict[str, Any]:
    said = moments.scan(line, context, words)
    if intent != "move":
        if intent in {"cancel", "late", "ask_appointment"}:
            said = [_meant(piece) for piece in said]
        return _slots(said, context, words, "")
    current, wanted = _parted(line, context, words)
    return _slots(current, context, words, "current_") | _slots(wanted, context, words, "")


def _slots(said: Sequence[Said], context: Context, words: Words, prefix: str) -> dict[str, Any]:
    moment: Moment | None = combine.moment(list(said), context, hours.of(words))
    found: dict[str, Any] = {}
    if moment and moment.dates:
        found[f"{prefix}date"] = _plain(moment.dates)
    if moment and moment.times and moment.times != Times():
        found[f"{prefix}time"] = _plain(moment.times)
    return found


def _plain(reading: Dates | Times) -> dict[str, Any]:
    return reading.plain()


def _meant(piece: Said) -> Said:
    """In "mañana no puedo ir" the day is the appointment's, not one to avoid."""
    return Said(piece.start, piece.end, piece.day, piece.hour, False, piece.joined)


def _parted(line: Line, context: Context, words: Words) -> tuple[list[Said], list[Said]]:
    """The pieces that say when the appointment is, and those that say when it should be."""
    parts: dict[str, list[Said]] = {"present": [], "wanted": []}
    role, begin = "", 0
    for piece, is_from in _uncut(line, context, words):
        said = "present" if is_from else _role(line, begin, piece, words)
        adjacent = begin > 0 and piece.start - begin <= 2
        if piece.ruled_out and not parts["present"]:
            role = "present"
        elif said:
            role = said
        elif not adjacent or (role == "present" and _has(parts["present"], piece)):
            role = "wanted"
        parts[role or "wanted"].append(_meant(piece) if role == "present" else piece)
        begin = piece.end
    return parts["present"], parts["wanted"]


def _has(said: list[Said], piece: Said) -> bool:
    """Whether the present appointment already has what this piece says."""
    return any((p.day and piece.day) or (p.hour and piece.hour) for p in said)


def _role(line: Line, begin: int, piece: Said, words: Words) -> str:
    """Whether the words before a piece speak of the present appointment or of another."""
    present = words.table("intents.present")
    wanted = words.table("intents.wanted")
    role, index = "", begin
    while index <= piece.start:
        marker = present.match(line, index)
        if marker and index < piece.start and marker[1] <= piece.start + _DETERMINER:
            role, index = "present", max(marker[1], index + 1)
            continue
        if wanted.match(line, index) and (
            index < piece.start or line.word(index) in {"al", "para"}
        ):
            role = "wanted"
        index += 1
    return role


def _uncut(line: Line, context: Context, words: Words) -> list[tuple[Said, bool]]:
    """As scanned, but "la cita del viernes al lunes" is two days, no range: of each piece,
    whether it is the first of such two."""
    grammar = moments.of(words)
    result: list[tuple[Said, bool]] = []
    for piece in grammar.scan(line, context):
        before = {line.word(at) for at in range(piece.start - _OWNED_BY, piece.start)}
        between = grammar.scan(line, context, first=piece.start, last=piece.end, ranges=False)
        whole = len(between) != 2 or line.word(piece.start) not in {"de", "del"}
        if whole or before & set(words["intents.unowned"]):
            result.append((piece, False))
        else:
            result += [(between[0], True), (between[1], False)]
    return result


# --- Who and what -----------------------------------------------------------------------


def read_service(line: Line, context: Context, words: Words) -> Understood:
    """The key of the clinic's service named; its common name when no list is given."""
    generic = _generic(line, words)
    if not context.services:
        found = next((name for name in generic if name not in words["clinic.visits"]), None)
        found = found or (generic[0] if generic else None)
        return Understood("service", line.text, found, 0.9 if found else 0.0)
    own = naming.named(line, context.services, words)
    if own:
        return Understood("service", line.text, own.value, own.confidence, None, own.alternatives)
    for name in generic:
        keys = [
            service.key
            for service in context.services
            if any(name in _generic(Line(said), words) for said in service.names)
        ]
        if keys:
            sure = 0.9 if len(keys) == 1 else 0.6
            return Understood("service", line.text, keys[0], sure, None, tuple(keys[1:]))
    return Understood("service", line.text)


def _generic(line: Line, words: Words) -> list[str]:
    """Services of any clinic that the line names, longest phrases only."""
    return [name for name, _, _ in _services(words).find(line, 0, len(line))]


@lru_cache(maxsize=16)
def _services(words: Words) -> Table[str]:
    services = words["clinic.services"]
    return Table((phrase, name) for name, said in services.items() for phrase in said)


def _professional(line: Line, context: Context, words: Words) -> int | str | None:
    """The key of the clinic's professional; "doctora Ruiz" when no list is given."""
    if context.professionals:
        picked = naming.read_professional(line, context, words)
        value: int | str | None = picked.value
        return value if picked.confidence >= _PLAUSIBLE_NAME else None
    for title, start, end in words.table("clinic.titles").find(line, 0, len(line)):
        if line.word(end) == "." and line.glued(end):
            end += 1
        name = _name_at(line, end, words)
        if name and line.word(start - 2) not in words["clinic.employers"]:
            return f"{title} {name}"
    for index in range(len(line)):
        if line.word(index) == "con":
            at = index + 1 + (line.word(index + 1) in {"la", "el"})
            name = _name_at(line, at, words, known_only=True)
            if name:
                return name
    return None


def _name_at(line: Line, index: int, words: Words, *, known_only: bool = False) -> str:
    """One or two words of a person's name at ``index``, as usually written."""
    known = _names(words)
    said: list[str] = []
    for at in range(index, index + 3):
        word = line.word(at)
        token = line.tokens[at] if at < len(line) else None
        if token is None or not token.is_word or word in words["names.never"]:
            break
        if word in known:
            said.append(known[word])
        elif not said and not known_only and len(word) > 2 and word not in words["names.after"]:
            said.append(token.raw[:1].upper() + token.raw[1:])
        else:
            break
    return " ".join(said)


@lru_cache(maxsize=16)
def _names(words: Words) -> dict[str, str]:
    known = names.of(words)
    return known.family | known.given


def _patient(line: Line, words: Words) -> dict[str, Any]:
    """For whom it is: "para mi hijo Lucas"."""
    relations = words.table("clinic.relations")
    possessives = frozenset(words["clinic.possessives"])
    children, articles = words["clinic.children"], words["clinic.articles"]
    for relation, start, end in relations.find(line, 0, len(line)):
        before = line.word(start - 1)
        owned = before in possessives or line.word(start - 2) in possessives
        if not owned and not (relation in children and before in articles):
            continue
        found: dict[str, Any] = {"patient": relation}
        name = _name_at(line, end, words, known_only=True)
        if name:
            found["patient_name"] = name
        return found
    return {}


def read_insurer(line: Line, context: Context, words: Words) -> Understood:
    """The insurer named: its key in the clinic's list, or its usual name."""
    own = naming.named(line, context.insurers, words)
    if own:
        return Understood("insurer", line.text, own.value, own.confidence)
    found = next(words.table("clinic.insurers").find(line, 0, len(line)), None)
    return Understood("insurer", line.text, found[0] if found else None, 0.95 if found else 0.0)
