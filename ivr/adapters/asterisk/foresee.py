"""Prompts spoken before they are needed: a sentence takes some seconds of work, and the
caller is busy meanwhile with the question before it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Full, Queue

import structlog

from ivr.adapters.asterisk import processors
from ivr.ports import Prompts

MOST = 12
"""Prompts that may wait for their turn; what comes on top is spoken when it is said."""
GIVE_WAY_S = 30.0

log = structlog.get_logger(__name__)


class Foreseen:
    """Speaks prompts one after the other, and none while a caller waits for another. What is
    left when the program ends is dropped: nothing waits for it."""

    def __init__(self, most: int = MOST) -> None:
        self._queue: Queue[tuple[Prompts, str, str]] = Queue(most)
        self._nobody_waits = threading.Condition()
        self._waiting = 0
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

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
        if prompts.ready(text, language) is not None:
            return
        with suppress(Full):
            self._queue.put_nowait((prompts, text, language))
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="foresee", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        processors.use_all()
        while True:
            prompts, text, language = self._queue.get()
            with self._nobody_waits:
                self._nobody_waits.wait_for(lambda: not self._waiting, GIVE_WAY_S)
            try:
                prompts.file(text, language)
            except Exception as error:  # the next one may succeed
                log.warning("prompt not spoken ahead", error=type(error).__name__)
