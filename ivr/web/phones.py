"""The websockets of browser phones: an agent's, and the demo page's with its captions."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request, WebSocket

from ivr.agents.access import User
from ivr.agents.sessions import Sessions
from ivr.errors import AuriculaError, Forbidden, Unavailable
from ivr.web.attendance import SESSION_ENDED, Attendance
from ivr.web.audience import Caption
from ivr.web.demo_phone import DemoPhones, PhoneCredentials
from ivr.web.hub import Hub
from ivr.web.lines import line_of
from ivr.web.metrics import Metrics
from ivr.web.services import Services
from ivr.web.sip_relay import Line, relay

log = structlog.get_logger(__name__)

NO_SWITCH = NO_EVENTS = 4503
FOLLOWING_S = 5.0
"""Patience with the stream of events before a visitor is told that there are no captions."""
PAGE_CLOSED = 1001
"""The browser leaves the page (RFC 6455, 7.4.1): the call on it has lost its phone. Any other
end may be the websocket's alone, while the sound goes on; its absence the switch notices."""
RELOAD_S = 6.0
"""A page that reloads has its phone back within this."""


def session_password(token: str) -> str:
    """The SIP password of one login: derived from it, so that it ends with it."""
    return hashlib.sha256(f"sip:{token}".encode()).hexdigest()[:40]


class PhoneSockets:
    """Connects browser phones to the switch."""

    def __init__(
        self,
        services: Services,
        sessions: Sessions,
        attendance: Attendance,
        phones: DemoPhones,
        hub: Hub,
        metrics: Metrics,
    ) -> None:
        self._sessions = sessions
        self._attendance = attendance
        self._phones = phones
        self._hub = hub
        self._metrics = metrics
        self._secret = services.sip_secret
        self._control = services.control
        self._states = services.states
        self._leaving: set[asyncio.Task[None]] = set()
        self._lines: dict[str, int] = {}
        """Open phones by user."""
        settings = services.settings
        self._switch = f"ws://{settings.asterisk_http_host}:{settings.asterisk_http_port}/ws"

    def install(self, app: FastAPI, prefix: str) -> None:
        """Add the endpoints to ``app``."""
        api = APIRouter(prefix=prefix, tags=["phone"])

        @api.post("/phone", summary="Credentials of this login's browser phone")
        def phone_credentials(request: Request, viewer: User) -> PhoneCredentials:
            if not viewer.extension:
                raise Forbidden("This account has no phone. Ask a supervisor for one.")
            if self._secret is None:
                raise Unavailable("The switch has not been set up: run make up.")
            if viewer.username not in self._lines:
                self._lost(viewer.username)
            return PhoneCredentials(
                endpoint=viewer.extension,
                password=session_password(self._sessions.token(request)),
                path=f"{prefix}/sip",
                dial="",
            )

        app.include_router(api)
        app.add_api_websocket_route(f"{prefix}/sip", self._agent)
        app.add_api_websocket_route(f"{prefix}/demo-phone/sip", self._visitor)
        app.add_api_websocket_route(f"{prefix}/demo-phone/captions", self._captions)

    async def _agent(self, socket: WebSocket) -> None:
        viewer = await asyncio.to_thread(self._sessions.viewer, socket)
        if viewer is None or viewer.must_change_password or not viewer.extension:
            await _refuse(socket, SESSION_ENDED, "not_logged_in")
            return
        if self._secret is None:
            await _refuse(socket, NO_SWITCH, "switch_unavailable")
            return
        line = Line(
            endpoint=viewer.extension,
            password=session_password(self._sessions.token(socket)),
            secret=self._secret(viewer.extension),
        )
        session_over = partial(self._attendance.over, self._sessions.token(socket))
        self._lines[viewer.username] = self._lines.get(viewer.username, 0) + 1
        code = 0
        try:
            code = await self._relay(socket, line, session_over)
        finally:
            self._lines[viewer.username] -= 1
            if not self._lines[viewer.username]:
                del self._lines[viewer.username]
                if code in (PAGE_CLOSED, SESSION_ENDED):
                    await asyncio.to_thread(self._lost, viewer.username)
                gone = asyncio.create_task(self._gone(viewer.username))
                self._leaving.add(gone)
                gone.add_done_callback(self._leaving.discard)

    async def _gone(self, agent: str) -> None:
        """A page that is gone takes no calls: unless it is back in a moment, the agent is
        away, and nobody waits for a phone that cannot ring."""
        await asyncio.sleep(RELOAD_S)
        if agent not in self._lines:
            await asyncio.to_thread(self._states.heard, agent, "absent")

    def _lost(self, agent: str) -> None:
        """A page that is gone, or begins anew, has no call: its caller is kept and rings
        there again."""
        if self._control is None:
            return
        try:
            self._control.lost(agent)
        except AuriculaError as error:
            log.warning("call of a lost phone not kept", agent=agent, error=error.code)

    async def _visitor(self, socket: WebSocket) -> None:
        ticket = self._phones.ticket(socket)
        if ticket is None:
            await _refuse(socket, SESSION_ENDED, "ticket_used")
            return
        await self._relay(socket, self._phones.line(ticket), in_use=ticket.in_use())

    async def _relay(
        self,
        socket: WebSocket,
        line: Line,
        session_over: Callable[[], Coroutine[Any, Any, tuple[int, str]]] | None = None,
        in_use: AbstractContextManager[None] | None = None,
    ) -> int:
        self._metrics.relays.inc()
        try:
            return await relay(socket, self._switch, line, session_over, in_use=in_use)
        finally:
            self._metrics.relays.dec()

    async def _captions(self, socket: WebSocket) -> None:
        ticket = self._phones.ticket(socket)
        if ticket is None:
            await _refuse(socket, SESSION_ENDED, "ticket_used")
            return
        try:
            async with asyncio.timeout(FOLLOWING_S):
                await self._hub.ready.wait()  # what happened before is told to nobody here
        except TimeoutError:
            await _refuse(socket, NO_EVENTS, "no_events")
            return
        await socket.accept()
        line = line_of(socket)
        outbox = self._hub.open(Caption(ticket.number))
        reading = asyncio.create_task(_until_closed(socket))
        outbox.over.add_done_callback(lambda _: reading.cancel())
        try:
            outbox.connect(line, 0)
            await asyncio.wait([reading])
        finally:
            reading.cancel()
            if outbox.over.done():
                line.cut()
            self._hub.close(outbox)


async def _until_closed(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _refuse(socket: WebSocket, code: int, reason: str) -> None:
    await socket.accept(subprotocol="sip" if "sip" in socket.scope["subprotocols"] else None)
    await socket.close(code, reason)
