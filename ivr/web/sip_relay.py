"""The browser phone's way to Asterisk: same origin, session checked, one identity each.

The browser speaks SIP over our websocket; we pass it on to Asterisk's, which listens on
the loopback only. Credentials are made for each login and end with it: the browser signs
with them (RFC 8760/7616 digest), the relay checks that signature and puts in its place
the one Asterisk knows. The endpoint's lasting password never leaves the server, and a
browser can speak only for its own endpoint.
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

log = structlog.get_logger(__name__)

LARGEST = 64 * 1024
"""Bytes of one SIP message; a session description of ours is under 10 KiB."""
ASKED, THERE = "\r\n\r\n", "\r\n"
"""A browser that asks whether we are there, and the answer (RFC 5626, 3.5.1)."""
ASLEEP_S = 90.0
"""A page that has asked and then says nothing for so long runs no more: its computer sleeps or
the browser froze it. A browser asks for a hidden page once a minute at least."""
SIGNED = ("authorization", "proxy-authorization")
OWN_HEADERS = ("p-asserted-identity", "p-preferred-identity", "remote-party-id", "x-auricula-from")
_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^",\s]+))')
_ADDRESS = re.compile(r"sips?:([^@;>\s]+)@", re.IGNORECASE)


class Refused(Exception):
    """The message is not one this browser may send."""


@dataclass(frozen=True)
class Line:
    """What one browser phone is to the switch."""

    endpoint: str
    """PJSIP endpoint, the only identity it may use."""
    password: str
    """Given to the browser for this login."""
    secret: str
    """The endpoint's own, known to Asterisk."""
    calls_as: str = ""
    """E.164 number to show as the caller's; empty: the endpoint's own."""


def md5(text: str) -> str:
    """Digest of RFC 2617, which SIP over Asterisk uses by default."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def signature(line_user: str, password: str, method: str, values: dict[str, str]) -> str:
    """The ``response`` of a digest ``Authorization`` (RFC 2617, 3.2.2)."""
    first = md5(f"{line_user}:{values.get('realm', '')}:{password}")
    second = md5(f"{method}:{values.get('uri', '')}")
    nonce = values.get("nonce", "")
    if "qop" in values:
        middle = f"{nonce}:{values.get('nc', '')}:{values.get('cnonce', '')}:{values['qop']}"
        return md5(f"{first}:{middle}:{second}")
    return md5(f"{first}:{nonce}:{second}")


def outgoing(message: str, line: Line) -> str:
    """A message of the browser, checked and signed for the switch; raises :class:`Refused`."""
    head, blank, body = message.partition("\r\n\r\n")
    if not message.strip("\r\n"):
        return message  # keep-alive
    lines = head.split("\r\n")
    if not blank or any("\r" in text or "\n" in text for text in lines):
        raise Refused("line ends")  # the switch takes a lone CR or LF for one, too
    request = not lines[0].startswith("SIP/2.0")
    method = lines[0].split(" ", 1)[0]
    kept = [lines[0]]
    for text in lines[1:]:
        name, _, value = text.partition(":")
        name = name.strip().lower()
        if text[:1] in (" ", "\t"):
            raise Refused("folded header")
        if name in OWN_HEADERS:
            continue
        if request and name in ("from", "f"):
            user = _ADDRESS.search(value)
            if user is None or user.group(1) != line.endpoint:
                raise Refused("foreign identity")
        if name in SIGNED:
            text = f"{text.split(':', 1)[0]}: {_resigned(value, method, line)}"
        kept.append(text)
    if line.calls_as and method == "INVITE":
        kept.append(f"X-Auricula-From: {line.calls_as}")
    return "\r\n".join(kept) + blank + body


def _resigned(value: str, method: str, line: Line) -> str:
    values = {m[1].lower(): m[2] or m[3] or "" for m in _PARAMETER.finditer(value)}
    if values.get("username") != line.endpoint:
        raise Refused("foreign identity")
    if values.get("algorithm", "MD5").upper() != "MD5":
        raise Refused("unknown digest")
    theirs = signature(line.endpoint, line.password, method, values)
    if not hmac.compare_digest(theirs, values.get("response", "")):
        raise Refused("wrong credentials")
    ours = signature(line.endpoint, line.secret, method, values)
    return value.replace(f'response="{values["response"]}"', f'response="{ours}"')


async def relay(
    browser: WebSocket,
    switch_url: str,
    line: Line,
    session_over: Callable[[], Coroutine[Any, Any, tuple[int, str]]] | None = None,
    *,
    in_use: AbstractContextManager[None] | None = None,
) -> int:
    """Carry messages both ways until one side leaves or ``session_over`` returns, with a
    closing code and a reason; answers the websocket's closing code (RFC 6455, 7.4.1).
    ``in_use`` lasts as long as the browser is there: taking leave of a switch that is slow to
    answer is no use of it."""
    try:
        switch = await connect(
            switch_url,
            subprotocols=[Subprotocol("sip")],
            open_timeout=5,
            max_size=LARGEST,
            compression=None,
            proxy=None,
        )
    except (OSError, TimeoutError, InvalidHandshake):
        await browser.accept(subprotocol="sip")  # a page can only read why after accepting
        await browser.close(4503, "switch_unavailable")
        return 4503
    await browser.accept(subprotocol="sip")
    code, reason = 1000, ""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_from_browser(browser, switch, line)),
                group.create_task(_from_switch(browser, switch)),
            ]
            if session_over is not None:
                tasks.append(group.create_task(session_over()))
            with in_use or nullcontext():
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            code, reason = next(iter(done)).result()
            for task in tasks:
                task.cancel()
    finally:
        await switch.close()
        if browser.client_state is WebSocketState.CONNECTED:
            await browser.close(code, reason)
    return code


async def _from_browser(
    browser: WebSocket, switch: ClientConnection, line: Line
) -> tuple[int, str]:
    patience: float | None = None
    while True:
        try:
            async with asyncio.timeout(patience):
                message = await browser.receive_text()
            if message == ASKED:
                patience = ASLEEP_S
                await browser.send_text(THERE)
                continue
            await switch.send(outgoing(message, line))
        except Refused as refused:
            log.warning("sip message refused", endpoint=line.endpoint, why=str(refused))
            return 4403, "not_allowed"
        except TimeoutError:
            return 4408, "asleep"
        except WebSocketDisconnect as left:
            return left.code, ""
        except ConnectionClosed:
            return 4503, "switch_unavailable"


async def _from_switch(browser: WebSocket, switch: ClientConnection) -> tuple[int, str]:
    try:
        async for message in switch:
            await browser.send_text(message if isinstance(message, str) else message.decode())
    except WebSocketDisconnect:
        return 1000, ""
    except ConnectionClosed:
        pass
    return 4503, "switch_unavailable"
