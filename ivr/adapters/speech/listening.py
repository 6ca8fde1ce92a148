"""One line's turns, from sound to words. Pure: told of sound, time and decodings, it says
what to do next, so that a whole turn can be played in no time."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from ivr.adapters.speech.endpoint import (
    Began,
    Ended,
    Endpointer,
    Murmured,
    Paused,
    Resumed,
    Signal,
)
from ivr.ports import Expectation, Samples, Words

ANSWER_WITHIN_S = 2.5
"""From the end of speech to a result; then the turn failed and the call goes on by keys."""
_SAME_TURN_S, _SAME_QUESTION_S = 0.5, 3.0
"""A turn set so soon after the prompt was stopped is the same turn going on: whatever it
expects, or where it expects the same. A busy switch may take its time."""

SHORT_ANSWER = 0.4
"""Confidence from which a murmur that is a whole answer counts as one."""


class Fullness(IntEnum):
    """How much of an answer words are."""

    OPEN = 0
    """None yet, or one that is going on."""
    ANSWER = 1
    """One that may still go on: "quería pedir cita"."""
    WHOLE = 2
    """One that cannot: "a las diez y media"."""


Judge = Callable[[str, Expectation], Fullness]
"""How full an answer words are to a turn: the fuller, the sooner it ends."""


@dataclass(frozen=True)
class StopPrompt:
    """Tell the phone that somebody speaks."""


@dataclass(frozen=True)
class Decode:
    """Decode ``speech``; report under ``number``. ``early``: it may still go on."""

    number: int
    speech: Samples
    early: bool


@dataclass(frozen=True)
class Hurry:
    """The utterance decoded under ``number`` has ended: it is waited for."""

    number: int


@dataclass(frozen=True)
class Drop:
    """The decoding ``number`` is of no use any more."""

    number: int


@dataclass(frozen=True)
class Heard:
    """The turn's outcome; ``words`` None: listening failed."""

    words: Words | None


Deed = StopPrompt | Decode | Hurry | Drop | Heard


class Listening:
    """The state of one line."""

    def __init__(
        self,
        endpointer: Endpointer,
        judge: Judge,
        *,
        answer_within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self._line = endpointer
        self._judge = judge
        self._answer_within_s = answer_within_s
        self._expect = Expectation()
        self._offset = 0
        self._pause = 0
        self._words: Words | None = None
        self._fullness = Fullness.OPEN
        self._decoding = False
        self._murmur = False
        self._failed = False
        self._ended_at: float | None = None
        self._began_at: float | None = None

    @property
    def busy(self) -> bool:
        """Whether time matters to it now."""
        return self._line.speaking or self._line.murmuring or self._ended_at is not None

    def turn(self, expect: Expectation, now: float) -> list[Deed]:
        """The phone is about to listen."""
        before, self._expect = self._expect, expect
        if self._goes_on(before, now):
            self._line.retune(expect)
            return []
        deeds = self._drop()
        self._offset += self._pause + 1
        self._pause = 0
        self._ended_at = self._began_at = None
        self._line.start(expect)
        return deeds

    def _goes_on(self, before: Expectation, now: float) -> bool:
        """Whether the turn now set is the one that has begun."""
        if not self._line.speaking or self._began_at is None:
            return False
        same = before.kinds == self._expect.kinds and before.hints == self._expect.hints
        return now - self._began_at < (_SAME_QUESTION_S if same else _SAME_TURN_S)

    def sound(self, samples: Samples, now: float) -> list[Deed]:
        """Sound arrived."""
        return self._follow(self._line.feed(samples, now), now)

    def tick(self, now: float) -> list[Deed]:
        """Time passed."""
        return self._follow(self._line.tick(now), now)

    def decoded(self, number: int, words: Words | None, now: float) -> list[Deed]:
        """A decoding is done; None: it failed."""
        if number != self._offset + self._pause or not self._decoding:
            return []
        self._decoding = False
        self._words, self._failed = words, words is None
        self._fullness = self._judge(words.text, self._expect) if words else Fullness.OPEN
        return self._conclude(now)

    def _follow(self, signals: list[Signal], now: float) -> list[Deed]:
        deeds: list[Deed] = []
        for signal in signals:
            match signal:
                case Began():
                    self._began_at = now
                    deeds += [*self._drop(), StopPrompt()]
                case Murmured(number, speech):
                    deeds += [*self._drop(), *self._decode(number, speech, early=True)]
                    self._murmur = True
                case Paused(number, speech):
                    deeds += self._decode(number, speech, early=True)
                case Resumed():
                    deeds += self._drop()
                case Ended(number, speech):
                    self._ended_at = now
                    if number != self._pause or self._failed:
                        deeds += self._decode(number, speech, early=False)
                    elif self._decoding:
                        deeds.append(Hurry(self._offset + number))
        return deeds + self._conclude(now)

    def _decode(self, pause: int, speech: Samples, *, early: bool) -> list[Deed]:
        self._pause = pause
        self._words, self._failed, self._decoding = None, False, True
        return [Decode(self._offset + pause, speech, early)]

    def _drop(self) -> list[Deed]:
        dropped: list[Deed] = [Drop(self._offset + self._pause)] if self._decoding else []
        self._decoding, self._words, self._failed = False, None, False
        self._murmur = False
        return dropped

    def _conclude(self, now: float) -> list[Deed]:
        """The outcome, once it is certain."""
        if self._murmur:
            if not self._is_answer(self._words):
                return []
        elif self._ended_at is None:
            if self._words is None or not self._line.speaking:
                return []
            if self._line.pause_s < self._line.tuning.patience_s[self._fullness]:
                return []
        elif self._decoding and now - self._ended_at < self._answer_within_s:
            return []
        outcome = Heard(None if self._failed else self._words)
        self._line.finish()
        self._ended_at = self._began_at = None
        return [*self._drop(), outcome]

    def _is_answer(self, words: Words | None) -> bool:
        if words is None or words.confidence < SHORT_ANSWER:
            return False
        return self._fullness is Fullness.WHOLE
