"""The web application on a real port, over the demo clinic."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from ivr.agents.service import Accounts
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clock import FixedClock
from ivr.config import Settings
from ivr.database import Database
from ivr.flow.events import CallStarted, EventBase
from ivr.ports import Channel
from ivr.web.app import create_app
from ivr.web.running import running
from ivr.web.services import Services, services

PASSWORD = "una frase bastante larga"
MADRID, MEXICO = 1, 2


@dataclass(frozen=True)
class Console:
    """A running console and what is behind it."""

    url: str
    services: Services
    log: CallLog
    clock: FixedClock

    @property
    def stream(self) -> EventStream:
        return self.services.stream

    @property
    def database(self) -> Database:
        return self.services.database

    @contextmanager
    def browser(self, username: str = "") -> Iterator[httpx.Client]:
        """A browser, logged in as ``username``, if given."""
        with httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=20) as client:
            if username:
                answer = client.post(
                    "/api/v1/session", json={"username": username, "password": PASSWORD}
                )
                assert answer.status_code == 200, answer.text
            yield client

    def cookie(self, username: str) -> str:
        """A session of ``username`` as a Cookie header."""
        with self.browser(username) as client:
            return f"auricula={client.cookies['auricula']}"

    @contextmanager
    def socket(
        self,
        path: str,
        cookie: str = "",
        *,
        origin: str | None = None,
        subprotocols: list[Any] | None = None,
        **options: Any,
    ) -> Iterator[ClientConnection]:
        """An open websocket, as the browser of that session would open it."""
        with connect(
            self.url.replace("http", "ws", 1) + path,
            origin=Origin(origin or self.url),
            additional_headers={"Cookie": cookie} if cookie else {},
            subprotocols=subprotocols,
            proxy=None,
            compression=None,
            **options,
        ) as socket:
            yield socket

    def call(
        self, number: str = "+34600000021", *, branch: int | None = MADRID, **started: Any
    ) -> str:
        """A call that just reached the clinic."""
        fields = {"flow": "recepcion", "flow_version": "1", "language": "es-ES", **started}
        event = CallStarted(direction="inbound", ani=number, dnis="+34910000001", **fields)
        return self.log.start(event, branch_id=branch)

    def happens(self, call_id: str, *events: EventBase) -> int:
        """Events of a call; returns the number of the last."""
        number = 0
        for event in events:
            number = self.log.append(call_id, event)
        return number


class Screen:
    """An events websocket, read message by message."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def message(self, kind: str, timeout: float = 15) -> dict[str, Any]:
        """The next message of that kind; words of life in between prolong nothing."""
        deadline = time.monotonic() + timeout
        while True:
            rest = max(0.0, deadline - time.monotonic())
            found: dict[str, Any] = json.loads(self.socket.recv(rest))
            if found["kind"] == kind:
                return found

    def events(self, until: int) -> list[dict[str, Any]]:
        """Events received up to number ``until``."""
        got: list[dict[str, Any]] = []
        while not got or got[-1]["number"] < until:
            got += self.message("events")["events"]
        return got


OpenScreen = Callable[..., AbstractContextManager[Screen]]


@contextmanager
def serving(
    database: Database,
    clock: FixedClock,
    var: Path,
    pages: Path,
    channels: Mapping[str, Channel] | None = None,
) -> Iterator[Console]:
    """A console with a supervisor of everything and an agent of each branch."""
    accounts = Accounts(database, clock)
    accounts.create("marta", PASSWORD, name="Marta Sanz", role="supervisor")
    accounts.create("lucia", PASSWORD, name="Lucía", role="agent", branch_id=MADRID)
    accounts.create("diego", PASSWORD, name="Diego", role="agent", branch_id=MEXICO)
    settings = Settings(var=var, recordings=var / "recordings", console=pages, asterisk_http_port=1)
    wired = services(
        settings,
        database,
        clock,
        sip_secret=lambda endpoint: f"of {endpoint}",
        channels=channels,
    )
    with running(create_app(wired)) as url:
        yield Console(url, wired, CallLog(database, clock, wired.stream), clock)


@pytest.fixture
def console(demo_clinic: Database, clock: FixedClock, tmp_path: Path) -> Iterator[Console]:
    """The server of the console over the demo clinic; its pages are not built."""
    with serving(demo_clinic, clock, tmp_path, tmp_path / "nothing") as console:
        yield console


@pytest.fixture
def screen(console: Console) -> OpenScreen:
    """Opens the events websocket of a user."""

    @contextmanager
    def open_screen(username: str, after: int | None = None, **options: Any) -> Iterator[Screen]:
        path = "/api/v1/events" + ("" if after is None else f"?after={after}")
        with console.socket(path, console.cookie(username), **options) as socket:
            yield Screen(socket)

    return open_screen
