"""What the screens have yet to receive, and who brings it to them.

A screen that does not read fills only its own outbox; when that is full, or nothing has been
taken from its line for too long, it is given up, and it resumes by number when it comes back.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

import structlog

from ivr.web.audience import Audience
from ivr.web.lines import Batch, Line, Message

log = structlog.get_logger(__name__)

READ_ALONG_S = 0.1
"""What is only read along waits this long for something to go with."""
OUTBOX = 5_000
"""Messages kept for a screen that does not read."""
MOST_AT_ONCE = 500
"""Messages of one screen in one batch."""
PAUSE_S = 0.01
PAUSE_TIMES = 4
"""After a delivery the post rests :data:`PAUSE_TIMES` as long as that took, :data:`PAUSE_S` at the
most, and what happens meanwhile goes together: with a few screens there is next to no wait, with
many they get at most 100 batches a second, and what comes after a quiet moment goes at once."""
PULSE_S = 3.0
"""A quiet line says this often that it is alive; a page takes ten seconds without a word for a
server that hangs."""
STALL_S = 20.0
"""A browser that takes nothing for this long is given up."""
LOOK_S = 0.5
"""How often quiet and stalled lines are looked for."""
TOO_SLOW = 4408


class Outbox:
    """What one screen has yet to receive."""

    def __init__(self, audience: Audience, announce: Callable[[bool], None], limit: int) -> None:
        self.audience = audience
        self.messages: deque[Message] = deque()
        self.line: Line | None = None
        """Where it goes; None until it is known from which number on."""
        self.pressing = False
        """Whether something in it is not only read along."""
        self.sent_at = 0.0
        self.busy_since: float | None = None
        self.over: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        """Done, with a close code and a reason, when the screen is given up."""
        self._announce = announce
        self._limit = limit
        self._number = 0

    def put(self, message: Message, *, soon: bool = False) -> None:
        """Append an event; in an outbox that would grow past its limit nothing is kept any
        more. ``soon``: delivering it may wait for :data:`READ_ALONG_S`."""
        if self.over.done() or 0 < message[0] <= self._number:
            return
        if len(self.messages) >= self._limit:
            self.give_up()
            return
        self.messages.append(message)
        if not soon:
            self.pressing = True
        if self.line is not None:
            self._announce(soon)

    def put_other(self, text: str, *, soon: bool = False) -> None:
        """Append a message that is not part of the stream: the file of a caller, say."""
        self.put((0, text), soon=soon)

    def connect(self, line: Line, number: int) -> None:
        """From now on what comes after event ``number`` goes out on ``line``."""
        self.line, self._number = line, number
        self.messages = deque(one for one in self.messages if not 0 < one[0] <= number)
        self.sent_at = asyncio.get_running_loop().time()
        line.resumed = self._resumed
        self._resumed()

    def take(self) -> tuple[Message, ...]:
        """The next messages in their order."""
        if len(self.messages) > MOST_AT_ONCE:
            self.pressing = True
            return tuple(self.messages.popleft() for _ in range(MOST_AT_ONCE))
        taken = tuple(self.messages)
        self.messages.clear()
        self.pressing = False
        return taken

    def give_up(self) -> None:
        """Too slow: keep nothing, and say so."""
        self.messages.clear()
        if not self.over.done():
            self.over.set_result((TOO_SLOW, "too_slow"))

    def _resumed(self) -> None:
        self.busy_since = None
        if self.messages:
            self.pressing = True
            self._announce(False)


class Post:
    """Brings what is in ``outboxes`` to their screens, all in one go, again and again. What
    several get alike is written once."""

    def __init__(self, outboxes: Iterable[Outbox]) -> None:
        self.pause_s = PAUSE_S
        self._outboxes = outboxes
        self._something = asyncio.Event()
        self._soon: asyncio.TimerHandle | None = None
        self._everything = False

    def announce(self, soon: bool) -> None:
        """Something is in an outbox; ``soon``: which may wait for a moment."""
        if not soon:
            self._something.set()
        elif self._soon is None:
            loop = asyncio.get_running_loop()
            self._soon = loop.call_later(READ_ALONG_S, self._now_everything)

    async def run(self, pulse: Callable[[], str]) -> None:
        """Deliver until cancelled; ``pulse`` is what a quiet line says."""
        loop = asyncio.get_running_loop()
        look_at = loop.time() + LOOK_S
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(look_at):
                    await self._something.wait()
            self._something.clear()
            began = loop.time()
            delivered = self._deliver(began)
            took = loop.time() - began
            if loop.time() >= look_at:
                look_at = loop.time() + LOOK_S
                self._look(loop.time(), pulse)
            if delivered:
                await asyncio.sleep(min(self.pause_s, PAUSE_TIMES * took))

    def _now_everything(self) -> None:
        self._soon = None
        self._everything = True
        self._something.set()

    def _deliver(self, now: float) -> bool:
        everything, self._everything = self._everything, False
        written: dict[tuple[Message, ...], Batch] = {}
        for outbox in self._outboxes:
            line = outbox.line
            if line is None or not outbox.messages or not (outbox.pressing or everything):
                continue
            if line.busy:
                continue
            try:
                taken = outbox.take()
                batch = written.get(taken)
                if batch is None:
                    batch = written[taken] = Batch(taken)
                line.write(batch)
            except Exception:  # one screen's trouble is not the others'
                log.exception("a screen could not be written to")
                outbox.give_up()
                continue
            outbox.sent_at = now
            if outbox.messages:
                self._something.set()
        return bool(written)

    def _look(self, now: float, pulse: Callable[[], str]) -> None:
        batch = Batch(((0, pulse()),))
        for outbox in self._outboxes:
            line = outbox.line
            if line is None:
                continue
            if line.busy:
                outbox.busy_since = outbox.busy_since or now
                if now - outbox.busy_since >= STALL_S:
                    outbox.give_up()
            elif not outbox.messages and now - outbox.sent_at >= PULSE_S:
                line.write(batch)
                outbox.sent_at = now
