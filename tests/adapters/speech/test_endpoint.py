"""When the caller is taken to have begun and ended, in virtual time."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from ivr.adapters.speech.endpoint import (
    Began,
    Ended,
    Endpointer,
    Paused,
    Resumed,
    Signal,
    Tuning,
)
from ivr.adapters.speech.fullness import WarmingJudge
from ivr.adapters.speech.listening import (
    Decode,
    Deed,
    Drop,
    Fullness,
    Heard,
    Listening,
    StopPrompt,
)
from ivr.adapters.speech.vad import VoiceDetector
from ivr.bench.speech_line import Caller
from ivr.ports import Expectation, Samples, Words
from tests.telephone_network.hearing import Pcm
from tests.telephone_network.voices import cough, sentence

FRAME_S = 0.02
LOUD = np.full(160, 0.1, np.float32)
QUIET = np.zeros(160, np.float32)


def as_frames(sound: Pcm) -> list[Samples]:
    """Whole frames of what somebody says on the line."""
    whole = len(sound) // 160 * 160
    return list((sound[:whole] / 32768).astype(np.float32).reshape(-1, 160))


def by_level(chunk: Samples) -> float:
    """A detector that takes any sound for a voice."""
    return 1.0 if float(np.abs(chunk).mean()) > 0.05 else 0.0


class Line:
    """Plays sound to an endpointer: frames while it lasts, ticks always."""

    def __init__(self, expect: Expectation | None = None) -> None:
        self.endpointer = Endpointer(by_level)
        self.endpointer.start(expect or Expectation())
        self.now = 100.0
        self.signals: list[tuple[float, Signal]] = []

    def hear(self, frame: Samples | None, seconds: float) -> "Line":
        """``frame`` over and over; None: no frames come."""
        for _ in range(round(seconds / FRAME_S)):
            self.now += FRAME_S
            found = [] if frame is None else self.endpointer.feed(frame, self.now)
            found += self.endpointer.tick(self.now)
            self.signals += [(self.now, signal) for signal in found]
        return self

    def kinds(self) -> list[type[Signal]]:
        return [type(signal) for _, signal in self.signals]

    def when(self, kind: type[Signal]) -> float:
        return next(at for at, signal in self.signals if isinstance(signal, kind))


def test_a_voice_stops_the_prompt_within_150_ms() -> None:
    line = Line().hear(QUIET, 1.0)
    began = line.now
    line.hear(LOUD, 0.5)
    assert line.when(Began) - began <= 0.16


def test_a_click_does_not_stop_the_prompt() -> None:
    assert Line().hear(QUIET, 0.5).hear(LOUD, 0.06).hear(QUIET, 2).signals == []


def test_a_cough_does_not_stop_the_prompt() -> None:
    endpointer = Endpointer(VoiceDetector())
    endpointer.start(Expectation())
    for seed in range(5):
        sound = np.concatenate([np.zeros(4000), cough(seed) / 32768, np.zeros(8000)])
        assert endpointer.feed(sound.astype(np.float32), 1.0) == []


def test_a_real_voice_over_a_noisy_line_is_noticed(caller: Caller) -> None:
    noise = np.random.default_rng(3)
    for voice in ("ef_dora", "em_alex"):
        endpointer = Endpointer(VoiceDetector())
        endpointer.start(Expectation())
        said = caller.says("Quiero pedir cita con el dentista.", voice, pause_s=1.2).samples
        signals = endpointer.feed(said + noise.normal(0, 0.003, len(said)).astype(np.float32), 1.0)
        assert [type(signal) for signal in signals] == [Began, Paused, Ended]


def test_the_turn_ends_after_a_pause() -> None:
    line = Line().hear(LOUD, 1.0)
    stopped = line.now
    line.hear(QUIET, 2)
    assert line.kinds() == [Began, Paused, Ended]
    assert 0.6 <= line.when(Ended) - stopped <= 0.8


def test_the_turn_ends_as_well_when_frames_stop() -> None:
    line = Line().hear(LOUD, 1.0)
    stopped = line.now
    line.hear(None, 2)
    assert line.kinds() == [Began, Paused, Ended]
    assert 0.6 <= line.when(Ended) - stopped <= 0.85


def test_a_caller_who_goes_on_after_a_short_pause_is_one_utterance() -> None:
    line = Line().hear(LOUD, 1.0).hear(QUIET, 0.4).hear(LOUD, 0.6).hear(QUIET, 2)
    assert line.kinds() == [Began, Paused, Resumed, Paused, Ended]
    ended = line.signals[-1][1]
    assert isinstance(ended, Ended)
    assert 1.9 <= len(ended.speech) / 8000 <= 2.4


def test_a_gap_of_lost_frames_is_not_the_end() -> None:
    line = Line().hear(LOUD, 0.5).hear(None, 0.5).hear(LOUD, 0.5).hear(QUIET, 2)
    assert line.kinds() == [Began, Paused, Resumed, Paused, Ended]


def test_a_stalled_machine_is_not_taken_for_silence() -> None:
    line = Line().hear(LOUD, 0.5)
    line.now += 5
    assert line.endpointer.tick(line.now) == []


def test_somebody_dictating_figures_may_pause_longer() -> None:
    line = Line(Expectation(dictation=True)).hear(LOUD, 1.0).hear(QUIET, 1.0).hear(LOUD, 1.0)
    assert line.kinds() == [Began, Paused, Resumed]
    assert line.hear(QUIET, 2).kinds()[-1] is Ended


def test_somebody_who_never_stops_is_cut_before_the_phone_gives_up() -> None:
    line = Line().hear(LOUD, 20)
    assert line.kinds() == [Began, Ended]
    assert line.when(Ended) < 100 + 14


# --- A turn from sound to words -----------------------------------------------------------


def judged(text: str, expect: Expectation) -> Fullness:
    known = {"sí": Fullness.WHOLE, "quería pedir cita": Fullness.ANSWER}
    return known.get(text, Fullness.OPEN)


class Turn:
    """Plays a whole turn; decodings are answered when told."""

    def __init__(
        self,
        expect: Expectation | None = None,
        voice: Callable[[Samples], float] = by_level,
    ) -> None:
        self.listening = Listening(Endpointer(voice), judged)
        self.now = 50.0
        self.deeds: list[Deed] = self.listening.turn(expect or Expectation(), self.now)

    def hear(self, frame: Samples | None, seconds: float) -> "Turn":
        for _ in range(round(seconds / FRAME_S)):
            self.now += FRAME_S
            if frame is not None:
                self.deeds += self.listening.sound(frame, self.now)
            self.deeds += self.listening.tick(self.now)
        return self

    def decoded(self, words: Words | None) -> "Turn":
        number = next(d.number for d in reversed(self.deeds) if isinstance(d, Decode))
        self.deeds += self.listening.decoded(number, words, self.now)
        return self

    @property
    def heard(self) -> list[Words | None]:
        return [deed.words for deed in self.deeds if isinstance(deed, Heard)]


YES_OR_NO = Expectation(kinds=("yesno",))


@pytest.mark.parametrize("word", ["sí", "no"])
def test_a_word_too_short_to_stop_the_prompt_still_answers_it(word: str) -> None:
    def said(expect: Expectation, frames: list[Samples]) -> Turn:
        turn = Turn(expect, VoiceDetector()).hear(QUIET, 0.3)
        for frame in frames:
            turn.hear(frame, FRAME_S)
        return turn.hear(QUIET, 0.6)

    # How long the voice draws it differs from one processor to the next.
    whole, other = as_frames(sentence(word)), Expectation(kinds=("date",))
    short = next(cut for n in range(len(whole), 0, -1) if not said(other, cut := whole[:n]).deeds)
    turn = said(YES_OR_NO, short)
    assert [type(deed) for deed in turn.deeds] == [Decode]
    assert turn.decoded(Words("sí", 0.6)).heard == [Words("sí", 0.6)]
    assert not any(isinstance(deed, StopPrompt) for deed in turn.deeds)


def test_hardly_a_cough_is_taken_for_a_word() -> None:
    taken = 0
    for seed in range(40):
        turn = Turn(YES_OR_NO, VoiceDetector()).hear(QUIET, 0.3)
        for frame in as_frames(cough(seed)):
            turn.hear(frame, FRAME_S)
        turn.hear(QUIET, 0.6)
        assert not any(isinstance(deed, StopPrompt) for deed in turn.deeds)
        taken += len(turn.deeds)
    assert taken <= 1


def test_a_short_sound_that_answers_nothing_is_as_if_it_had_not_been() -> None:
    for words in (Words("entonces", 0.6), Words("sí", 0.2), None):
        turn = Turn(YES_OR_NO).hear(QUIET, 0.3).hear(LOUD, 0.08).hear(QUIET, 0.3).decoded(words)
        assert [type(deed) for deed in turn.deeds] == [Decode]
        turn.hear(LOUD, 0.5).hear(QUIET, 0.3).decoded(Words("sí", 0.9))
        assert [type(deed) for deed in turn.deeds] == [Decode, StopPrompt, Decode, Heard]


def test_a_complete_answer_need_not_wait_for_the_pause() -> None:
    turn = Turn().hear(LOUD, 0.5).hear(QUIET, 0.3).decoded(Words("sí", 0.9))
    assert [type(deed) for deed in turn.deeds] == [StopPrompt, Decode, Heard]
    assert turn.heard == [Words("sí", 0.9)]


def test_an_incomplete_answer_waits_for_more() -> None:
    turn = Turn().hear(LOUD, 0.5).hear(QUIET, 0.3).decoded(Words("el jueves", 0.9))
    assert turn.heard == []
    assert turn.hear(QUIET, 0.6).heard == [Words("el jueves", 0.9)]


def test_an_answer_that_may_go_on_waits_longer_than_a_complete_one() -> None:
    wish = Words("quería pedir cita", 0.9)
    turn = Turn().hear(LOUD, 0.5).hear(QUIET, 0.3).decoded(wish)
    assert turn.hear(QUIET, 0.1).heard == []
    assert turn.hear(QUIET, 0.2).heard == [wish]


def test_whoever_dictates_is_not_cut_short_after_an_answer() -> None:
    said = Words("quería pedir cita", 0.9)
    turn = Turn(Expectation(dictation=True)).hear(LOUD, 0.5).hear(QUIET, 0.3).decoded(said)
    assert turn.hear(QUIET, 0.7).heard == []


def test_an_early_decoding_is_forgotten_when_the_caller_goes_on() -> None:
    turn = Turn().hear(LOUD, 0.5).hear(QUIET, 0.3).hear(LOUD, 0.5)
    assert any(isinstance(deed, Drop) for deed in turn.deeds)
    turn.hear(QUIET, 0.3).decoded(Words("el jueves por la tarde", 0.9)).hear(QUIET, 0.6)
    assert turn.heard == [Words("el jueves por la tarde", 0.9)]


def test_a_decoding_that_never_comes_fails_the_turn_within_three_seconds() -> None:
    turn = Turn().hear(LOUD, 0.5).hear(QUIET, 3.3)
    assert turn.heard == [None]


def test_late_words_of_a_turn_do_not_answer_the_next() -> None:
    turn = Turn().hear(LOUD, 0.5).hear(QUIET, 0.9)
    number = next(d.number for d in turn.deeds if isinstance(d, Decode))
    turn.listening.turn(Expectation(), turn.now)
    assert turn.listening.decoded(number, Words("sí", 0.9), turn.now) == []


def test_a_caller_can_speak_again_in_the_next_turn() -> None:
    turn = Turn().hear(LOUD, 0.5).hear(QUIET, 0.3).decoded(Words("sí", 0.9))
    turn.listening.turn(Expectation(), turn.now)
    turn.hear(LOUD, 0.5).hear(QUIET, 0.3).decoded(Words("sí", 0.8))
    assert turn.heard == [Words("sí", 0.9), Words("sí", 0.8)]


def _said(line: Line) -> float:
    """Seconds of the utterance that was handed on."""
    ended = next(signal for _, signal in line.signals if isinstance(signal, Ended))
    return len(ended.speech) / 8000


def test_a_soft_first_word_is_heard_too() -> None:
    line = Line().hear(QUIET, 1.0).hear(LOUD, 0.1).hear(QUIET, 0.3).hear(LOUD, 1.0)
    assert _said(line.hear(QUIET, 1.0)) >= 1.4


def test_a_first_word_that_was_not_noticed_as_a_voice_is_heard_too() -> None:
    line = Line()
    missed = iter([0.1] * 20)
    line.endpointer = Endpointer(lambda chunk: by_level(chunk) and next(missed, 1.0))
    line.endpointer.start(Expectation())
    line.hear(QUIET, 1.0).hear(LOUD, 0.6).hear(QUIET, 0.2).hear(LOUD, 1.0)
    assert _said(line.hear(QUIET, 1.0)) >= 1.8


def test_a_room_before_the_caller_speaks_is_not_taken_for_their_first_word() -> None:
    line = Line()
    line.endpointer = Endpointer(lambda chunk: by_level(chunk / np.float32(6)))
    line.endpointer.start(Expectation())
    line.hear(LOUD, 1.5).hear(LOUD * 6, 1.0)
    assert _said(line.hear(LOUD, 1.0)) < 1.8


def test_voices_in_the_room_do_not_keep_the_caller_from_being_answered() -> None:
    room, caller = LOUD, LOUD * 6
    line = Line().hear(room, 0.6).hear(caller, 1.0)
    stopped = line.now
    line.hear(room, 2.0)
    assert line.when(Ended) - stopped < 1.0


def test_a_voice_that_falls_is_heard_to_its_end_on_a_quiet_line() -> None:
    line = Line().hear(QUIET, 0.6).hear(LOUD * 6, 1.0).hear(LOUD, 0.8)
    fallen = line.now
    line.hear(QUIET, 1.0)
    assert line.when(Ended) > fallen


@pytest.mark.parametrize("pause_s", [0.0, 0.3])
def test_a_word_said_into_a_prompt_is_kept_however_slow_the_switch(pause_s: float) -> None:
    turn = Turn(YES_OR_NO).hear(LOUD, 0.9).hear(QUIET, pause_s)
    assert turn.listening.turn(YES_OR_NO, turn.now) == []
    turn.hear(QUIET, 0.3).decoded(Words("sí", 0.9))
    assert turn.heard == [Words("sí", 0.9)]


def test_another_question_does_not_take_the_words_of_the_one_before() -> None:
    turn = Turn(YES_OR_NO).hear(LOUD, 0.9)
    turn.listening.turn(Expectation(kinds=("date",)), turn.now)
    turn.hear(QUIET, 1.5)
    assert turn.heard == []


def test_until_wishes_are_learned_only_whole_answers_end_early(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learned = threading.Event()
    monkeypatch.setattr("ivr.adapters.speech.fullness.warm_up", lambda _now: learned.wait(30))
    judge, menu = WarmingJudge(), Expectation(kinds=("intent", "yesno"))
    assert judge("quería pedir cita", menu) is Fullness.OPEN
    assert judge("sí", menu) is Fullness.WHOLE
    learned.set()
    judge.wait_until_warm(30)
    assert judge("quería pedir cita", menu) is Fullness.ANSWER


@pytest.mark.parametrize("room", [0.0, 0.02])
def test_the_soft_end_of_a_word_is_waited_for_where_noise_hides_it(room: float) -> None:
    noise = np.full(160, room, np.float32)
    line = Line().hear(noise, 0.5).hear(LOUD, 0.6)
    stopped = line.now
    line.hear(noise, 2)
    paused = next(signal for _, signal in line.signals if isinstance(signal, Paused))
    kept_s = len(paused.speech) / 8000 - 0.6 - Tuning.before_s
    waited_s = line.when(Paused) - stopped
    if room:
        assert waited_s > 0.3 and kept_s > 0.3
    else:
        assert waited_s < 0.2 and kept_s < 0.2


def test_a_phone_that_sends_nothing_in_pauses_is_not_taken_for_a_noisy_line() -> None:
    line = Line().hear(QUIET, 0.5).hear(LOUD, 0.6).hear(np.full(160, 0.02, np.float32), 0.06)
    stopped = line.now
    line.hear(None, 2)
    assert line.when(Paused) - stopped < 0.2
