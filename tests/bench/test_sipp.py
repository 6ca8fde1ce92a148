from pathlib import Path

from ivr.bench.sipp import Press, _scenario


def test_phones_that_send_nothing_while_nobody_speaks_press_keys_all_the_same() -> None:
    silent = _scenario((Press(1000, "0"),), None)
    assert "play_dtmf=" in silent and "rtp_stream" not in silent


def test_a_voice_pauses_around_each_key() -> None:
    spoken = _scenario((Press(1000, "0"),), Path("voice.al"))
    start, pause, key, resume = (
        spoken.index(part) for part in ("voice.al", '"pause"', "play_dtmf=", '"resume"')
    )
    assert start < pause < key < resume
