"""The events websocket: a snapshot, then numbered events, resumed after a cut."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ivr.agents.access import in_short
from ivr.agents.viewer import Viewer
from ivr.calls.desk import CallDesk, OnAir, told, typed
from ivr.calls.schemas import NumberedEvent
from ivr.calls.stream import EventStream
from ivr.calls.views import CallSummary
from ivr.clinic.model import Patient
from ivr.clock import Clock
from ivr.database import Database
from ivr.queues.service import Queues
from ivr.web import attendance
from ivr.web.audience import QUEUED, CallOnAir, CallSight, Desk
from ivr.web.callers import Callers
from ivr.web.hub import Hub, as_text
from ivr.web.lines import events_message, line_of
from ivr.web.messages import CallShown, LiveCall, Pulse, Snapshot, Watch
from ivr.web.metrics import Metrics
from ivr.web.post import STALL_S, TOO_SLOW, Outbox
from ivr.web.room import Room

LINGER_S = 0.5
"""A call that is no longer an agent's stays on the screen this long: it may be again at once,
as when a consultation becomes a transfer."""
MOST_MISSED = 2_000
"""Events a screen may have missed and still resume; beyond that it gets a snapshot."""

RESTARTING = 1012

log = structlog.get_logger(__name__)

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
        room: Room,
        calls: CallDesk,
        queues: Queues,
        stream: EventStream,
        database: Database,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._hub = hub
        self._callers = callers
        self._room = room
        self._calls = calls
        self._queues = queues
        self._stream = stream
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._showing: set[asyncio.Task[None]] = set()
        self._following: asyncio.Task[None] | None = None
        hub.movers.append(self._moved)

    async def serve(
        self,
        socket: WebSocket,
        viewer: Viewer,
        after: int | None,
        session_over: Callable[[], Coroutine[Any, Any, tuple[int, str]]],
    ) -> None:
        """Serve one screen until it leaves, stalls or its session ends, for which
        ``session_over`` waits: with a closing code and a reason."""
        served = await asyncio.to_thread(self._queues.served, {viewer.username})
        desk = Desk(viewer, served[viewer.username])
        await socket.accept()
        line = line_of(socket)
        outbox = self._hub.open(desk)
        if self._following is None or self._following.done():
            self._following = asyncio.create_task(self._follow_queues())
        code, reason = 1000, ""
        try:
            opening, number = await asyncio.to_thread(self._opening, desk, after)
            for text in opening:
                await _send(socket, text)
            outbox.connect(line, number)
            tasks = [
                asyncio.create_task(self._listen(socket, desk)),
                asyncio.create_task(session_over()),
            ]
            try:
                done, _ = await asyncio.wait(
                    [outbox.over, *tasks], return_when=asyncio.FIRST_COMPLETED
                )
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
            if code == TOO_SLOW:
                line.cut()

    async def run(self) -> None:
        """Bring the screens what happens, until cancelled."""
        await self._hub.post.run(self.pulse)

    def pulse(self) -> str:
        """What a quiet line says: that all there is has been sent."""
        return Pulse(number=self._hub.number, now=self._now()).model_dump_json()

    def _opening(self, desk: Desk, after: int | None) -> tuple[list[str], int]:
        if after is not None:
            last = self._stream.last_number()
            if after <= last:
                missed = self._stream.after(after, MOST_MISSED + 1)
                if len(missed) <= MOST_MISSED:
                    return self._missed(desk, missed), max(after, last)
        snapshot = self.snapshot(desk)
        return [snapshot.model_dump_json()], snapshot.number

    def _missed(self, desk: Desk, events: list[NumberedEvent]) -> list[str]:
        """What came about in the meantime; an agent is shown anew the calls that may have
        become theirs, or somebody else's."""
        texts, touched = [], set()
        for event in events:
            call = self._hub.known(event.call_id or "")
            sight = desk.sight(event, call or _on_air(event))
            if sight != "none":
                texts.append(as_text(event, sight))
            touched.add(event.call_id)
        messages = [events_message(texts)] if texts else []
        if not desk.viewer.supervises:
            shown = self.snapshot(desk).calls
            return messages + [
                CallShown(call=call).model_dump_json()
                for call in shown
                if call.sight != "bare" or call.id in touched
            ]
        for call in list(self._hub.calls.values()):
            if desk.of_call(call) == "full" and (caller := self._callers.caller(desk.viewer, call)):
                text = f'{{"kind":"caller","call_id":"{call.id}","caller":'
                messages.append(text + caller.model_dump_json() + "}")
        return messages

    def snapshot(self, desk: Desk, call_id: str | None = None) -> Snapshot:
        """All calls on air, as one moment saw them and as far as they are ``desk``'s to read;
        only that one of ``call_id``, if given."""
        with self._database.read() as session:
            number = self._stream.last_number(session)
            on_air = self._calls.on_air_in(session, None if call_id is None else [call_id])
            calls = [self._live_call(session, desk, call) for call in on_air]
        return Snapshot(number=number, now=self._now(), calls=calls)

    def _live_call(self, session: Session, desk: Desk, call: OnAir) -> LiveCall:
        summary, events = call.summary, call.events
        state = CallOnAir(summary.id, summary.branch_id)
        for event in events:
            state.take(event)
        sight = desk.of_call(state)
        if sight == "full":
            return LiveCall(
                **summary.model_dump(),
                sight=sight,
                who="",
                number=state.last,
                events=told(desk.viewer, typed(events)),
                caller=self._callers.caller(desk.viewer, state),
            )
        counted = {**summary.model_dump(), **HIDDEN}
        if summary.direction == "outbound":
            counted["dnis"] = ""
        return LiveCall(
            **counted,
            sight=sight,
            who=_who(session, summary) if sight == "waiting" else "",
            number=state.last,
            events=typed([event for event in events if event.type in QUEUED]),
            caller=None,
        )

    def _moved(self, call: CallOnAir, outbox: Outbox, was: CallSight) -> None:
        """A call became another one to read for a screen: show it with its past, or take it
        off, as soon as that has been read."""
        task = asyncio.create_task(self._show(call.id, outbox, was))
        self._showing.add(task)
        task.add_done_callback(self._showing.discard)

    async def _show(self, call_id: str, outbox: Outbox, was: CallSight) -> None:
        desk = outbox.audience
        assert isinstance(desk, Desk)
        if was == "full":
            await asyncio.sleep(LINGER_S)
        while True:
            found = await asyncio.to_thread(self._read, call_id, desk)
            now = self._hub.calls.get(call_id)
            if found is None or now is None:
                return
            number, text = found
            if now.last <= number:
                outbox.put_other(text)
                return

    def _read(self, call_id: str, desk: Desk) -> tuple[int, str] | None:
        snapshot = self.snapshot(desk, call_id)
        if not snapshot.calls:
            return None
        shown = CallShown(call=snapshot.calls[0])
        return snapshot.number, shown.model_dump_json()

    async def _follow_queues(self) -> None:
        """Who serves which queue may change while screens are open."""
        while desks := self._desks():
            await asyncio.sleep(attendance.CHECK_S)
            users = {desk.viewer.username for _, desk in desks}
            try:
                served = await asyncio.to_thread(self._queues.served, users)
            except Exception as error:  # whatever it is, it is asked again
                log.warning("queues not looked at", error=type(error).__name__)
                continue
            for outbox, desk in self._desks():
                before, desk.queues = desk.queues, served.get(desk.viewer.username, desk.queues)
                for call in self._hub.calls.values():
                    if call.queue in before ^ desk.queues:
                        self._moved(call, outbox, "bare")

    def _desks(self) -> list[tuple[Outbox, Desk]]:
        outboxes = self._hub.outboxes
        return [(one, one.audience) for one in outboxes if isinstance(one.audience, Desk)]

    async def _listen(self, socket: WebSocket, desk: Desk) -> tuple[int, str]:
        """Until the screen leaves; what it says that is no :class:`Watch` is passed over."""
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return 1000, ""
            with suppress(ValidationError):
                self._room.shown(desk, Watch.model_validate_json(message.get("text") or "").board)

    def _now(self) -> datetime:
        return self._clock.now()


async def _send(socket: WebSocket, text: str) -> None:
    """Raises :class:`TimeoutError` when the browser takes nothing. (No ``wait_for``: that
    makes a task each time.)"""
    async with asyncio.timeout(STALL_S):
        await socket.send_text(text)


def _who(session: Session, call: CallSummary) -> str:
    patient = session.get(Patient, call.patient_id) if call.patient_id else None
    return in_short(patient, call.ani)


def _on_air(event: NumberedEvent) -> CallOnAir | None:
    return CallOnAir(event.call_id, event.branch_id) if event.call_id else None


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    try:
        await asyncio.wait_for(socket.close(code, reason), 2)
    except (TimeoutError, RuntimeError, WebSocketDisconnect):
        return
