"""Prompts spoken ahead."""

import subprocess
import sys
import threading
from pathlib import Path

from ivr.adapters.asterisk.foresee import Foreseen
from ivr.config import PROJECT
from ivr.errors import Unavailable


class Voice:
    """Speaks what it is let speak, and remembers the order."""

    def __init__(self) -> None:
        self.spoken: list[str] = []
        self.may_go_on = threading.Event()
        self.begun = threading.Semaphore(0)
        self.done = threading.Semaphore(0)

    def ready(self, text: str, language: str) -> Path | None:
        return Path(text) if text in self.spoken else None

    def at_once(self, text: str, language: str) -> Path | None:
        return None

    def file(self, text: str, language: str) -> Path:
        self.begun.release()
        self.may_go_on.wait(10)
        if text == "unspeakable":
            self.done.release()
            raise Unavailable("no voice")
        self.spoken.append(text)
        self.done.release()
        return Path(text)


def test_what_is_foreseen_is_spoken_once_and_in_order() -> None:
    voice, foreseen = Voice(), Foreseen()
    voice.may_go_on.set()
    for text in ("a", "unspeakable", "b"):
        foreseen.add(voice, text, "es-ES")
        assert voice.done.acquire(timeout=10)
    foreseen.add(voice, "a", "es-ES")
    foreseen.add(voice, "c", "es-ES")
    assert voice.done.acquire(timeout=10)
    assert voice.spoken == ["a", "b", "c"]


def test_nothing_is_spoken_ahead_while_a_caller_waits_for_a_prompt() -> None:
    voice, foreseen = Voice(), Foreseen()
    voice.may_go_on.set()
    with foreseen.give_way():
        foreseen.add(voice, "ahead", "es-ES")
        assert not voice.done.acquire(timeout=0.3)
    assert voice.done.acquire(timeout=10)


def test_a_machine_that_cannot_keep_up_is_asked_for_no_more() -> None:
    voice, foreseen = Voice(), Foreseen(most=2)
    foreseen.add(voice, "being spoken", "es-ES")
    assert voice.begun.acquire(timeout=10)
    for text in ("a", "b", "c"):
        foreseen.add(voice, text, "es-ES")
    voice.may_go_on.set()
    for _ in range(3):
        assert voice.done.acquire(timeout=10)
    assert not voice.done.acquire(timeout=0.3)
    assert voice.spoken == ["being spoken", "a", "b"]


def test_the_program_ends_at_once_whatever_is_still_to_be_spoken() -> None:
    program = """
import time
from ivr.adapters.asterisk.foresee import Foreseen

class Slow:
    def ready(self, text, language): return None
    def file(self, text, language): time.sleep(60)

foreseen = Foreseen()
for text in "abc":
    foreseen.add(Slow(), text, "es-ES")
"""
    assert subprocess.run([sys.executable, "-c", program], cwd=PROJECT, timeout=40).returncode == 0
