"""The session cookie: who a request or websocket comes from."""

import hashlib

from starlette.requests import HTTPConnection
from starlette.responses import Response

from ivr.agents.service import DEVICE, SESSION, Accounts, NewSession
from ivr.agents.viewer import Viewer, viewer_of

LOGIN = "/api/v1/session"
"""Where one logs in."""


class Sessions:
    """Reads and writes the cookie; what it is worth, :class:`Accounts` knows."""

    def __init__(self, accounts: Accounts, *, public_url: str = "") -> None:
        self.accounts = accounts
        self._https = public_url.startswith("https://")

    def secure(self, connection: HTTPConnection) -> bool:
        """Whether the browser reached us over https."""
        return self._https or connection.url.scheme in ("https", "wss")

    def name(self, connection: HTTPConnection) -> str:
        """The cookie's name: ``__Host-`` ties it to this host, https and no path (RFC 6265bis)."""
        return "__Host-auricula" if self.secure(connection) else "auricula"

    def token(self, connection: HTTPConnection) -> str:
        """The token the browser sent, empty without one."""
        return connection.cookies.get(self.name(connection), "")

    def device(self, connection: HTTPConnection, username: str) -> str:
        """The token of the user's earlier login from this browser, empty without one."""
        return connection.cookies.get(self._device_name(connection, username), "")

    def _device_name(self, connection: HTTPConnection, username: str) -> str:
        """One for each user: a desk is shared by several."""
        of = hashlib.sha256(username.strip().lower().encode()).hexdigest()[:16]
        return f"{'__Secure-' if self.secure(connection) else ''}auricula-device-{of}"

    def viewer(self, connection: HTTPConnection) -> Viewer | None:
        """The logged-in user, if the session is still worth something."""
        token = self.token(connection)
        user = self.accounts.session(token) if token else None
        return viewer_of(user) if user else None

    def write(self, connection: HTTPConnection, response: Response, new: NewSession) -> None:
        """Hand the new session to the browser, and what it is known by when it is over."""
        response.set_cookie(
            self.name(connection),
            new.token,
            max_age=int(SESSION.total_seconds()),
            secure=self.secure(connection),
            httponly=True,
            samesite="strict",
        )
        response.set_cookie(
            self._device_name(connection, new.user.username),
            new.device,
            max_age=int(DEVICE.total_seconds()),
            path=LOGIN,  # nowhere else: many of them would fill a request's header
            secure=self.secure(connection),
            httponly=True,
            samesite="strict",
        )

    def clear(self, connection: HTTPConnection, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(
            self.name(connection),
            secure=self.secure(connection),
            httponly=True,
            samesite="strict",
        )
