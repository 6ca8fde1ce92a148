"""Prompts spoken before they are needed: a sentence takes some seconds of work, and the
caller is busy meanwhile with the question before it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import structlog

from ivr.adapters.asterisk import processors
from ivr.errors import AuriculaError
from ivr.ports import Prompts

MOST = 12
"""Prompts that may wait for their turn; what comes on top is spoken when it is said."""
GIVE_WAY_S = 30.0

log = structlog.get_logger(__name__)


class Foreseen:
    """Speaks prompts one after the other, and none while a caller waits for another."""

    def __init__(self, most: int = MOST) -> None:
        self._pool = ThreadPoolExecutor(1, "foresee", initializer=processors.use_all)
        self._places = threading.BoundedSemaphore(most)
        self._nobody_waits = threading.Condition()
        self._waiting = 0

    @contextmanager
    def give_way(self) -> Iterator[None]:
        """A caller waits for a prompt: begin no other meanwhile."""
        with self._nobody_waits:
            self._waiting += 1
        try:
            yield
        finally:
            with self._nobody_waits:
                self._waiting -= 1
                self._nobody_waits.notify_all()

    def add(self, prompts: Prompts, text: str, language: str) -> None:
        """``text`` may soon be said."""
        if prompts.ready(text, language) is None and self._places.acquire(blocking=False):
            self._pool.submit(self._speak, prompts, text, language)

    def _speak(self, prompts: Prompts, text: str, language: str) -> None:
        try:
            with self._nobody_waits:
                self._nobody_waits.wait_for(lambda: not self._waiting, GIVE_WAY_S)
            prompts.file(text, language)
        except (AuriculaError, OSError) as error:
            log.warning("prompt not spoken ahead", error=type(error).__name__)
        finally:
            self._places.release()
