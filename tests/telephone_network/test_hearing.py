"""What counts as sound and what as silence on a line."""

import numpy as np

from tests.telephone_network.hearing import RATE, Track, trimmed
from tests.telephone_network.person import has_tone, tone


def place(track: Track, samples: np.ndarray, begin: float) -> None:
    """Frame by frame, as a line delivers it."""
    for start in range(0, samples.size, 160):
        frame = samples[start : start + 160]
        track.place(frame, begin + (start + frame.size) / RATE)


def test_a_word_with_short_pauses_is_one_stretch_of_sound() -> None:
    track = Track()
    place(track, tone(440, 0.4), 0.0)
    place(track, tone(440, 0.4), 0.6)
    assert len(track.sounds) == 1


def test_two_sentences_are_two_stretches_at_their_moments() -> None:
    track = Track()
    place(track, tone(440, 0.4), 1.0)
    place(track, tone(440, 0.4), 2.0)
    assert np.allclose(track.sounds, [(1.0, 1.4), (2.0, 2.4)], atol=0.03)
    assert track.length / RATE == 2.4


def test_a_quiet_line_has_no_sound() -> None:
    track = Track()
    place(track, np.random.default_rng(1).integers(-60, 60, RATE).astype(np.int16), 0.0)
    assert track.sounds == []


def test_silence_around_a_sentence_is_cut_off() -> None:
    sentence = np.concatenate([np.zeros(4000, np.int16), tone(300, 0.5), np.zeros(8000, np.int16)])
    assert trimmed(sentence, margin_s=0).size == 4000
    assert 4000 < trimmed(sentence).size < 8000


def test_a_beep_is_told_from_other_sounds() -> None:
    assert has_tone(tone(1400, 0.4), 1400)
    assert not has_tone(tone(700, 0.4), 1400)
    assert not has_tone(np.zeros(3200, np.int16), 1400)
