"""What goes to a screen, on the wire: the same bytes for all who get the same.

ASGI sends each message through each connection's own machinery. Uvicorn's protocol, told by
:class:`ScreenProtocol` to lend itself to the application, is written to as it stands.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from itertools import groupby
from typing import Any, Protocol, cast

from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

EXTENSION = "auricula.line"
"""Of the ASGI scope: the connection itself."""

Message = tuple[int, str]
"""An event with its number, as JSON; any other message with 0."""


def events_message(texts: list[str]) -> str:
    """Several events, each already written as JSON, in one message."""
    return '{"kind":"events","events":[' + ",".join(texts) + "]}"


class Batch:
    """What some screens get at one moment."""

    def __init__(self, messages: tuple[Message, ...]) -> None:
        self.texts: list[str] = []
        for numbered, run in groupby(messages, key=lambda message: message[0] > 0):
            texts = [text for _, text in run]
            self.texts += [events_message(texts)] if numbered else texts

    @cached_property
    def frames(self) -> bytes:
        """As websocket frames of a server: unmasked, not compressed (RFC 6455, 5.2)."""
        return b"".join(
            Frame(Opcode.TEXT, text.encode()).serialize(mask=False) for text in self.texts
        )


class Line(Protocol):
    """The way to one screen."""

    resumed: Callable[[], None]
    """Called when it is no longer busy."""

    @property
    def busy(self) -> bool:
        """Whether the screen has not taken enough of what was sent: it gets no more then."""
        ...

    def write(self, batch: Batch) -> None:
        """Send, without waiting; only while not busy. Does nothing once the line is closed."""
        ...

    def cut(self) -> None:
        """End the connection, whatever is still on its way."""
        ...


class ScreenProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's websocket, which is a :class:`Line` too."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.resumed: Callable[[], None] = lambda: None

    async def run_asgi(self) -> None:
        """Serve the application, and lend it this connection."""
        cast(dict[str, Any], self.scope["extensions"])[EXTENSION] = self
        await super().run_asgi()

    @property
    def busy(self) -> bool:
        """Whether the transport asked for a pause: 64 KiB wait to be taken."""
        return not self.writable.is_set()

    def resume_writing(self) -> None:
        """The transport has room again."""
        super().resume_writing()
        self.resumed()

    def write(self, batch: Batch) -> None:
        """Hand the frames to the transport."""
        if not (self.close_sent or self.transport.is_closing()):
            self.transport.write(batch.frames)

    def cut(self) -> None:
        """End the connection at once."""
        self.transport.abort()


class PlainLine:
    """The same over what ASGI offers, under any other server."""

    def __init__(self, socket: WebSocket) -> None:
        self.resumed: Callable[[], None] = lambda: None
        self._socket = socket
        self._sending: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether the batch before is still being sent."""
        return self._sending is not None

    def write(self, batch: Batch) -> None:
        """Send in a task of its own."""
        self._sending = asyncio.create_task(self._send(batch.texts))

    async def _send(self, texts: list[str]) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # who listens to the screen learns it
            for text in texts:
                await self._socket.send_text(text)
        self._sending = None
        self.resumed()

    def cut(self) -> None:
        """Send no more; the server closes the connection."""
        if self._sending is not None:
            self._sending.cancel()


def line_of(socket: WebSocket) -> Line:
    """The way to an accepted websocket."""
    lent: Line | None = socket.scope.get("extensions", {}).get(EXTENSION)
    return lent or PlainLine(socket)
