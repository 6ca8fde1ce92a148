"""What every response carries and every request must pass before it reaches an endpoint.

Plain ASGI, so that websockets pass the same checks as requests.
"""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ivr.web.problems import problem, unexpected

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Mantine writes its variables into <style>
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=()",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def host_of(value: str) -> str:
    """The lower-case host of a ``Host`` header or authority, without port."""
    return (urlsplit(f"//{value}").hostname or "").lower()


def is_address(host: str) -> bool:
    """Whether ``host`` is an IP address: those cannot be rebound by a foreign DNS server."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """Refuses foreign hosts and origins, and adds the security headers.

    A state-changing request or a websocket must come from our own pages: ``Origin`` has to
    name the host the request was sent to. Programs without a browser send no ``Origin``
    and no ``Sec-Fetch-Site``; they may make requests but not open websockets.
    """

    def __init__(self, app: ASGIApp, *, public_url: str = "", hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.https = public_url.startswith("https://")
        self.hosts = {"localhost", socket.gethostname().lower(), *hosts}
        if public_url:
            self.hosts.add(host_of(urlsplit(public_url).netloc))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, then pass it on with headers added to its response."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refusal(scope, headers)
        if refused:
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 4403, "reason": refused[0]})
                return
            await problem(403, refused[0], refused[1])(scope, receive, self._adding(scope, send))
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        adding = self._adding(scope, send)
        try:
            await self.app(scope, receive, adding)
        except Exception as error:
            if adding.started:
                raise
            await unexpected(scope["path"], error)(scope, receive, adding)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[str, str] | None:
        host = headers.get("host", "")
        name = host_of(host)
        if name not in self.hosts and not is_address(name):
            return (
                "foreign_host",
                f"This server does not answer for {name!r}. Set AURICULA_PUBLIC_URL to the "
                "address the console is opened with.",
            )
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() == host.lower():
            return None
        if scope["type"] == "websocket" or origin is not None:
            needed = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        else:
            site = headers.get("sec-fetch-site", "same-origin")
            needed = scope["method"] not in SAFE_METHODS and site not in ("same-origin", "none")
        if needed:
            return ("foreign_origin", "Requests that change something must come from our pages.")
        return None

    def _adding(self, scope: Scope, send: Send) -> "_Adding":
        https = self.https or scope.get("scheme") == "https"
        return _Adding(send, api=scope["path"].startswith("/api/"), https=https)


class _Adding:
    """Sends a response on with the security headers added."""

    def __init__(self, send: Send, *, api: bool, https: bool) -> None:
        self._send = send
        self._api = api
        self._https = https
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self._api:
                headers.setdefault("Cache-Control", "no-store")
            if self._https:
                headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        await self._send(message)
