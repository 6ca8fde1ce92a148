"""The dialogue with one caller: saying, asking, and what works in every question.

A question that is not understood is asked again in other words, then with the keys told
aloud, and then a person takes over. Red flags, "persona" or 0, "repita", "más despacio"
and "atrás" are heard in all of them. Pure: the line, the words' meaning and the event
stream come from outside.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from ivr.flow.events import (
    EventBase,
    PersonRequested,
    PromptSaid,
    TurnHeard,
    TurnKeys,
    TurnNotUnderstood,
    TurnSilent,
    TurnUnderstood,
)
from ivr.flow.plain import plain
from ivr.flow.questions import (
    AUDIBLE,
    PLAUSIBLE,
    SURE,
    Answer,
    Question,
    Reading,
    clean,
    is_clear,
    json_able,
)
from ivr.flow.red_flags import RedFlags
from ivr.flow.signals import Exhausted, GoBack, PersonWanted, Restart, WantsElse
from ivr.flow.speak import slowly
from ivr.flow.texts import Texts
from ivr.language.model import Context, Understood
from ivr.ports import Expectation, Keys, Phone, Silence, Turn, Words

PATIENCE_S, LONG_PATIENCE_S = 5.0, 20.0
"""How long a turn waits; the long one after "espere un momento"."""
TURNING = frozenset({"cancel", "move", "opt_out", "complaint", "person"})
"""Intents that make "sí, quiero…" something else than a yes."""
COMMANDS = {
    "persona": "person",
    "atras": "back",
    "repetir": "repeat",
    "despacio": "slower",
    "menu": "restart",
}
"""Choices of the texts that are commands of :mod:`ivr.language` in other words."""


class Understand(Protocol):
    """:func:`ivr.language.understand`."""

    def __call__(self, kind: str, text: str, context: Context) -> Understood: ...


Again = Literal["repeat", "wait"]
"""The turn was no answer, and no failure either: say it again, or just listen on."""


@dataclass(frozen=True)
class Line:
    """One line of the conversation, for the agent who may take over."""

    who: Literal["caller", "machine"]
    text: str


class Conversation:
    """The dialogue of one call."""

    def __init__(
        self,
        phone: Phone,
        texts: Texts,
        understand: Understand,
        emit: Callable[[EventBase], None],
        context: Callable[[], Context],
        values: Mapping[str, str] | None = None,
        intents: frozenset[str] = frozenset(),
    ) -> None:
        self.phone = phone
        self.texts = texts
        self.emit = emit
        self.context = context
        self.values = dict(values or {})
        """Placeholders every prompt may use."""
        self.intents = intents
        """Intents the flow leads somewhere: heard in any question."""
        self.said: Understood | None = None
        """What the caller wanted when they last named a matter; actions take it."""
        self.transcript: list[Line] = []
        self._understand = understand
        self._slow = False
        self._by_keys = False
        self._red_flags = RedFlags(
            self.understand, emit, self.ask_or_give_up, self.read_yesno, intents
        )

    # --- Saying ------------------------------------------------------------------------

    @property
    def language(self) -> str:
        """Language of the prompts."""
        return self.texts.language

    @property
    def by_keys(self) -> bool:
        """Whether this caller goes by keys: pressed last, or cannot be heard."""
        return self._by_keys or not self.phone.can_hear

    def text(self, key: str, /, **values: str) -> str:
        """The prompt's wording in the call's language."""
        text = self.texts.say(key, {**self.values, **values})
        return text[:1].upper() + text[1:] if text.endswith((".", "?", "!")) else text

    def say(self, key: str, /, **values: str) -> None:
        """Say a prompt."""
        text = self._spoken(key, values)
        self.phone.say(text)

    def foresee(self, key: str, /, **values: str) -> None:
        """A prompt that varies may soon be said: have it spoken while the caller is busy."""
        text = self.text(key, **values)
        self.phone.foresee(slowly(text) if self._slow else text)

    def understand(self, kind: str, text: str, **context: Any) -> Understood:
        """The meaning of ``text``; ``context`` adds what only this question knows."""
        return self._understand(kind, text, replace(self.context(), **context))

    def take_said(self, *intents: str) -> Understood | None:
        """What was said when the matter was named, once, if it was one of ``intents``."""
        said = self.said
        if said is None or said.value.get("intent") not in intents:
            return None
        self.said = None
        return said

    # --- Asking ------------------------------------------------------------------------

    def ask(self, question: Question) -> Answer:
        """Ask until there is an answer. Raises a :class:`~ivr.flow.signals.Signal`."""
        try:
            return self.ask_or_give_up(question)
        except Exhausted:
            self.emit(PersonRequested(how="fallback"))
            raise PersonWanted("fallback") from None

    def ask_or_give_up(self, question: Question) -> Answer:
        """Like :meth:`ask`, but raises Exhausted when the tries are used up."""
        failures = silences = 0
        fresh = question.fresh
        key, waiting = self._wording(question, 0), False
        while True:
            text = "" if waiting else self._spoken(key, question.values)
            could_hear = self.phone.can_hear
            patience = LONG_PATIENCE_S if waiting else PATIENCE_S
            turn = self._listen(text, replace(question, fresh=fresh), patience)
            waiting, fresh = False, fresh and isinstance(turn, Keys)  # it has now been heard
            if could_hear and not self.phone.can_hear and not isinstance(turn, Keys):
                self.say("voz_no_disponible")
                key = question.keys_prompt or question.prompt
                continue
            if isinstance(turn, Silence) and not turn.noise:
                silences += 1
                if silences > question.silence_retries:
                    raise Exhausted(silent=failures == 0)
                self.say("no_oido")
                key = self._wording(question, silences + failures)
                continue
            answer = self._answer(turn, question)
            if isinstance(answer, Answer):
                return answer
            if answer is not None:
                waiting = answer == "wait"
                continue
            failures += 1
            self.emit(TurnNotUnderstood(attempt=failures))
            if isinstance(turn, Keys):
                self.phone.forget_keys()
            if failures > question.retries:
                raise Exhausted(silent=False)
            self.say("no_entendido" if failures == 1 or self.by_keys else "usar_teclas")
            key = self._wording(question, silences + failures)

    def yesno(
        self,
        prompt: str,
        /,
        *,
        keys_prompt: str = "",
        agreeing: frozenset[str] = frozenset(),
        fresh: bool = False,
        **values: str,
    ) -> bool:
        """Ask a yes-or-no question: 1 or "sí", 2 or "no". ``agreeing``: see
        :meth:`read_yesno`; ``fresh``: see :class:`Question`."""
        return bool(
            self.ask(
                Question(
                    prompt=prompt,
                    keys_prompt=keys_prompt,
                    read_words=lambda words: self.read_yesno(words, agreeing),
                    read_keys={"1": True, "2": False}.get,
                    kinds=("yesno",),
                    fresh=fresh,
                    values=values,
                    plausible="refuse",
                    own_intents=agreeing,
                )
            ).value
        )

    def read_yesno(self, words: str, agreeing: frozenset[str] = frozenset()) -> Reading | None:
        """Yes or no in the call's language.

        A sentence that asks for something else ("quiero cancelar") is no yes, even where
        it sounds like one, unless its intent is ``agreeing`` with the question. Thanks ask for
        nothing.
        """
        chosen = self.texts.choose(("si", "no"), words)
        if chosen and chosen[1] == 1.0:
            return Reading(chosen[0] == "si", 1.0, "yesno")
        reading = self.read("yesno", words)
        intent = self.understand("intent", words)
        name = intent.value["intent"] if intent else ""
        only_thanks = name == "goodbye" and intent.confidence < SURE
        if reading is None or not name or name in agreeing or only_thanks:
            return reading
        if reading.value is False:
            return None if name == "opt_out" else reading
        begins_with_yes = any(
            f"{plain(words)} ".startswith(f"{phrase} ") for phrase in self.texts.choices["si"]
        )
        return reading if begins_with_yes and name not in TURNING else None

    def read(self, kind: str, words: str, **context: Any) -> Reading | None:
        """The meaning of ``words`` as ``kind``, if any."""
        understood = self.understand(kind, words, **context)
        if not understood:
            return None
        value = understood.reading if understood.reading is not None else understood.value
        return Reading(value, understood.confidence, kind)

    # --- Within a question ---------------------------------------------------------------

    def _wording(self, question: Question, tries: int) -> str:
        if (self.by_keys or tries >= 2) and question.keys_prompt:
            return question.keys_prompt
        if tries == 1 and question.again:
            return question.again
        return question.prompt

    def _spoken(self, key: str, values: Mapping[str, str]) -> str:
        text = self.text(key, **values)
        self.emit(PromptSaid(key=key, text=text))
        self.transcript.append(Line("machine", text))
        return slowly(text) if self._slow else text

    def _listen(self, text: str, question: Question, patience: float) -> Turn:
        turn = self.phone.listen(
            text,
            Expectation(
                kinds=question.kinds,
                keys=question.keys,
                silence_s=patience,
                hints=question.hints,
                dictation=question.dictation,
                fresh=question.fresh,
                voice=self.phone.can_hear,
            ),
        )
        turn = clean(turn)
        match turn:
            case Words():
                self.emit(
                    TurnHeard(
                        text=turn.text,
                        confidence=turn.confidence,
                        alternatives=[other.text for other in turn.alternatives],
                    )
                )
                self.transcript.append(Line("caller", turn.text))
                self._by_keys = False
            case Keys():
                self.emit(TurnKeys(keys=turn.digits))
                self._by_keys = True
            case Silence():
                self.emit(TurnSilent(noise=turn.noise))
        return turn

    def _answer(self, turn: Turn, question: Question) -> Answer | Again | None:
        match turn:
            case Keys():
                return self._keyed(turn.digits, question)
            case Words():
                return self._worded(turn, question)
            case Silence():
                return None

    def _keyed(self, digits: str, question: Question) -> Answer | None:
        value = question.read_keys(digits) if question.read_keys else None
        if isinstance(value, Reading):
            self.emit(TurnUnderstood(kind=value.kind, value=json_able(value.shown)))
            return Answer(value.value, "key")
        if value is not None:
            self.emit(TurnUnderstood(kind="keys", value=json_able(value)))
            return Answer(value, "key")
        if digits == "0":
            self.emit(PersonRequested(how="key"))
            raise PersonWanted("key")
        if digits == "*":
            raise GoBack
        return None

    def _worded(self, turn: Words, question: Question) -> Answer | Again | None:
        if self._red_flags.mind(turn):
            return "repeat"
        if turn.confidence < AUDIBLE:
            return None
        again = self._obeyed(turn.text)
        if again is not None:
            return again
        intent = self.understand("intent", turn.text)
        if intent and intent.value["intent"] == "person" and intent.confidence >= SURE:
            self._person_by_voice()
        text, reading = self._read_as(turn, question)
        if reading is not None:
            sure = reading.confidence >= SURE and is_clear(turn, question, reading)
            if sure or self._accepts(question, text):
                self.emit(
                    TurnUnderstood(
                        kind=reading.kind,
                        value=json_able(reading.value if reading.shown is None else reading.shown),
                        confidence=round(min(reading.confidence, turn.confidence), 3),
                    )
                )
                return Answer(reading.value, "voice", text)
            return None
        self._mind_other_matters(intent, question)
        return None

    def _read_as(self, turn: Words, question: Question) -> tuple[str, Reading | None]:
        """The likeliest words that answer the question. Where the answer is read back later
        anyway, others that answer it more surely go before those ("Cuadalupe", "Guadalupe").
        """
        found: tuple[str, Reading | None] = turn.text, None
        for text in (turn.text, *(other.text for other in turn.alternatives)):
            reading = question.read_words(text) if question.read_words else None
            if reading is None or reading.confidence < PLAUSIBLE:
                continue
            if reading.confidence >= SURE or question.plausible != "take":
                return text, reading
            if found[1] is None:
                found = text, reading
        return found

    def _accepts(self, question: Question, words: str) -> bool:
        """Whether a plausible answer counts; the caller is asked where need be."""
        if question.plausible == "ask_back":
            return self.yesno("ha_dicho", fresh=question.fresh, words=words)
        return question.plausible == "take"

    def _obeyed(self, words: str) -> Again | None:
        """Do what works everywhere: a person, back, menu, repeat, slower, wait."""
        name = next((name for name in COMMANDS if self.texts.is_choice(name, words)), "")
        match COMMANDS.get(name) or self.understand("command", words).value:
            case "person":
                self._person_by_voice()
            case "back":
                raise GoBack
            case "restart":
                raise Restart
            case "slower":
                self._slow = True
                return "repeat"
            case "repeat" | "louder":
                return "repeat"
            case "wait":
                return "wait"
        return None

    def _person_by_voice(self) -> None:
        self.emit(PersonRequested(how="voice"))
        raise PersonWanted("voice")

    def _mind_other_matters(self, intent: Understood, question: Question) -> None:
        if not intent or intent.confidence < SURE:
            return
        name = intent.value["intent"]
        if name in self.intents and name not in question.own_intents:
            raise WantsElse(name, intent)
