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
from ivr.flow.events import EventBase, LegAnswered, LegEnded, LegStarted

LATE_S = 60.0
"""How long events wait for their call to be opened by the application: a patient who is
called may let it ring half a minute."""
RETRY_S = 0.2
MOST = 50
"""Events stored together: others who write must not wait long."""
GATHER_S = 0.03
"""What nobody acts on waits this long for something to be stored with."""
LEG_EVENTS = (LegStarted, LegAnswered, LegEnded)
"""Nobody acts within a moment on a line that begins, answers or ends; on a call's end they do,
which the switch tells by itself (:meth:`CallWriter.over`)."""
FLUSH_S = 5.0
STOP_S = 15.0

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
    opened yet, and all of them while the database is away, wait :data:`LATE_S` at the most.
    ``clock`` counts seconds."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._queue: queue.SimpleQueue[Told | Callable[[], object] | None] = queue.SimpleQueue()
        self._late: deque[_Late] = deque()
        self._retry_at = 0.0
        self._away = False
        """Whether the database did not answer the last time."""
        self._thread = threading.Thread(target=self._run, name="call-writer", daemon=True)
        self._starting = threading.Lock()

    def put(self, call_id: str, event: EventBase) -> None:
        """Store an event after those put before."""
        self._enqueue((call_id, event))

    def then(self, work: Callable[[], object]) -> None:
        """Do something, quick, once what was put before is stored."""
        self._enqueue(work)

    def over(self, call_id: str) -> None:
        """Nothing more will come of the call: what waits for it to be opened is stored now or
        never, unless it is the database that is waited for."""
        self.then(lambda: self._give_up(call_id))

    def flush(self, within_s: float = FLUSH_S) -> bool:
        """Wait until what was put before is stored; whether it was in time."""
        if not self._thread.is_alive():  # nothing was ever put, or all of it is written
            return True
        done = threading.Event()
        self.then(done.set)
        return done.wait(within_s)

    def stop(self) -> None:
        """Write what is left, and end; gives up after :data:`STOP_S`."""
        if self._thread.ident is not None:
            self._queue.put(None)
            self._thread.join(STOP_S)

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
                _guarded(self._write, told, retry=item is None)
                told = []
                if item is None:
                    return
                _guarded(item)
            _guarded(self._write, told)

    def _next(self) -> list[Told | Callable[[], object] | None]:
        """What is there; waits for something, and with what can wait for what comes with it."""
        items: list[Told | Callable[[], object] | None] = []
        with contextlib.suppress(queue.Empty):
            items.append(self._queue.get(timeout=RETRY_S if self._late else None))
            until, patient = time.monotonic() + GATHER_S, True
            while len(items) < MOST:
                patient = patient and _can_wait(items[-1])
                left = until - time.monotonic() if patient else 0.0
                items.append(self._queue.get(timeout=max(left, 0.0)))
        return items

    def _write(self, told: list[Told], *, retry: bool = False) -> None:
        """Store; what waits is tried first, when its time has come again or ``retry`` is set."""
        now = self._clock()
        if self._late and (retry or now >= self._retry_at):
            self._retry(now)
        waiting = {late.told[0] for late in self._late}
        new = [_Late(one, now + LATE_S) for one in told]
        self._late.extend(one for one in new if one.told[0] in waiting)
        self._store_some([one for one in new if one.told[0] not in waiting])

    def _retry(self, now: float) -> None:
        """Each waiting call's first event; where that can be stored, so can the others."""
        self._retry_at = now + RETRY_S
        late, self._late = self._late, deque()
        firsts = {one.told[0]: one for one in reversed(late)}
        closed = self._store_some(list(firsts.values()))
        rest = [one for one in late if firsts[one.told[0]] is not one]
        for start in range(0, len(rest), MOST):
            part = rest[start : start + MOST]
            opened = [one for one in part if one.told[0] not in closed]
            self._late.extend(one for one in part if one.told[0] in closed and now < one.until)
            closed |= self._store_some(opened)

    def _store_some(self, new: list[_Late]) -> frozenset[str]:
        """What could not be stored waits, or has waited long enough; of which calls it is."""
        if not new:
            return frozenset()
        now = self._clock()
        kept = self._stored([one.told for one in new])
        left = [one for one, stored in zip(new, kept, strict=True) if not stored]
        if left and not self._late:
            self._retry_at = now + RETRY_S
        self._late.extend(one for one in left if now < one.until)
        return frozenset(one.told[0] for one in left)

    def _stored(self, told: list[Told]) -> list[bool]:
        try:
            kept = self._store.publish_known(told)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(told) > 1:
                return self._one_by_one(told)
            log.error("an event of the switch was refused", error=type(error).__name__)
            return [True]
        except DATABASE_ERRORS as error:
            log.error("events of the switch not stored yet", error=type(error).__name__)
            self._away = True
            return [False] * len(told)
        self._away = False
        return kept

    def _one_by_one(self, told: list[Told]) -> list[bool]:
        kept: list[bool] = []
        closed: set[str] = set()
        for one in told:
            kept.append(one[0] not in closed and self._stored([one])[0])
            if not kept[-1]:
                closed.add(one[0])
        return kept

    def _give_up(self, call_id: str) -> None:
        if any(late.told[0] == call_id for late in self._late):
            self._write([], retry=True)
        if not self._away:
            self._late = deque(late for late in self._late if late.told[0] != call_id)


def _can_wait(item: Told | Callable[[], object] | None) -> bool:
    return isinstance(item, tuple) and isinstance(item[1], LEG_EVENTS)


def _guarded(work: Callable[..., object], *arguments: object, **named: object) -> None:
    """One event's trouble is not that of the next."""
    try:
        work(*arguments, **named)
    except Exception as error:
        log.error("after an event of the switch", error=type(error).__name__)
