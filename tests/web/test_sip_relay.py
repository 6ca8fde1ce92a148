"""The way of the browser phones to the switch."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from ivr.config import Settings
from ivr.flow import events as e
from ivr.web import attendance, sip_relay
from ivr.web.app import create_app
from ivr.web.hub import Hub
from ivr.web.phones import session_password
from ivr.web.running import running
from ivr.web.sip_relay import Line, Refused, outgoing, signature
from tests.web.conftest import Console, Screen

LINE = Line(endpoint="agent-lucia", password="de la sesión", secret="de la centralita")
NONCE = {"realm": "asterisk", "nonce": "abc", "uri": "sip:clinica", "qop": "auth"}


def register(
    user: str = "agent-lucia",
    *,
    password: str | None = None,
    extra: str = "",
    method: str = "REGISTER",
) -> str:
    lines = [
        f"{method} sip:clinica SIP/2.0",
        "Via: SIP/2.0/WS browser.invalid;branch=z9hG4bK1",
        f"From: <sip:{user}@clinica>;tag=1",
        f"To: <sip:{user}@clinica>",
        "Call-ID: 1",
    ]
    if password is not None:
        values = {**NONCE, "nc": "00000001", "cnonce": "xyz"}
        response = signature(user, password, method, values)
        lines.append(
            f'Authorization: Digest username="{user}", realm="asterisk", nonce="abc", '
            f'uri="sip:clinica", response="{response}", qop=auth, cnonce="xyz", nc=00000001'
        )
    if extra:
        lines.append(extra)
    return "\r\n".join([*lines, "Content-Length: 0", "", ""])


def test_a_signature_with_the_sessions_password_becomes_one_the_switch_accepts() -> None:
    values = {**NONCE, "nc": "00000001", "cnonce": "xyz"}
    sent = outgoing(register(password=LINE.password), LINE)
    expected = signature("agent-lucia", LINE.secret, "REGISTER", values)
    assert f'response="{expected}"' in sent
    assert LINE.secret not in sent


def test_the_digest_is_that_of_the_rfc() -> None:
    values = {
        "realm": "testrealm@host.com",
        "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        "uri": "/dir/index.html",
        "qop": "auth",
        "nc": "00000001",
        "cnonce": "0a4f113b",
    }
    assert signature("Mufasa", "Circle Of Life", "GET", values) == (
        "6629fae49393a05397450978507c4ef1"
    )


@pytest.mark.parametrize(
    "message",
    [
        register(password="otra"),
        register("agent-otro", password=LINE.password),
        register("agent-otro"),
        register(extra=" folded: yes"),
        register("agent-otro").replace("\r\n", "\n"),
        register(extra="Subject: x\nFrom: <sip:agent-otro@clinica>;tag=2"),
        register(extra="Subject: x\rX-Auricula-From: +34999999999"),
        register(password=LINE.password).replace("qop=auth,", "qop=auth, algorithm=SHA-256,"),
    ],
)
def test_another_identity_or_another_password_is_refused(message: str) -> None:
    with pytest.raises(Refused):
        outgoing(message, LINE)


def test_the_browser_cannot_choose_whose_number_the_clinic_sees() -> None:
    line = Line(endpoint="demo-phone", password="p", secret="s", calls_as="+34600000021")
    forged = register("demo-phone", extra="X-Auricula-From: +34999999999", method="INVITE")
    forged = forged.replace("Content-Length", "P-Asserted-Identity: <sip:1@x>\r\nContent-Length")
    sent = outgoing(forged, line)
    assert sent.count("X-Auricula-From") == 1
    assert "X-Auricula-From: +34600000021\r\n" in sent
    assert "P-Asserted-Identity" not in sent


def test_keep_alives_and_answers_pass_as_they_are() -> None:
    assert outgoing("\r\n\r\n", LINE) == "\r\n\r\n"
    answer = "SIP/2.0 200 OK\r\nFrom: <sip:otro@x>;tag=1\r\n\r\n"
    assert outgoing(answer, LINE) == answer


@dataclass
class FakeSwitch:
    """Asterisk's websocket: keeps what it gets and answers each message."""

    port: int = 0
    got: list[str] = field(default_factory=list)
    subprotocols: list[Any] = field(default_factory=list)
    deaf: bool = False
    """From the next message on it reads no more: it answers no goodbye either."""


@contextmanager
def fake_switch() -> Iterator[FakeSwitch]:
    switch = FakeSwitch()
    ready, loop = threading.Event(), asyncio.new_event_loop()
    ended = asyncio.Event()

    async def talk(socket: ServerConnection) -> None:
        switch.subprotocols.append(socket.subprotocol)
        async for message in socket:
            switch.got.append(str(message))
            if switch.deaf:
                socket.transport.pause_reading()
            await socket.send("SIP/2.0 200 OK\r\n\r\n")

    async def main() -> None:
        async with serve(talk, "127.0.0.1", 0, subprotocols=["sip"]) as server:  # type: ignore[list-item]
            switch.port = next(iter(server.sockets)).getsockname()[1]
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    ready.wait(10)
    try:
        yield switch
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


@pytest.fixture
def with_switch(console: Console) -> Iterator[tuple[Console, FakeSwitch]]:
    """The console of :func:`console` with a switch to relay to."""
    with fake_switch() as switch:
        settings = Settings(
            **{**console.services.settings.model_dump(), "asterisk_http_port": switch.port}
        )
        wired = replace(console.services, settings=settings)
        with running(create_app(wired)) as url:
            yield replace(console, url=url, services=wired), switch


def test_an_agents_phone_reaches_the_switch_with_its_session(
    with_switch: tuple[Console, FakeSwitch],
) -> None:
    console, switch = with_switch
    cookie = console.cookie("lucia")
    with console.browser() as browser:
        given = browser.post("/api/v1/phone", headers={"Cookie": cookie}).json()
    assert given["endpoint"] == "agent-lucia"
    assert given["password"] == session_password(cookie.split("=", 1)[1])
    with console.socket(given["path"], cookie, subprotocols=["sip"]) as phone:
        assert phone.subprotocol == "sip"
        phone.send(register(password=given["password"]))
        assert phone.recv(10) == "SIP/2.0 200 OK\r\n\r\n"
        phone.send("\r\n\r\n")
        assert phone.recv(10) == "\r\n", "the relay itself answers for being there"
    assert switch.subprotocols == ["sip"]
    assert len(switch.got) == 1
    values = {**NONCE, "nc": "00000001", "cnonce": "xyz"}
    assert signature("agent-lucia", "of agent-lucia", "REGISTER", values) in switch.got[0]


def test_a_page_that_has_stopped_asking_is_taken_for_asleep(
    with_switch: tuple[Console, FakeSwitch], monkeypatch: pytest.MonkeyPatch
) -> None:
    console, _ = with_switch
    monkeypatch.setattr(sip_relay, "ASLEEP_S", 0.5)
    with (
        console.socket("/api/v1/sip", console.cookie("lucia"), subprotocols=["sip"]) as phone,
        pytest.raises(ConnectionClosed) as closed,
    ):
        phone.send("\r\n\r\n")
        assert phone.recv(10) == "\r\n"
        phone.recv(10)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4408, "asleep")


def test_a_phone_ends_with_its_session(
    with_switch: tuple[Console, FakeSwitch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attendance, "CHECK_S", 0.1)
    console, _ = with_switch
    cookie = console.cookie("lucia")
    with (
        console.socket("/api/v1/sip", cookie, subprotocols=["sip"]) as phone,
        pytest.raises(ConnectionClosed) as closed,
    ):
        phone.send("\r\n\r\n")
        assert phone.recv(10) == "\r\n"
        with console.browser() as browser:
            browser.delete("/api/v1/session", headers={"Cookie": cookie})
        phone.recv(10)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4401, "session_ended")


def test_the_credentials_of_a_session_that_ended_are_refused(
    with_switch: tuple[Console, FakeSwitch],
) -> None:
    console, switch = with_switch
    cookie = console.cookie("lucia")
    with console.browser() as browser:
        old = browser.post("/api/v1/phone", headers={"Cookie": cookie}).json()
        browser.delete("/api/v1/session", headers={"Cookie": cookie})
    with (
        console.socket(old["path"], cookie, subprotocols=["sip"]) as phone,
        pytest.raises(ConnectionClosed) as closed,
    ):
        phone.recv(10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
    fresh = console.cookie("lucia")
    with (
        console.socket(old["path"], fresh, subprotocols=["sip"]) as phone,
        pytest.raises(ConnectionClosed) as closed,
    ):
        phone.send(register(password=old["password"]))
        phone.recv(10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403
    assert switch.got == []


def test_without_the_switch_the_page_is_told_so(console: Console) -> None:
    with (
        console.socket("/api/v1/sip", console.cookie("lucia"), subprotocols=["sip"]) as phone,
        pytest.raises(ConnectionClosed) as closed,
    ):
        phone.recv(15)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4503


def test_a_newcomer_who_withholds_the_number_reads_along_too(
    with_switch: tuple[Console, FakeSwitch],
) -> None:
    console, switch = with_switch
    with console.browser() as visitor:
        given = visitor.post("/api/v1/demo-phone", json={"number": ""}).json()
        cookie = f"auricula_demo={visitor.cookies['auricula_demo']}"
    with (
        console.socket("/api/v1/demo-phone/captions", cookie) as socket,
        console.socket(given["path"], cookie, subprotocols=["sip"]) as phone,
    ):
        phone.send(register("demo-phone", method="INVITE"))
        phone.recv(10)
        reminder = e.CallStarted(
            direction="outbound", flow="recordatorio", flow_version="1", language="es-ES"
        )
        console.happens(console.log.start(reminder), e.PromptSaid(text="de otra"))
        last = console.happens(console.call(""), e.PromptSaid(text="Buenos días"))
        heard = Screen(socket).events(last)
    assert "X-Auricula-From: anonymous" in switch.got[0]
    assert [x["data"].get("text") for x in heard] == [None, "Buenos días"]


def test_a_newcomer_phones_the_demo_clinic_once_and_reads_along(
    with_switch: tuple[Console, FakeSwitch],
) -> None:
    console, switch = with_switch
    with console.browser() as visitor:
        offer = visitor.get("/api/v1/demo-phone").json()
        assert offer["clinic"] == "Clínica Aurora"
        number = offer["patients"][0]["number"]
        given = visitor.post("/api/v1/demo-phone", json={"number": number}).json()
        cookie = f"auricula_demo={visitor.cookies['auricula_demo']}"
    with console.socket("/api/v1/demo-phone/captions", cookie) as socket:
        with console.socket(given["path"], cookie, subprotocols=["sip"]) as phone:
            phone.send(register("demo-phone", method="INVITE"))
            phone.recv(10)
            console.happens(console.call("+34600000099"), e.PromptSaid(text="de otro"))
            own = console.call(number)
            last = console.happens(own, e.PromptSaid(text="Buenos días"))
            heard = Screen(socket).events(last)
        assert f"X-Auricula-From: {number}" in switch.got[0]
    assert [x["data"].get("text") for x in heard] == [None, "Buenos días"]
    with (
        console.socket(given["path"], cookie, subprotocols=["sip"]) as again,
        pytest.raises(ConnectionClosed) as closed,
    ):
        again.recv(10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_a_newcomer_is_told_until_when_nobody_can_be_talked_to(console: Console) -> None:
    console.clock.moment = datetime(2026, 11, 29, 19, 40, tzinfo=UTC)  # a Sunday
    with console.browser() as visitor:
        assert visitor.get("/api/v1/demo-phone").json()["opens_at"] == "2026-11-30T08:00:00Z"
        console.clock.moment = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
        assert visitor.get("/api/v1/demo-phone").json()["opens_at"] is None


def test_a_visitors_credentials_are_spent_with_the_first_phone_however_slow_the_switch(
    with_switch: tuple[Console, FakeSwitch],
) -> None:
    console, switch = with_switch
    switch.deaf = True
    with console.browser() as visitor:
        given = visitor.post("/api/v1/demo-phone", json={"number": ""}).json()
        cookie = f"auricula_demo={visitor.cookies['auricula_demo']}"
    with console.socket(given["path"], cookie, subprotocols=["sip"]) as phone:
        phone.send(register("demo-phone", method="INVITE"))
        phone.recv(10)
    with (
        console.socket(given["path"], cookie, subprotocols=["sip"]) as again,
        pytest.raises(ConnectionClosed) as closed,
    ):
        again.recv(5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_a_newcomer_who_is_there_before_the_server_follows_the_calls_reads_along_too(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Hub._begin

    def slowly(hub: Hub) -> int:
        time.sleep(1)
        return begin(hub)

    monkeypatch.setattr(Hub, "_begin", slowly)
    with running(create_app(console.services)) as url:
        fresh = replace(console, url=url)
        with fresh.browser() as visitor:
            visitor.post("/api/v1/demo-phone", json={"number": "+34600000021"})
            cookie = f"auricula_demo={visitor.cookies['auricula_demo']}"
        with fresh.socket("/api/v1/demo-phone/captions", cookie) as socket:
            last = fresh.happens(fresh.call(), e.PromptSaid(text="Buenos días"))
            heard = Screen(socket).events(last)
    assert [x["data"].get("text") for x in heard] == [None, "Buenos días"]


def test_the_phone_is_not_offered_for_a_clinic_with_real_patients(console: Console) -> None:
    from ivr.clinic.model import Clinic

    with console.database.transaction() as session:
        clinic = session.get_one(Clinic, 1)
        clinic.settings = {k: v for k, v in clinic.settings.items() if k != "demo"}
    with console.browser() as visitor:
        assert visitor.get("/api/v1/demo-phone").json()["code"] == "demo_off"
        answer = visitor.post("/api/v1/demo-phone", json={"number": "+34600000021"})
    assert answer.status_code == 403


@pytest.mark.parametrize("number", ["600000021", "+34 600", "+0123456789", "+3460000002\r\nX: 1"])
def test_a_number_that_is_none_is_refused_at_the_edge(console: Console, number: str) -> None:
    with console.browser() as visitor:
        answer = visitor.post("/api/v1/demo-phone", json={"number": number})
    assert answer.status_code == 422
