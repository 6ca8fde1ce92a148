"""The caller's line, heard and used by a caller on a real Asterisk."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.adapters.asterisk import phone as phone_module
from ivr.adapters.asterisk.phone import AgiPhone
from ivr.errors import CallerHungUp, InvalidInput, Unavailable
from ivr.flow.events import SpeechUnavailable
from ivr.ports import Alternative, Expectation, Keys, Silence, TransferTarget, Words
from tests.adapters.asterisk.conftest import CALL, OnThePhone, loud_seconds, write_tone
from tests.adapters.asterisk.scripted_recognizer import Result, ScriptedRecognizer, Turn, result

SHORT, LONG = "0.3", "4"
BY_KEYS = Expectation(voice=False, silence_s=2, key_gap_s=0.5)
BY_VOICE = Expectation(kinds=("date",), silence_s=2, key_gap_s=0.5, hints=("Lucía Peña",))


def hears_voice_then(*results: Result) -> Callable[[Turn], None]:
    """Barge-in at the first frame, then ``results`` a little later."""

    def script(turn: Turn) -> None:
        turn.wait_for_audio()
        turn.hears(result("", 0, "barge-in"))
        turn.wait_for_audio(frames=10)
        turn.hears(*results)

    return script


# --- Keys ------------------------------------------------------------------------------


@pytest.mark.parametrize("expect", [BY_KEYS, BY_VOICE], ids=["keys", "voice"])
def test_a_key_stops_the_prompt_and_is_the_turn(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer, expect: Expectation
) -> None:
    begun = time.monotonic()
    assert on_the_phone.call("press-5@caller", lambda p: p.listen(LONG, expect)) == Keys("5")
    assert time.monotonic() - begun < 3.5


@pytest.mark.parametrize("expect", [BY_KEYS, BY_VOICE], ids=["keys", "voice"])
def test_a_caller_types_several_keys_and_the_rest_waits_for_the_next_question(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer, expect: Expectation
) -> None:
    four = replace(expect, keys=4)
    turns = on_the_phone.call(
        "press-1985#12@caller",
        lambda p: [p.listen(LONG, four), p.listen(LONG, expect), p.listen(LONG, expect)],
    )
    assert turns == [Keys("1985"), Keys("1"), Keys("2")]


def test_a_terminator_ends_a_short_entry(on_the_phone: OnThePhone) -> None:
    expect = replace(BY_KEYS, keys=8)
    assert on_the_phone.call("press-42#@caller", lambda p: p.listen("0.3", expect)) == Keys("42")


def test_keys_after_a_wrong_one_do_not_answer_the_next_question(
    on_the_phone: OnThePhone,
) -> None:
    def talk(phone: AgiPhone) -> list[object]:
        first = phone.listen(LONG, BY_KEYS)
        phone.forget_keys()
        return [first, phone.listen(SHORT, BY_KEYS)]

    assert on_the_phone.call("press-9#*78@caller", talk) == [Keys("9"), Silence()]


def test_a_pause_between_keys_ends_the_entry(on_the_phone: OnThePhone) -> None:
    expect = replace(BY_KEYS, keys=8)
    assert on_the_phone.call("press-42@caller", lambda p: p.listen("0.3", expect)) == Keys("42")


def test_somebody_who_types_ahead_is_not_made_to_listen(on_the_phone: OnThePhone) -> None:
    def talk(phone: AgiPhone) -> object:
        phone.say(LONG)
        begun = time.monotonic()
        phone.say(LONG)
        turn = phone.listen(LONG, BY_KEYS)
        return turn, time.monotonic() - begun < 1

    assert on_the_phone.call("press-7@caller", talk) == (Keys("7"), True)


def test_an_announcement_that_must_be_heard_keeps_the_keys_pressed_over_it(
    on_the_phone: OnThePhone,
) -> None:
    def talk(phone: AgiPhone) -> object:
        begun = time.monotonic()
        phone.say(LONG, interruptible=False)
        return time.monotonic() - begun > 3.5, phone.listen(LONG, BY_KEYS)

    assert on_the_phone.call("press-7@caller", talk) == (True, Keys("7"))


def test_a_key_pressed_before_consent_was_asked_is_no_consent(on_the_phone: OnThePhone) -> None:
    def talk(phone: AgiPhone) -> object:
        phone.say(LONG)
        return phone.listen(SHORT, replace(BY_KEYS, silence_s=0.3, fresh=True))

    assert on_the_phone.call("press-1@caller", talk) == Silence()


def test_a_key_leaves_no_prompt_talking_on(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer, tmp_path: Path
) -> None:
    heard = on_the_phone.switch.folder / "heard-after-key"
    on_the_phone.switch.cli(f"dialplan set global HEARD {heard}")

    def talk(phone: AgiPhone) -> object:
        expect = replace(BY_VOICE, keys=2, key_gap_s=1.5)
        return phone.listen(LONG, expect)

    assert on_the_phone.call("hear-5@caller", talk) == Keys("5")
    on_the_phone.switch.cli("channel request hangup all")
    time.sleep(0.3)
    assert loud_seconds(Path(f"{heard}-in.wav")) < 1.3


def test_a_caller_who_does_nothing_is_silent(on_the_phone: OnThePhone) -> None:
    expect = replace(BY_KEYS, silence_s=0.3)
    assert on_the_phone.call("silent@caller", lambda p: p.listen(SHORT, expect)) == Silence()


# --- Voice -----------------------------------------------------------------------------


def test_what_the_caller_says_arrives_with_its_other_readings(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer
) -> None:
    recognizer.script = lambda turn: turn.hears(
        result("el jueves a las diez", 88), result("el viernes a las diez", 40)
    )
    turn = on_the_phone.call("silent@caller", lambda p: p.listen(SHORT, BY_VOICE))
    assert turn == Words("el jueves a las diez", 0.88, (Alternative("el viernes a las diez", 0.4),))
    told = recognizer.turns[0]
    assert told["kinds"] == ["date"] and told["hints"] == ["Lucía Peña"]
    assert told["language"] == "es-ES" and len(told["call_id"]) == 36


def test_a_voice_stops_the_prompt_and_is_heard_to_its_end(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer
) -> None:
    says = write_tone(on_the_phone.switch.folder / "says.wav", 2).with_suffix("")
    on_the_phone.switch.cli(f"dialplan set global CALLER_SAYS {says}")
    recognizer.script = hears_voice_then(result("sí, por favor", 97))
    begun = time.monotonic()
    turn = on_the_phone.call("speak-now@caller", lambda p: p.listen(LONG, BY_VOICE))
    assert turn == Words("sí, por favor", 0.97)
    assert time.monotonic() - begun < 3.5


def test_a_cough_is_silence_with_noise(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer
) -> None:
    recognizer.script = lambda turn: turn.hears(result("", 0, "noise"))
    turn = on_the_phone.call("silent@caller", lambda p: p.listen(SHORT, BY_VOICE))
    assert turn == Silence(noise=True)


def test_a_caller_who_says_nothing_is_silent(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer
) -> None:
    expect = replace(BY_VOICE, silence_s=0.5)
    assert on_the_phone.call("silent@caller", lambda p: p.listen(SHORT, expect)) == Silence()


def test_two_turns_of_a_call_use_one_recognizer(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer
) -> None:
    texts = iter(["uno", "dos"])
    recognizer.script = lambda turn: turn.hears(result(next(texts)))
    turns = on_the_phone.call(
        "silent@caller", lambda p: [p.listen(SHORT, BY_VOICE), p.listen(SHORT, BY_VOICE)]
    )
    assert [turn.text for turn in turns if isinstance(turn, Words)] == ["uno", "dos"]


# --- The recognizer fails -----------------------------------------------------------------


def check_goes_on_by_keys(on_the_phone: OnThePhone, caller: str = "press-5@caller") -> None:
    def talk(phone: AgiPhone) -> object:
        turn = phone.listen(LONG, BY_VOICE)
        return turn, phone.can_hear

    assert on_the_phone.call(caller, talk) == (Keys("5"), False)
    assert isinstance(on_the_phone.events.get_nowait(), SpeechUnavailable)


def test_without_a_recognizer_the_same_turn_goes_by_keys(on_the_phone: OnThePhone) -> None:
    check_goes_on_by_keys(on_the_phone)


def test_a_recognizer_that_dies_in_a_prompt_leaves_the_turn_to_keys(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer
) -> None:
    recognizer.script = lambda turn: turn.dies()
    check_goes_on_by_keys(on_the_phone)


def test_a_recognizer_that_reports_a_failure_leaves_the_turn_to_keys(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer
) -> None:
    recognizer.script = lambda turn: turn.hears(result("", 0, "error"))
    check_goes_on_by_keys(on_the_phone)


def test_a_recognizer_that_hangs_costs_the_caller_less_than_three_seconds(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer
) -> None:
    def talk(phone: AgiPhone) -> object:
        phone.listen(SHORT, replace(BY_VOICE, silence_s=0.5))
        recognizer.silent = True
        begun = time.monotonic()
        phone.listen(SHORT, replace(BY_VOICE, silence_s=0.1))
        return phone.can_hear, time.monotonic() - begun < 3

    assert on_the_phone.call("silent@caller", talk) == (False, True)


# --- Hanging up -------------------------------------------------------------------------


def think_too_long(phone: AgiPhone) -> None:
    time.sleep(1.3)
    phone.finish()


@pytest.mark.parametrize(
    "do",
    [
        lambda phone: phone.say(LONG),
        lambda phone: phone.say(LONG, interruptible=False),
        lambda phone: phone.listen(LONG, BY_KEYS),
        lambda phone: phone.listen(LONG, BY_VOICE),
        lambda phone: phone.listen("", BY_KEYS),
        lambda phone: phone.record_message(),
        think_too_long,
    ],
    ids=["say", "announce", "keys", "voice", "wait", "message", "between"],
)
def test_a_caller_who_hangs_up_ends_the_conversation_wherever_it_is(
    on_the_phone: OnThePhone, recognizer: ScriptedRecognizer, do: Callable[[AgiPhone], object]
) -> None:
    with pytest.raises(CallerHungUp):
        on_the_phone.call("leave-4@caller", do)


# --- Prompts that are late ----------------------------------------------------------------


def test_a_late_prompt_is_covered_by_a_human_voice(on_the_phone: OnThePhone) -> None:
    on_the_phone.prompts.late = 1.2
    (on_the_phone.switch.folder / "tone-0.4.wav").unlink(missing_ok=True)
    on_the_phone.call("silent@caller", lambda p: p.say("0.4"))
    log = on_the_phone.switch.log
    played = [line for line in log.splitlines() if "Playing '" in line][-2:]
    assert "queue-thankyou" in played[0] and "tone-0.4" in played[1]


def test_a_prompt_that_takes_too_long_is_said_by_the_quickest_engine(
    on_the_phone: OnThePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_module, "QUICK_AFTER_S", 1.0)
    monkeypatch.setattr(phone_module, "COVER_EVERY_S", 0.5)
    on_the_phone.prompts.late, on_the_phone.prompts.quick = 12.0, True
    (on_the_phone.switch.folder / "tone-0.7.wav").unlink(missing_ok=True)
    on_the_phone.call("silent@caller", lambda p: p.say("0.7"))
    log = on_the_phone.switch.log
    assert "quick-0.7" in [line for line in log.splitlines() if "Playing '" in line][-1]


def test_keys_pressed_while_a_prompt_is_late_count(on_the_phone: OnThePhone) -> None:
    on_the_phone.prompts.late = 2
    (on_the_phone.switch.folder / "tone-0.5.wav").unlink(missing_ok=True)
    assert on_the_phone.call("press-3@caller", lambda p: p.listen("0.5", BY_KEYS)) == Keys("3")


def test_a_prompt_asterisk_cannot_play_is_said_plainly(on_the_phone: OnThePhone) -> None:
    def talk(phone: AgiPhone) -> object:
        (on_the_phone.switch.folder / "tone-0.6.wav").write_bytes(b"no sound")
        with pytest.raises(Unavailable):
            phone.say("0.6")
        return phone.listen(SHORT, replace(BY_KEYS, silence_s=0.1))

    assert on_the_phone.call("silent@caller", talk) == Silence()


# --- Recording and leaving -----------------------------------------------------------------


def test_both_sides_are_recorded_until_told_to_stop(on_the_phone: OnThePhone) -> None:
    def talk(phone: AgiPhone) -> None:
        phone.start_recording("conversation-1")
        phone.say("0.3")
        phone.stop_recording()
        phone.say(LONG)

    on_the_phone.call("press-1@caller", talk)
    assert 0.2 < loud_seconds(on_the_phone.recordings / "conversation-1.wav") < 1


@pytest.mark.parametrize("name", ["../x", "a b", "a,b", "${X}", ""])
def test_a_recording_is_written_nowhere_else(on_the_phone: OnThePhone, name: str) -> None:
    with pytest.raises(InvalidInput):
        on_the_phone.call("silent@caller", lambda p: p.start_recording(name))


@pytest.mark.parametrize("caller", ["speak-now@caller", "speaks-and-goes@caller"])
def test_a_message_is_kept_even_if_the_caller_hangs_up(
    on_the_phone: OnThePhone, caller: str
) -> None:
    says = write_tone(on_the_phone.switch.folder / "message.wav", 2.5).with_suffix("")
    on_the_phone.switch.cli(f"dialplan set global CALLER_SAYS {says}")
    message = on_the_phone.call(caller, lambda p: p.record_message(max_s=2.2))
    assert message.path.exists() and message.duration_s > 1
    assert loud_seconds(message.path) > 1
    assert message.path.parent == on_the_phone.messages
    assert f"_{CALL}_" in message.path.name, "found again should the application die now"


def test_the_dialplan_learns_where_the_call_goes(on_the_phone: OnThePhone) -> None:
    def talk(phone: AgiPhone) -> object:
        read = on_the_phone.phone._session.get_variable
        phone.transfer(TransferTarget("queue", "recepcion", 10))
        before = read("AURICULA_DONE")
        phone.finish()
        names = ("DONE", "NEXT", "NEXT_NAME", "PRIORITY")
        return before, [read(f"AURICULA_{name}") for name in names]

    told = on_the_phone.call("silent@caller", talk)
    assert told == ("", ["1", "queue", "recepcion", "10"])
