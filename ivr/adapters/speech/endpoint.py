"""When a caller began and ended to speak. Pure: driven by frames and by the clock.

Frames may stop (silence suppression, a lost network), so the end of an utterance is also
found by :meth:`Endpointer.tick`. All moments are seconds of one monotonic clock.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ivr.adapters.speech.audio import TELEPHONE_RATE, power, silence
from ivr.adapters.speech.vad import CHUNK, CHUNK_S
from ivr.ports import Expectation, Samples

_ONE_WORD = frozenset({"yesno", "number", "minutes", "choice"})


@dataclass(frozen=True)
class Tuning:
    """Patience, in seconds; probabilities are the voice detector's."""

    speech: float = 0.5
    silence: float = 0.35
    barge_in_s: float = 0.128
    """Voice needed before a prompt is stopped: a cough or a click is shorter."""
    murmur: float = 0.7
    """Sum of the probabilities, :data:`CHUNK_S` each, of a voice too short to stop a prompt
    that may still be a whole answer: "sí" can last 0.2 s. A cough has next to none."""
    murmurs: bool = False
    """Whether such an answer can be whole in this turn."""
    resume_s: float = 0.064
    early_s: float = 0.09
    """Pause after which decoding begins, in case nothing follows."""
    complete_s: float = 0.25
    """Pause that ends an utterance which is complete for its turn."""
    answer_s: float = 0.45
    """Pause that ends an utterance which answers its turn, but may go on."""
    end_s: float = 0.7
    """Pause that ends any utterance."""
    longest_s: float = 13.0
    """The phone gives up on a speaker after 15 s."""
    before_s: float = 0.3
    """Sound kept from before the first voice."""
    faint_db: float = 10.0
    """A voice so far under the caller's own is somebody else's, where others are heard."""
    noisy_db: float = 28.0
    """Others are heard where the quietest sound is no farther under the caller's voice."""
    masked_s: float = 0.2
    """How long the end of what is said may be too soft to be told from noise beside it."""
    after_s: float = 0.2
    """Sound kept after the last voice."""

    @property
    def patience_s(self) -> tuple[float, float, float]:
        """The pause that ends what is no answer yet, an answer, a complete one."""
        return self.end_s, min(self.answer_s, self.end_s), self.complete_s

    @classmethod
    def for_turn(cls, expect: Expectation) -> "Tuning":
        """Longer patience for dictated figures and spelling, shorter for short answers."""
        if expect.dictation:
            goes_on = 0.7 if expect.kinds == ("birth_date",) else 1.4
            return cls(end_s=1.4, answer_s=goes_on, complete_s=0.3, longest_s=26.0)
        murmurs = not _ONE_WORD.isdisjoint(expect.kinds)
        if expect.kinds and set(expect.kinds) <= _ONE_WORD | {"time"}:
            return cls(end_s=0.55, murmurs=murmurs)
        return cls(murmurs=murmurs)


@dataclass(frozen=True)
class Began:
    """Somebody speaks: stop the prompt."""


@dataclass(frozen=True)
class Murmured:
    """Something short was said, or was no voice at all; the prompt goes on. ``number`` is
    counted with the pauses."""

    number: int
    speech: Samples


@dataclass(frozen=True)
class Paused:
    """A pause began that may be the end. ``number`` counts the pauses of the turn."""

    number: int
    speech: Samples


@dataclass(frozen=True)
class Resumed:
    """The speaker went on after pause ``number``."""

    number: int


@dataclass(frozen=True)
class Ended:
    """The utterance is over; ``number`` is the pause that ended it, whose ``Paused`` holds
    the same speech."""

    number: int
    speech: Samples


Signal = Began | Murmured | Paused | Resumed | Ended

FRAMES_LATE_S = 0.08
_TICK_MOST_S = FRAMES_LATE_S
_MURMUR_MOST_S = 0.6
_FAINT = 0.2
_REMEMBERED = 1000
"""Chunks whose loudness is remembered: half a minute."""
_FIRST_WORDS_S = 1.5
"""How long before a voice is noticed its first, soft words may have been."""
_FIRST_DB, _FIRST_GAP_S = 12.0, 0.3
"""Sound no farther under the first voice, and no longer before it, is its beginning."""


class _Mean:
    """The mean of what was added; 0 before."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    def add(self, value: float) -> None:
        self._sum += value
        self._count += 1

    @property
    def value(self) -> float:
        return self._sum / self._count if self._count else 0.0


class Endpointer:
    """One line. ``voice`` judges chunks of :data:`ivr.adapters.speech.vad.CHUNK` samples."""

    def __init__(self, voice: Callable[[Samples], float]) -> None:
        self._voice = voice
        self.tuning = Tuning()
        self._pending = np.zeros(0, np.float32)
        self._seen = 0.0
        self._forget()

    def start(self, expect: Expectation) -> None:
        """A new turn: whatever was heard before is over."""
        self.tuning = Tuning.for_turn(expect)
        self._forget()

    def retune(self, expect: Expectation) -> None:
        """The same turn goes on, with another expectation."""
        self.tuning = Tuning.for_turn(expect)

    def _forget(self) -> None:
        self.speaking = False
        self.finished = False
        self._pauses = 0
        self._paused = False
        self._voiced_s = 0.0
        self._quiet_s = 0.0
        self._quietest = 0.0
        self._gap_s = 0.0
        self._murmur = 0.0
        self._loud = _Mean()
        self._powers: deque[float] = deque(maxlen=_REMEMBERED)
        most_s = self.tuning.before_s + _FIRST_WORDS_S
        self._kept: deque[tuple[Samples, bool]] = deque(maxlen=round(most_s / CHUNK_S))
        self._speech: list[Samples] = []
        self._speech_s = 0.0

    @property
    def _masked_s(self) -> float:
        """How much of the present pause may be the end of what is said; nothing hides it on a
        line that has gone silent."""
        if self._gap_s > FRAMES_LATE_S:
            return 0.0
        masked = self._quietest > self._loud.value * 10 ** (-self.tuning.noisy_db / 10)
        return self.tuning.masked_s if masked and self._quiet_s else 0.0

    @property
    def murmuring(self) -> bool:
        """Whether something short may just have been said."""
        return self._murmur >= self.tuning.murmur

    @property
    def pause_s(self) -> float:
        """Length of the present pause in the utterance."""
        gap_s = self._gap_s if self._gap_s > FRAMES_LATE_S else 0.0
        return max(0.0, self._quiet_s + gap_s - self._masked_s)

    def feed(self, samples: Samples, now: float) -> list[Signal]:
        """Sound arrived (any number of samples, 8 kHz)."""
        if self.speaking and self._gap_s > FRAMES_LATE_S:
            self._quiet_s += self._gap_s
            self._keep(silence(self._gap_s, TELEPHONE_RATE))
        self._seen, self._gap_s = now, 0.0
        self._pending = np.concatenate([self._pending, samples])
        signals: list[Signal] = []
        while len(self._pending) >= CHUNK:
            chunk, self._pending = self._pending[:CHUNK], self._pending[CHUNK:]
            signals += self._hear(chunk)
        return signals

    def tick(self, now: float) -> list[Signal]:
        """Time passed; call it every 20-50 ms. A late call is not taken for a long silence:
        the frames of that time are still to come."""
        self._gap_s += min(max(0.0, now - self._seen), _TICK_MOST_S)
        self._seen = now
        return self._judge_pause() if self.speaking else self._judge_murmur()

    def finish(self) -> None:
        """The turn is over: an early decoding was complete."""
        self.finished = True
        self.speaking = False

    def _hear(self, chunk: Samples) -> list[Signal]:
        if self.finished:
            return []
        probability = self._voice(chunk)
        self._powers.append(power(chunk))
        if not self.speaking:
            return self._wait_for_voice(chunk, probability)
        self._keep(chunk)
        signals: list[Signal] = []
        faint = self._is_faint(probability)
        if probability >= self.tuning.speech and not faint:
            self._voiced_s += CHUNK_S
            if not self._paused or self._voiced_s >= self.tuning.resume_s:
                self._quiet_s = 0.0
                if self._paused:
                    self._paused = False
                    signals.append(Resumed(self._pauses))
        elif faint or probability < self.tuning.silence or self._paused:
            before = self._quietest if self._quiet_s else self._powers[-1]
            self._quietest = min(before, self._powers[-1])
            self._voiced_s = 0.0
            self._quiet_s += CHUNK_S
        return signals + self._judge_pause()

    def _is_faint(self, probability: float) -> bool:
        """Whether this voice is too far under the caller's to be more of it."""
        if probability < self.tuning.speech:
            return False
        power = self._powers[-1]
        if power < self._loud.value * 10 ** (-self.tuning.faint_db / 10):
            return self._is_noisy(self._loud.value)
        self._loud.add(power)
        return False

    def _wait_for_voice(self, chunk: Samples, probability: float) -> list[Signal]:
        self._kept.append((chunk, probability >= self.tuning.speech))
        if probability >= self.tuning.speech:
            self._voiced_s += CHUNK_S
        elif probability < self.tuning.silence:
            self._voiced_s = max(0.0, self._voiced_s - CHUNK_S)
        if self._voiced_s < self.tuning.barge_in_s:
            return self._note_murmur(probability)
        self.speaking = True
        for kept, voiced in list(self._kept)[max(0, self._first_sound() - self._before) :]:
            self._keep(kept)
            if voiced:
                self._loud.add(power(kept))
        self._quiet_s = self._murmur = 0.0
        return [Began()]

    def _first_sound(self) -> int:
        """Which of the kept chunks the caller began in: a first "tres" can be as loud as
        what follows and not yet be noticed as a voice. Where others are heard, only what
        reaches the first voice without a gap is the caller's."""
        first = next(index for index, (_, voiced) in enumerate(self._kept) if voiced)
        loud = _Mean()
        for kept, voiced in self._kept:
            if voiced:
                loud.add(power(kept))
        gap = 0 if self._is_noisy(loud.value) else round(_FIRST_GAP_S / CHUNK_S)
        begun = first
        for index in range(first - 1, -1, -1):
            if power(self._kept[index][0]) >= loud.value * 10 ** (-_FIRST_DB / 10):
                begun = index
            elif begun - index > gap:
                break
        return begun

    def _is_noisy(self, loudness: float) -> bool:
        """Whether others are heard beside a voice of ``loudness``."""
        quietest = float(np.percentile(list(self._powers), 10))
        return quietest > loudness * 10 ** (-self.tuning.noisy_db / 10)

    def _note_murmur(self, probability: float) -> list[Signal]:
        if not self.tuning.murmurs:
            return []
        if probability >= _FAINT:
            self._murmur += probability
            self._quiet_s = 0.0
            return []
        self._quiet_s += CHUNK_S
        return self._judge_murmur()

    def _judge_murmur(self) -> list[Signal]:
        if self.pause_s < self.tuning.early_s:
            return []
        heard, self._murmur = self.murmuring, 0.0
        if not heard:
            return []
        self._pauses += 1
        most = round((_MURMUR_MOST_S + self.tuning.early_s) / CHUNK_S) + self._before
        return [Murmured(self._pauses, np.concatenate([k for k, _ in self._kept][-most:]))]

    @property
    def _before(self) -> int:
        """Chunks kept from before the first voice."""
        return round(self.tuning.before_s / CHUNK_S)

    def _keep(self, samples: Samples) -> None:
        self._speech.append(samples)
        self._speech_s += len(samples) / TELEPHONE_RATE

    def _judge_pause(self) -> list[Signal]:
        signals: list[Signal] = []
        if not self._paused and self.pause_s >= self.tuning.early_s:
            self._paused = True
            self._voiced_s = 0.0
            self._pauses += 1
            signals.append(Paused(self._pauses, self._said()))
        too_long = self._speech_s >= self.tuning.longest_s
        if too_long and not self._paused:
            self._pauses += 1
        if too_long or (self._paused and self.pause_s >= self.tuning.end_s):
            signals.append(Ended(self._pauses, self._said()))
            self.finish()
        return signals

    def _said(self) -> Samples:
        """The utterance with a short margin after the last voice."""
        speech = np.concatenate(self._speech)
        extra_s = self._quiet_s - self.tuning.after_s - self._masked_s
        extra = round(extra_s * TELEPHONE_RATE)
        return speech[: len(speech) - extra] if extra > 0 else speech
