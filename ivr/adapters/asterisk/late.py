"""Events of the switch that came before their call was opened by the application."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ivr.errors import NotFound
from ivr.flow.events import EventBase

LATE_S = 60.0
"""How long events wait for their call to be opened by the application: a patient who is
called may let it ring half a minute."""
RETRY_S = 0.2


@dataclass
class _Late:
    call_id: str
    event: EventBase
    until: float


@dataclass
class LateEvents:
    """Publishes events in order, each call's once it is open. ``publish`` raises
    :class:`NotFound` for a call not opened yet; ``clock`` counts seconds."""

    publish: Callable[[str, EventBase], None]
    clock: Callable[[], float]
    _waiting: deque[_Late] = field(default_factory=deque)
    _retry_at: float = 0.0

    def put(self, call_id: str, event: EventBase) -> None:
        """Publish now, or after what of the call waits already."""
        if not any(late.call_id == call_id for late in self._waiting):
            try:
                self.publish(call_id, event)
                return
            except NotFound:
                pass
        self._waiting.append(_Late(call_id, event, self.clock() + LATE_S))

    def retry(self, *, at_once: bool = False) -> None:
        """Publish what can be by now; looks every :data:`RETRY_S` unless ``at_once``."""
        if not self._waiting or (self.clock() < self._retry_at and not at_once):
            return
        self._retry_at = self.clock() + RETRY_S
        still_closed: set[str] = set()
        for _ in range(len(self._waiting)):
            late = self._waiting.popleft()
            if late.call_id not in still_closed:
                try:
                    self.publish(late.call_id, late.event)
                    continue
                except NotFound:
                    still_closed.add(late.call_id)
            if self.clock() < late.until:
                self._waiting.append(late)

    def drop(self, call_id: str) -> None:
        """The call is over: publish what can be, forget the rest of it."""
        self.retry(at_once=True)
        self._waiting = deque(late for late in self._waiting if late.call_id != call_id)
