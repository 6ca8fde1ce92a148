"""Words that a turn makes likely, handed to a recognizer before it listens."""

import re

from ivr.language import Words as KnownWords
from ivr.language import known_in_name, likely_name
from ivr.language import load as load_words
from ivr.ports import Alternative, Expectation, Words

_LIKELY = {
    "yesno": ("sí", "no", "claro", "de acuerdo", "eso es", "correcto"),
    "choice": ("la primera", "la segunda", "la última", "la de las diez"),
    "name": ("me llamo María Carmen García", "soy José Antonio Rodríguez", "Ana Isabel González"),
    "number": ("tres", "doce", "veinticinco", "cuarenta y dos", "mil doscientos"),
    "minutes": ("diez minutos", "un cuarto de hora", "media hora"),
    "phone": ("seis uno dos, treinta y cuatro, cero cero",),
    "birth_date": ("14 de marzo de 1988", "uno de enero del 62"),
    "date": (
        *("lunes", "martes", "miércoles", "jueves", "viernes", "sábado"),
        *("hoy", "mañana", "la semana que viene", "el 14 de marzo"),
    ),
    "time": ("a las diez y media", "por la mañana", "por la tarde", "a las cinco"),
    "intent": ("quería pedir cita", "cambiar", "anular", "una persona"),
}
"""By kind of :mod:`ivr.language`. Only ways of speaking: names come as hints. Figures that are
dictated are written in words: written as figures, zeros and groups get lost."""
_ALSO = {"datetime": ("date", "time"), "slot": ("date", "time"), "choice": ("choice", "yesno")}


_CLEAR_NAME = 0.6
"""Confidence from which a name is believed as one of the readings has it, however rare."""

_NEARLY = 0.9
"""Of the likeliest reading's confidence, what another needs to be about as likely."""
_SOUNDS_LIKE_YES = re.compile(r"(?:c|ce|ci|se|si|sie|sí)[.,!]?", re.IGNORECASE)


def respelled(text: str, expect: Expectation) -> str:
    """A lone syllable written as the answer it can only be: "c" to a yes-or-no question."""
    if "yesno" in expect.kinds and _SOUNDS_LIKE_YES.fullmatch(text.strip()):
        return "Sí"
    return text


def with_likely_names(words: Words, expect: Expectation, language: str) -> Words:
    """A name that was heard badly with the likeliest names in place of what is none: it is
    read back anyway. As it was heard it stays among the alternatives."""
    if "name" not in expect.kinds or not language.startswith("es"):
        return words
    if not words.text:
        return words
    known = load_words(language)
    words = _names_first(words, known)
    if words.confidence >= _CLEAR_NAME:
        return words
    heard = (Alternative(words.text, words.confidence), *words.alternatives)
    likely = {likely_name(one.text, known): one.confidence for one in reversed(heard)}
    first, *others = [Alternative(text, likely[text]) for text in reversed(likely)]
    kept = [one for one in heard if one.text not in likely]
    return Words(first.text, words.confidence, (*others, *kept))


def _names_first(words: Words, known: KnownWords) -> Words:
    """Of readings about as likely and as long, the one with most words that are names:
    "López", not "loco"."""
    heard = (Alternative(words.text, words.confidence), *words.alternatives)
    length, names = known_in_name(words.text, known)
    best, most = heard[0], names
    for one in heard:
        same = one.confidence >= _NEARLY * words.confidence and known_in_name(one.text, known)
        if same and same[0] == length and same[1] > most:
            best, most = one, same[1]
    if best is heard[0]:
        return words
    return Words(best.text, best.confidence, tuple(one for one in heard if one is not best))


def context(expect: Expectation, language: str) -> tuple[str, ...]:
    """Likely words of the turn, the clinic's own first; Spanish only."""
    if not language.startswith("es"):
        return expect.hints
    kinds = [plain for kind in expect.kinds for plain in _ALSO.get(kind, (kind,))]
    likely = [word for kind in dict.fromkeys(kinds) for word in _LIKELY.get(kind, ())]
    return (*expect.hints[:20], *likely)
