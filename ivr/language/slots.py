"""What a sentence says about an appointment: when, with whom, what for, for whom."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ivr.language import combine, hours, moments, names, naming
from ivr.language.model import Context, Dates, Moment, Named, Times
from ivr.language.moments import Said
from ivr.language.phrases import Table
from ivr.language.tokens import Line, fold
from ivr.language.words import Words

_SURE_NAME = 0.9


def read(line: Line, intent: str, context: Context, words: Words) -> dict[str, Any]:
    """The slots of a sentence, in the shapes of their kinds; only what was said."""
    found: dict[str, Any] = {}
    service = _service(line, context, words)
    if service is not None:
        found["service"] = service
    professional = _professional(line, context, words)
    if professional is not None:
        found["professional"] = professional
    branch = _named(line, context.branches, words)
    if branch is not None:
        found["branch"] = branch
    found |= _when(line, intent, context, words)
    found |= _patient(line, context, words)
    insurer = _insurer(line, context, words)
    if insurer is not None:
        found["insurer"] = insurer
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
    if moment and moment.times and not (moment.times == Times()):
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
    for piece in _uncut(line, context, words):
        said = _role(line, begin, piece, words)
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
        if marker and marker[1] <= piece.start + 1:
            role, index = "present", max(marker[1], index + 1)
            continue
        if wanted.match(line, index) and (index < piece.start or line.word(index) in {"al", "para"}):
            role = "wanted"
        index += 1
    return role


def _uncut(line: Line, context: Context, words: Words) -> list[Said]:
    """As scanned, but "la cita del viernes al lunes" is two days, no range."""
    grammar = moments.of(words)
    result: list[Said] = []
    for piece in grammar.scan(line, context):
        before = line.word(piece.start - 1)
        if line.word(piece.start) in {"de", "del"} and before in words["intents.owned"]:
            result += grammar.scan(
                line, context, first=piece.start, last=piece.end, ranges=False
            )
        else:
            result.append(piece)
    return result


# --- Who and what -----------------------------------------------------------------------


def _service(line: Line, context: Context, words: Words) -> int | str | None:
    generic = _generic(line, words)
    own = _named(line, context.services, words)
    if own is not None:
        return own
    if not context.services:
        return generic[0] if generic else None
    for name in generic:
        for service in context.services:
            if any(name in _generic(Line(said), words) for said in service.names):
                return service.key
    return None


def _generic(line: Line, words: Words) -> list[str]:
    """Services of any clinic that the line names, longest phrases only."""
    table = _services(words)
    return [name for name, _, _ in table.find(line, 0, len(line))]


@lru_cache(maxsize=16)
def _services(words: Words) -> Table[str]:
    services = words["clinic.services"]
    return Table((phrase, name) for name, said in services.items() for phrase in said)


def _named(line: Line, things: Sequence[Named], words: Words) -> int | str | None:
    """The thing whose whole name is heard."""
    heard = f" {line.bare} "
    for thing in things:
        if any(f" {fold(name)} " in heard for name in thing.names):
            return thing.key
    found = naming.matches(line, things, words) if things else []
    sure = [match for match in found if match.score >= _SURE_NAME]
    return sure[0].key if len(sure) == 1 else None


def _professional(line: Line, context: Context, words: Words) -> int | str | None:
    titles = words.table("clinic.titles")
    for title, start, end in titles.find(line, 0, len(line)):
        if line.word(end) == "." and line.glued(end):
            end += 1
        name = _name_at(line, end, words)
        if not name:
            continue
        if context.professionals:
            picked = naming.pick(
                "professional", Line(line.source[line.tokens[start].start :]), context.professionals, words
            )
            return picked.value if picked.confidence >= 0.5 else None
        return f"{title} {name}"
    for index in range(len(line)):
        if line.word(index) != "con" or not line.word(index + 1):
            continue
        at = index + 1 + (line.word(index + 1) in {"la", "el"})
        if context.professionals:
            nearby = Line(" ".join(line.word(n) for n in range(at, at + 3)))
            picked = naming.pick("professional", nearby, context.professionals, words)
            if picked.confidence >= 0.8:
                return picked.value
        else:
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


def _patient(line: Line, context: Context, words: Words) -> dict[str, Any]:
    """For whom it is: "para mi hijo Lucas"."""
    relations = words.table("clinic.relations")
    possessives = frozenset(words["clinic.possessives"])
    for relation, start, end in relations.find(line, 0, len(line)):
        if line.word(start - 1) not in possessives:
            continue
        found: dict[str, Any] = {"patient": relation}
        name = _name_at(line, end, words, known_only=True)
        if name:
            found["patient_name"] = name
        return found
    return {}


def _insurer(line: Line, context: Context, words: Words) -> int | str | None:
    own = _named(line, context.insurers, words)
    if own is not None:
        return own
    found = next(words.table("clinic.insurers").find(line, 0, len(line)), None)
    return found[0] if found else None
