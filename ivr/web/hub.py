"""The stream of events, handed to every open screen of this process.

One task follows the database's stream; each event is written as JSON once and appended
to the outbox of every screen that may see it, from where the post brings it there.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

import psycopg
import structlog
from sqlalchemy.exc import OperationalError

from ivr.calls.desk import CallDesk
from ivr.calls.schemas import NumberedEvent
from ivr.calls.stream import EventStream
from ivr.web.audience import (
    QUEUED,
    Audience,
    CallOnAir,
    CallSight,
    Desk,
    Sight,
    without_personal_fields,
)
from ivr.web.lines import Message
from ivr.web.metrics import Metrics
from ivr.web.post import OUTBOX, Outbox, Post

log = structlog.get_logger(__name__)

MOST_CALLS = 10_000
MOST_OVER = 1_000
"""Calls that ended, kept for what is told of them later."""
MOVES = QUEUED | {"consult.started", "consult.answered", "consult.ended", "patient.identified"}
"""What changes whose a call is to read, or what is told of it."""
READ_ALONG = frozenset(
    {
        "call.answered",
        "step.entered",
        "prompt.said",
        "turn.heard",
        "turn.keys",
        "turn.silent",
        "turn.understood",
        "turn.not_understood",
        "action.started",
        "action.finished",
        "call.transferred",
        "leg.started",
        "leg.answered",
        "leg.ended",
    }
)
"""What is only read along: it goes with the next event that somebody acts on, and after
:data:`ivr.web.post.READ_ALONG_S` at the latest. Of a call's events these are four in five,
and each message makes every screen draw."""


def as_text(event: NumberedEvent, sight: Sight) -> str:
    """The event as JSON, as a screen gets it."""
    data = event.data if sight == "full" else without_personal_fields(event)
    return json.dumps(
        {
            "number": event.number,
            "at": event.at.isoformat(),
            "call_id": event.call_id,
            "call_seq": event.call_seq,
            "branch_id": event.branch_id,
            "data": data,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


class Hub:
    """The screens of this process and the calls on air."""

    def __init__(self, stream: EventStream, calls: CallDesk, metrics: Metrics) -> None:
        self._stream = stream
        self._desk = calls
        self._metrics = metrics
        self.outboxes: set[Outbox] = set()
        self.post = Post(self.outboxes)
        self.calls: OrderedDict[str, CallOnAir] = OrderedDict()
        self.number = 0
        """The last event handed out."""
        self.ready = asyncio.Event()
        self.over: OrderedDict[str, CallOnAir] = OrderedDict()
        """Calls that ended a while ago."""
        self.watchers: list[Callable[[NumberedEvent, CallOnAir | None], None]] = []
        """Called for each event before it is handed out."""
        self.movers: list[Callable[[CallOnAir, Outbox, CallSight], None]] = []
        """Called after an event for each screen that was shown a call in that way and is to be
        shown it anew."""

    async def run(self) -> None:
        """Follow the stream until cancelled; a lost database is waited for."""
        pause = 0.2
        after: int | None = None
        while True:
            try:
                if after is None:
                    after = self.number = await asyncio.to_thread(self._begin)
                async for event in self._stream.follow(after, ready=self.ready.set):
                    after = event.number
                    pause = 0.2
                    self.take(event)
            except (OperationalError, psycopg.OperationalError) as error:
                log.warning("event stream lost", error=type(error).__name__, again_in_s=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5)

    def _begin(self) -> int:
        """Learn of the calls on air; returns the number to follow from."""
        number = self._stream.last_number()
        for event in self._desk.events_on_air():
            if event.number <= number:
                self.remember(event)
        return number

    def take(self, event: NumberedEvent) -> None:
        """Hand one event to every screen that may see it."""
        known = self.calls.get(event.call_id or "") if event.type in MOVES else None
        before = replace(known) if known is not None else None
        call = self.remember(event)
        for watch in self.watchers:
            watch(event, call)
        messages: dict[Sight, Message] = {}
        soon = event.type in READ_ALONG
        for outbox in self.outboxes:
            sight = outbox.audience.sight(event, call, before)
            if sight == "none":
                continue
            if sight not in messages:
                messages[sight] = event.number, as_text(event, sight)
            outbox.put(messages[sight], soon=soon)
        self.number = event.number
        self._metrics.events.inc()
        if call is not None and before is not None:
            self._move(event, call, before)
        if event.type == "call.ended" and call is not None:
            self.calls.pop(call.id, None)
            self.over[call.id] = call
            if len(self.over) > MOST_OVER:
                self.over.popitem(last=False)

    def _move(self, event: NumberedEvent, call: CallOnAir, before: CallOnAir) -> None:
        """Tell for which screens ``call`` is another one to read since ``before``."""
        for outbox in self.outboxes:
            if not isinstance(outbox.audience, Desk):
                continue
            was, now = outbox.audience.of_call(before), outbox.audience.of_call(call)
            named = event.type == "patient.identified" and now == "waiting"
            if was != now or named:
                for move in self.movers:
                    move(call, outbox, was)

    def remember(self, event: NumberedEvent) -> CallOnAir | None:
        """Keep what later events of the same call are judged by."""
        if event.call_id is None:
            return None
        call = self.known(event.call_id)
        if call is None and event.type == "call.disposed":
            return CallOnAir(
                event.call_id, event.branch_id, talked=frozenset({event.data["agent"]})
            )
        if call is None:
            call = CallOnAir(event.call_id, event.branch_id)
            self.calls[event.call_id] = call
            if len(self.calls) > MOST_CALLS:
                self.calls.popitem(last=False)
        call.take(event)
        return call

    def known(self, call_id: str) -> CallOnAir | None:
        """A call on air, or one that ended a while ago."""
        return self.calls.get(call_id) or self.over.get(call_id)

    def open(self, audience: Audience, limit: int = OUTBOX) -> Outbox:
        """A new screen; events from now on are kept for it."""
        outbox = Outbox(audience, self.post.announce, limit)
        self.outboxes.add(outbox)
        self._metrics.screens.set(len(self.outboxes))
        return outbox

    def close(self, outbox: Outbox) -> None:
        """The screen is gone."""
        self.outboxes.discard(outbox)
        self._metrics.screens.set(len(self.outboxes))
