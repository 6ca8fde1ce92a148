"""The events websocket: a snapshot, then numbered events, resumed after a cut."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ivr.agents.viewer import Viewer
from ivr.calls.desk import CallDesk, events_of, told
from ivr.calls.schemas import NumberedEvent
from ivr.calls.stream import EventStream
from ivr.calls.views import CallSummary, StreamEvent
from ivr.clock import Clock
from ivr.database import Database
from ivr.web.audience import CallOnAir, Desk
from ivr.web.callers import Callers
from ivr.web.hub import Hub, Outbox, as_text
from ivr.web.messages import CallShown, LiveCall, Pulse, Snapshot
from ivr.web.metrics import Metrics

PULSE_S = 10.0
"""A quiet line says this often that it is alive."""
CHECK_S = 15.0
"""How often an open screen's session is looked at."""
STALL_S = 20.0
"""A browser that takes nothing for this long is closed."""
PAUSE_S = 0.01
"""After a message, what happens within this goes into the next one: a screen gets at most a
hundred messages a second, however much happens, and what comes after a quiet moment at once."""
MOST_MISSED = 2_000
"""Events a screen may have missed and still resume; beyond that it gets a snapshot."""

SESSION_ENDED = 4401
TOO_SLOW = 4408
RESTARTING = 1012

HIDDEN = {
    "ani": "",
    "caller_name": "",
    "patient_id": None,
    "patient_name": "",
    "reason": "",
    "recording_consent": "",
}


class Screens:
    """Serves the events websocket of every console."""

    def __init__(
        self,
        hub: Hub,
        callers: Callers,
        calls: CallDesk,
        stream: EventStream,
        database: Database,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._hub = hub
        self._callers = callers
        self._calls = calls
        self._stream = stream
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._showing: set[asyncio.Task[None]] = set()
        hub.watchers.append(self._show_on_ringing)

    async def serve(
        self,
        socket: WebSocket,
        viewer: Viewer,
        after: int | None,
        still_allowed: Callable[[], Awaitable[bool]],
    ) -> None:
        """Serve one screen until it leaves, stalls or its session ends."""
        await self._hub.ready.wait()
        outbox = self._hub.open(Desk(viewer))
        await socket.accept()
        code, reason = 1000, ""
        try:
            opening, number = await asyncio.to_thread(self._opening, viewer, after)
            for text in opening:
                await asyncio.wait_for(socket.send_text(text), STALL_S)
            tasks = [
                asyncio.create_task(self._write(socket, outbox, number)),
                asyncio.create_task(_read(socket)),
                asyncio.create_task(_watch(still_allowed)),
            ]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                code, reason = next(iter(done)).result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        except TimeoutError:
            code, reason = TOO_SLOW, "too_slow"
        except WebSocketDisconnect:
            return
        finally:
            self._hub.close(outbox)
            if code == TOO_SLOW:
                self._metrics.dropped.inc()
            if socket.application_state is WebSocketState.CONNECTED and code != 1000:
                await _close(socket, code, reason)

    def _opening(self, viewer: Viewer, after: int | None) -> tuple[list[str], int]:
        if after is not None:
            last = self._stream.last_number()
            if after <= last:
                missed = self._stream.after(after, MOST_MISSED + 1)
                if len(missed) <= MOST_MISSED:
                    return self._missed(viewer, missed), max(after, last)
        snapshot = self.snapshot(viewer)
        return [snapshot.model_dump_json()], snapshot.number

    def _missed(self, viewer: Viewer, events: list[NumberedEvent]) -> list[str]:
        desk = Desk(viewer)
        texts = []
        for event in events:
            call = self._hub.calls.get(event.call_id or "")
            sight = desk.sight(event, call or _on_air(event))
            if sight != "none":
                texts.append(as_text(event, sight))
        messages = [events_message(texts)] if texts else []
        for call in list(self._hub.calls.values()):
            if desk.sees(call) and (caller := self._callers.caller(viewer, call)):
                text = f'{{"kind":"caller","call_id":"{call.id}","caller":'
                messages.append(text + caller.model_dump_json() + "}")
        return messages

    def snapshot(self, viewer: Viewer) -> Snapshot:
        """All calls on air, as one moment saw them."""
        with self._database.read() as session:
            number = self._stream.last_number(session)
            everything = self._calls.on_air_in(session, viewer)
            events: dict[str, list[StreamEvent]] = {}
            for event in told(viewer, events_of(session, [call.id for call, _ in everything])):
                events.setdefault(event.call_id or "", []).append(event)
        calls = [
            self._live_call(viewer, call, visible, events.get(call.id, []))
            for call, visible in everything
        ]
        return Snapshot(number=number, now=self._now(), calls=calls)

    def _live_call(
        self, viewer: Viewer, call: CallSummary, visible: bool, events: list[StreamEvent]
    ) -> LiveCall:
        if not visible:
            counted = {**call.model_dump(), **HIDDEN}
            if call.direction == "outbound":
                counted["dnis"] = ""
            queue = [e for e in events if e.data.type in ("queue.joined", "queue.left")]
            return LiveCall(**counted, hidden=True, events=queue, caller=None)
        on_air = self._hub.calls.get(call.id) or CallOnAir(
            call.id, call.branch_id, call.ani, call.patient_id
        )
        caller = self._callers.caller(viewer, on_air)
        return LiveCall(**call.model_dump(), hidden=False, events=events, caller=caller)

    def _show_on_ringing(self, event: NumberedEvent, call: CallOnAir | None) -> None:
        """A call of another branch that rings here is the user's from now on, with its past."""
        if event.type != "agent.ringing" or call is None:
            return
        for outbox in self._hub.outboxes:
            audience = outbox.audience
            if (
                isinstance(audience, Desk)
                and audience.viewer.username == event.data["agent"]
                and not audience.viewer.sees_branch(call.branch_id)
            ):
                task = asyncio.create_task(self._show(outbox, audience.viewer, call))
                self._showing.add(task)
                task.add_done_callback(self._showing.discard)

    async def _show(self, outbox: Outbox, viewer: Viewer, call: CallOnAir) -> None:
        snapshot = await asyncio.to_thread(self.snapshot, viewer)
        for shown in snapshot.calls:
            if shown.id == call.id:
                outbox.put_other(CallShown(call=shown).model_dump_json())

    async def _write(self, socket: WebSocket, outbox: Outbox, number: int) -> tuple[int, str]:
        while True:
            if not await outbox.wait(PULSE_S):
                pulse = Pulse(number=max(number, self._hub.number), now=self._now())
                await asyncio.wait_for(socket.send_text(pulse.model_dump_json()), STALL_S)
                continue
            events, others = outbox.take()
            if outbox.full:
                return TOO_SLOW, "too_slow"
            texts = [text for event_number, text in events if event_number > number]
            if texts:
                number = events[-1][0]
                await asyncio.wait_for(socket.send_text(events_message(texts)), STALL_S)
            for text in others:
                await asyncio.wait_for(socket.send_text(text), STALL_S)
            await asyncio.sleep(PAUSE_S)

    def _now(self) -> datetime:
        return self._clock.now()


def events_message(texts: list[str]) -> str:
    """Several events, each already written as JSON, in one message."""
    return '{"kind":"events","events":[' + ",".join(texts) + "]}"


def _on_air(event: NumberedEvent) -> CallOnAir | None:
    return CallOnAir(event.call_id, event.branch_id) if event.call_id else None


async def _read(socket: WebSocket) -> tuple[int, str]:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return 1000, ""


async def _watch(still_allowed: Callable[[], Awaitable[bool]]) -> tuple[int, str]:
    while await still_allowed():
        await asyncio.sleep(CHECK_S)
    return SESSION_ENDED, "session_ended"


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    try:
        await asyncio.wait_for(socket.close(code, reason), 2)
    except (TimeoutError, RuntimeError, WebSocketDisconnect):
        return
