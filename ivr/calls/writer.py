"""Writes what the switch tells of calls, in order, without making the switch wait.

Whatever was told while the last events were being stored goes to the database together: the
more there is to write, the less each event costs.
"""

import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import psycopg
import structlog

from ivr.database import DATABASE_ERRORS
from ivr.flow.events import EventBase

LATE_S = 60.0
"""How long events wait for their call to be opened by the application: a patient who is
called may let it ring half a minute."""
RETRY_S = 0.2
MOST = 200
"""Events stored together: others who write must not wait long."""
FLUSH_S = 5.0

log = structlog.get_logger(__name__)

Told = tuple[str, EventBase]


class Store(Protocol):
    """Where events go (:class:`ivr.calls.stream.EventStream`)."""

    def publish_known(self, told: Sequence[Told], /) -> list[bool]: ...


@dataclass(frozen=True)
class _Late:
    told: Told
    until: float


class CallWriter:
    """Any thread may put; one thread of its own writes. Events of a call that has not been
    opened yet wait for it. A database that is away costs the events, not who tells them.
    ``clock`` counts seconds."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._queue: queue.SimpleQueue[Told | Callable[[], object] | None] = queue.SimpleQueue()
        self._late: deque[_Late] = deque()
        self._retry_at = 0.0
        self._thread = threading.Thread(target=self._run, name="call-writer", daemon=True)
        self._starting = threading.Lock()

    def put(self, call_id: str, event: EventBase) -> None:
        """Store an event after those put before."""
        self._enqueue((call_id, event))

    def then(self, work: Callable[[], object]) -> None:
        """Do something, quick, once what was put before is stored."""
        self._enqueue(work)

    def over(self, call_id: str) -> None:
        """Nothing more will come of the call: what still waits for it to be opened is stored
        now or never."""
        self.then(lambda: self._give_up(call_id))

    def flush(self, within_s: float = FLUSH_S) -> bool:
        """Wait until what was put before is stored; whether it was in time."""
        done = threading.Event()
        self.then(done.set)
        return done.wait(within_s)

    def stop(self) -> None:
        """Write what is left, and end."""
        if self._thread.ident is not None:
            self._queue.put(None)
            self._thread.join()

    def _enqueue(self, item: Told | Callable[[], object]) -> None:
        if self._thread.ident is None:
            with self._starting:
                if self._thread.ident is None:
                    self._thread.start()
        self._queue.put(item)

    # --- The writing thread ------------------------------------------------------------

    def _run(self) -> None:
        while True:
            told: list[Told] = []
            for item in self._next():
                if isinstance(item, tuple):
                    told.append(item)
                    continue
                self._write(told, retry=item is None)
                told = []
                if item is None:
                    return
                try:
                    item()
                except Exception as error:
                    log.error("after an event of the switch", error=type(error).__name__)
            self._write(told)

    def _next(self) -> list[Told | Callable[[], object] | None]:
        """What is there; waits for something."""
        items: list[Told | Callable[[], object] | None] = []
        with contextlib.suppress(queue.Empty):
            items.append(self._queue.get(timeout=RETRY_S if self._late else None))
            while len(items) < MOST:
                items.append(self._queue.get_nowait())
        return items

    def _write(self, told: list[Told], *, retry: bool = False) -> None:
        """Store; what waits comes first, when its time has come again or ``retry`` is set."""
        now = self._clock()
        known_late = {late.told[0] for late in self._late}
        new = [_Late(one, now + LATE_S) for one in told]
        if not (retry or now >= self._retry_at):
            self._late.extend(one for one in new if one.told[0] in known_late)
            new = [one for one in new if one.told[0] not in known_late]
        elif self._late:
            self._retry_at = now + RETRY_S
            new = [*self._late, *new]
            self._late.clear()
        if not new:
            return
        for one, kept in zip(new, self._store_all([late.told for late in new]), strict=True):
            if not kept and now < one.until:
                self._late.append(one)

    def _store_all(self, told: list[Told]) -> list[bool]:
        try:
            return self._store.publish_known(told)
        except DATABASE_ERRORS as error:
            if len(told) > 1 and isinstance(error, (psycopg.DataError, psycopg.IntegrityError)):
                return [kept for one in told for kept in self._store_all([one])]
            log.error("events of the switch not stored", error=type(error).__name__, n=len(told))
            return [True] * len(told)

    def _give_up(self, call_id: str) -> None:
        if any(late.told[0] == call_id for late in self._late):
            self._write([], retry=True)
            self._late = deque(late for late in self._late if late.told[0] != call_id)
