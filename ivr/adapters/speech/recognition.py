"""One door to the recognizers: a bounded number of utterances at once, a bounded wait."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import structlog

from ivr.errors import Unavailable
from ivr.ports import Audio, Expectation, Recognizer, Words

log = structlog.get_logger(__name__)

FINAL, EARLY = 0, 1
"""Order of work: utterances that ended before those that may still go on."""


@dataclass(order=True)
class _Job:
    urgency: int
    number: int
    deadline: float = field(compare=False)
    audio: Audio = field(compare=False)
    language: str = field(compare=False)
    expect: Expectation = field(compare=False)
    future: "Future[Words]" = field(compare=False, default_factory=Future)


class RecognitionPool:
    """Decodes utterances in ``workers`` threads; the rest wait in line.

    ``engines`` are tried in order: one that fails hands the utterance to the next. The
    result of :meth:`submit` fails with :class:`Unavailable` when every engine did, or when
    nobody came to it within ``patience_s``.
    """

    def __init__(
        self,
        engines: Sequence[Recognizer],
        *,
        workers: int = 1,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engines = tuple(engines)
        self._now = now
        self._waiting: list[_Job] = []
        self._numbers = itertools.count()
        self._change = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"recognizer-{index}", daemon=True)
            for index in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        audio: Audio,
        *,
        language: str,
        expect: Expectation,
        urgency: int = FINAL,
        patience_s: float = 2.0,
    ) -> "Future[Words]":
        """Queue an utterance; cancel the future to take it out of the line again."""
        job = _Job(urgency, next(self._numbers), self._now() + patience_s, audio, language, expect)
        with self._change:
            if self._closed:
                raise Unavailable("the recognizer is shutting down", code="speech_in")
            heapq.heappush(self._waiting, job)
            self._change.notify()
        return job.future

    def hurry(self, future: "Future[Words]") -> None:
        """The utterance of ``future`` has ended after all: it goes before early ones."""
        with self._change:
            for job in self._waiting:
                if job.future is future:
                    job.urgency = FINAL
                    heapq.heapify(self._waiting)
                    return

    @property
    def waiting(self) -> int:
        """How many utterances nobody has begun yet."""
        with self._change:
            return sum(not job.future.cancelled() for job in self._waiting)

    def close(self) -> None:
        """Let the workers finish what they are at; whoever waits is refused."""
        with self._change:
            self._closed = True
            for job in self._waiting:
                job.future.cancel()
            self._waiting.clear()
            self._change.notify_all()
        for thread in self._threads:
            thread.join(timeout=10)

    def _work(self) -> None:
        while True:
            with self._change:
                while not self._waiting and not self._closed:
                    self._change.wait()
                if self._closed:
                    return
                job = heapq.heappop(self._waiting)
            if not job.future.set_running_or_notify_cancel():
                continue
            if self._now() > job.deadline:
                job.future.set_exception(
                    Unavailable("too many people speak at once", code="speech_busy")
                )
                continue
            try:
                job.future.set_result(self._transcribe(job))
            except Exception as error:
                job.future.set_exception(error)

    def _transcribe(self, job: _Job) -> Words:
        for engine in self.engines:
            try:
                return engine.transcribe(job.audio, language=job.language, expect=job.expect)
            except Exception as error:
                log.warning("recognizer failed", engine=engine.name, error=type(error).__name__)
        raise Unavailable("no recognizer could listen", code="speech_in")
