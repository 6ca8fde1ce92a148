"""The spoken corpus: what callers answer to the machine's questions, and what that means.

``tests/language/spoken`` holds files by variety of Spanish, each with its ``now``,
``country`` and the clinic's own names, then under each question and kind the sentences with
their meaning, written as in :mod:`ivr.bench.language`. ``questions.yaml`` says how the
machine listens after each question. A sentence put together from recordings names them.

Half of the sentences are held out: how the machine hears is tuned on the other half alone.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from ivr.bench.language import CORPUS, as_written, context_of, meaning_of, read_corpus
from ivr.config import settings
from ivr.errors import CallerHungUp
from ivr.flow.conversation import Conversation
from ivr.flow.document import Flow
from ivr.flow.library import load
from ivr.flow.questions import Question, Reading
from ivr.flow.signals import Exhausted, PersonWanted, Signal, Urgent, WantsElse
from ivr.flow.simulate import TextPhone
from ivr.flow.texts import Texts
from ivr.language import Context, understand
from ivr.language.model import LANGUAGES, Named, Option
from ivr.ports import Expectation, Words
from ivr.ports import Turn as Heard

SPOKEN = CORPUS.parent / "spoken"
_QUESTIONS = "questions.yaml"
_ASKED_BACK = "asked back"
Plausible = Literal["ask_back", "take", "refuse"]


@dataclass(frozen=True)
class Turn:
    """One sentence after one question."""

    language: str
    question: str
    kind: str
    """What the sentence is: the kind its meaning is of."""
    text: str
    wanted: Any
    """Its meaning; ``None`` for a red flag that must not fire."""
    context: Context
    expect: Expectation
    reads: tuple[str, ...]
    """Kinds the answer is looked for in, in this order."""
    agreeing: frozenset[str]
    """Wishes that go with a yes."""
    own: frozenset[str]
    """Wishes that are an answer here, not another matter."""
    plausible: Plausible
    """What happens to an answer that is only probably right."""
    recordings: tuple[str, ...] = ()
    """Asterisk's sounds it is put together from; empty: a neural voice says it."""

    @property
    def held_out(self) -> bool:
        """Whether nothing may be tuned on this sentence, whatever voice or line it has."""
        return zlib.crc32(f"split|{self.text}".encode()) % 2 == 1


@dataclass(frozen=True)
class Meaning:
    """What the dialogue took the words for; no ``kind``: it would have asked again."""

    kind: str = ""
    value: Any = None
    asked_back: bool = field(default=False, compare=False)
    """Whether it asked "¿ha dicho…?" first."""


def turns() -> Iterator[Turn]:
    """Every turn of the corpus, in the order of its files."""
    for path in sorted(SPOKEN.glob("*.yaml")):
        if path.name == _QUESTIONS:
            continue
        data = read_corpus(path)
        language = LANGUAGES[data["country"]]
        for question, kinds in data["turns"].items():
            asked = read_corpus(SPOKEN / _QUESTIONS)[question]
            context = replace(context_of(data), options=_offered(data, asked.get("offers", "")))
            expect = _expectation(asked, context, language)
            for kind, sentences in kinds.items():
                for text, written in sentences.items():
                    recorded = isinstance(written, dict) and "sounds" in written
                    yield Turn(
                        language=language,
                        question=question,
                        kind=kind,
                        text=text,
                        wanted=meaning_of(kind, written["means"] if recorded else written),
                        context=context,
                        expect=expect,
                        reads=tuple(asked["reads"].split()),
                        agreeing=frozenset(asked.get("agreeing", "").split()),
                        own=frozenset(asked.get("own", "").split()),
                        plausible=asked.get("plausible", "ask_back"),
                        recordings=tuple(written["sounds"].split()) if recorded else (),
                    )


def _offered(data: dict[str, Any], name: str) -> tuple[Option, ...]:
    """What the machine has just read out."""
    return tuple(
        Option(index, tuple(one["names"]), datetime.fromisoformat(one["at"]))
        for index, one in enumerate(data.get("offers", {}).get(name, ()))
    )


def _expectation(asked: dict[str, str], context: Context, language: str) -> Expectation:
    return Expectation(
        kinds=tuple(asked.get("kinds", asked["reads"]).split()),
        dictation=asked.get("dictation") == "yes",
        hints=_hints(asked.get("hints", ""), context, language),
    )


def _hints(whose: str, context: Context, language: str) -> tuple[str, ...]:
    if whose == "menu":
        choices = _flows()[1][language].choices
        heard = ("pedir_cita", "urgencia", "mis_citas", "horario", "persona")
        return tuple(words for name in heard for words in choices.get(name, ())[:3])
    named: tuple[Named | Option, ...] = ()
    if whose == "clinic":
        named = (*context.services, *context.professionals)
    elif whose == "professionals":
        named = context.professionals
    elif whose == "offers":
        named = context.options
    return tuple(one.names[0] for one in named)


def meaning(turn: Turn, words: Words) -> Meaning:
    """What the real dialogue takes ``words`` for, in the corpus's own shape. A caller who
    is asked back agrees to what is right and to nothing else."""
    taken = _taken(turn, words, turn.plausible)
    if taken.kind != _ASKED_BACK:
        return taken
    meant = _taken(turn, words, "take")
    return replace(meant if is_right(turn, meant) else Meaning(), asked_back=True)


def _taken(turn: Turn, words: Words, plausible: Plausible) -> Meaning:
    texts = _flows()[1][turn.language]
    urgent = turn.kind == "urgency" and turn.wanted is not None
    phone = _OneTurn(words, turn.language, {texts.say("es_urgente", {}): "sí" if urgent else "no"})
    meant = _meant(turn, phone, plausible)
    return replace(meant, asked_back=phone.asked)


def _meant(turn: Turn, phone: "_OneTurn", plausible: Plausible) -> Meaning:
    conversation = Conversation(
        phone,
        _flows()[1][turn.language],
        understand,
        lambda _event: None,
        lambda: turn.context,
        intents=_intents(),
    )

    def read_words(text: str) -> Reading | None:
        readings = [_reading(conversation, turn, kind, text) for kind in turn.reads]
        found = [one for one in readings if one is not None]
        if len(found) > 1 and found[0].value == ("yesno", False):
            return found[1]  # "no, mejor el jueves"
        return found[0] if found else None

    question = Question(
        prompt="no_entendido",
        read_words=read_words,
        plausible=plausible,
        own_intents=_intents() if "intent" in turn.reads else turn.own,
        retries=0,
        silence_retries=0,
    )
    try:
        value = conversation.ask_or_give_up(question).value
    except Urgent as flag:
        return Meaning("urgency", flag.level)
    except PersonWanted:
        return Meaning("intent", as_written("intent", {"intent": "person"}, turn.wanted))
    except WantsElse as other:
        return Meaning("intent", as_written("intent", other.said.value, turn.wanted))
    except CallerHungUp:
        return Meaning(_ASKED_BACK)
    except Exhausted:
        return Meaning()
    except Signal as signal:
        return Meaning("command", type(signal).__name__)
    return Meaning(value[0], as_written(value[0], value[1], turn.wanted))


def is_right(turn: Turn, taken: Meaning) -> bool:
    """Whether the dialogue took the sentence for what it means."""
    if turn.kind == "urgency" and turn.wanted is None:
        return taken.kind != "urgency"
    return taken == Meaning(turn.kind, turn.wanted)


def _reading(conversation: Conversation, turn: Turn, kind: str, text: str) -> Reading | None:
    if kind == "yesno":
        answer = conversation.read_yesno(text, turn.agreeing)
        return answer and Reading((kind, answer.value), answer.confidence, kind, answer.value)
    understood = conversation.understand(kind, text)
    if not understood:
        return None
    return Reading((kind, understood.value), understood.confidence, kind)


class _OneTurn(TextPhone):
    """A line whose caller speaks once, and answers what is asked back; asked anything else,
    there is nobody."""

    def __init__(self, words: Words, language: str, answers: Mapping[str, str]) -> None:
        super().__init__(iter(()), language=language)
        self._words: list[Words] = [words]
        self._answers = answers
        self.asked = False
        """Whether something was asked back."""

    def listen(self, text: str, expect: Expectation) -> Heard:
        if self._words:
            return self._words.pop()
        if text not in self._answers:
            raise CallerHungUp
        self.asked = True
        return Words(self._answers[text], 1.0)


@lru_cache(maxsize=1)
def _flows() -> tuple[dict[str, Flow], dict[str, Texts]]:
    """The clinic's own flows and texts."""
    flows, texts, _ = load(settings().callflows)
    return flows, texts


def _intents() -> frozenset[str]:
    """Wishes the clinic's own flow leads somewhere."""
    return frozenset(_flows()[0]["recepcion"].intents)
