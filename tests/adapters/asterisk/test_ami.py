"""What asterisk-ami gets wrong on the wire, and what ours makes of the same bytes."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from asterisk.ami import AMIClient
from asterisk.ami.action import Action, SimpleAction
from asterisk.ami.event import Event

from ivr.adapters.asterisk.ami import ActionRefused, AmiClient
from ivr.adapters.asterisk.ami_packets import Packet, Splitter, parse
from ivr.errors import InvalidInput, Unavailable
from tests.adapters.asterisk.manager_wire import Manager, event, until


@pytest.fixture
def manager() -> Iterator[Manager]:
    manager = Manager()
    yield manager
    manager.close()


@contextmanager
def client_of(manager: Manager, **more: object) -> Iterator[AmiClient]:
    client = AmiClient(port=manager.port, username="u", secret="s", **more)  # type: ignore[arg-type]
    client.connect()
    assert client.wait_connected(5)
    try:
        yield client
    finally:
        client.disconnect()


def test_a_quiet_minute_does_not_cut_the_line_to_the_switch(manager: Manager) -> None:
    plain = AMIClient(port=manager.port, timeout=0.2)
    assert not plain.login("u", "s").response.is_error()
    time.sleep(0.5)
    assert not plain._thread.is_alive()
    assert plain.send_action(SimpleAction("Ping")).response is None

    with client_of(manager, keep_alive_s=0.1) as client:
        time.sleep(0.5)
        assert manager.actions("Ping")
        assert client.action("Status")["Response"] == "Success"
        assert len(manager.connections) == 2


def test_a_switch_that_has_vanished_is_noticed_and_found_again(manager: Manager) -> None:
    manager.answers = lambda action: b"" if action["Action"] == "Ping" else None
    with client_of(manager, keep_alive_s=0.1) as client:
        until(lambda: len(manager.connections) > 1)
        until(lambda: client.connected)


def test_twenty_thousand_events_behind_a_blocked_handler_are_all_handled(
    manager: Manager,
) -> None:
    seen: list[str] = []
    let_go = threading.Event()

    def on_event(packet: Packet) -> None:
        let_go.wait(10)
        seen.append(packet["Number"])

    with client_of(manager, on_event=on_event) as client:
        burst = b"".join(event("Newstate", f"Number: {n}", "X: " + "y" * 200) for n in range(20000))
        manager.connections[-1].settimeout(5)
        manager.say(burst)
        until(lambda: client.received == 20000)
        assert client.backlog == 20000 == client.peak_backlog
        assert client.action("Ping")["Response"] == "Success"
        let_go.set()
        until(lambda: client.backlog == 0)
    assert seen == [str(n) for n in range(20000)]


def test_a_burst_is_looked_at_once_however_it_is_cut() -> None:
    raw = b"".join(event("E", f"N: {n}", "Text: ñ") for n in range(50))
    for size in (1, 2, 3, 7, 1000):
        splitter = Splitter()
        packets = []
        for at in range(0, len(raw), size):
            packets += splitter.feed(raw[at : at + size])
        assert [parse(p)["N"] for p in packets] == [str(n) for n in range(50)]
        assert all(parse(p)["Text"] == "ñ" for p in packets)


def test_a_reply_of_three_megabytes_arrives_whole(manager: Manager) -> None:
    lines = [f"Output: line {n} " + "x" * 60 for n in range(40000)]
    body = "\r\n".join(["Response: Success", "ACTIONID", *lines, "", ""]).encode()
    manager.answers = lambda action: body if action["Action"] == "Command" else None
    with client_of(manager) as client:
        packet = client.action("Command", {"Command": "core show hints"}, timeout_s=30)
    assert len(body) > 2_900_000
    assert packet.all("Output") == [line.removeprefix("Output: ") for line in lines]


def test_a_name_with_a_line_break_is_not_a_second_action(manager: Manager) -> None:
    hostile = "Eva\r\n\r\nAction: Originate\r\nChannel: PJSIP/112"
    plain = AMIClient(port=manager.port, timeout=0.5)
    plain.login("u", "s").response  # noqa: B018
    plain.send_action(SimpleAction("Setvar", Variable="NAME", Value=hostile))
    until(lambda: manager.actions("Originate"))
    plain.disconnect()

    manager.received.clear()
    with client_of(manager) as client:
        for fields in ({"Value": hostile}, {"Value\r\nA": "x"}, {"Value": "a\0b"}):
            with pytest.raises(InvalidInput):
                client.action("Setvar", fields)
        with pytest.raises(InvalidInput):
            client.send_action(Action("Setvar", {}, {"NAME": hostile}))
        with pytest.raises(InvalidInput, match="shorten"):
            client.action("Setvar", {"Value": "ñ" * 600})
        client.action("Ping")
    assert {p["Action"] for p in map(parse, manager.received)} == {"Login", "Ping"}


def test_every_value_of_a_repeated_key_is_kept() -> None:
    raw = "\r\n".join(
        ["Event: X", "Member: a", "Member: b", "ChanVariable: A=1", "ChanVariable: B=2=3"]
    )
    assert Event.read(raw).keys["Member"] == "b"
    packet = parse(raw.encode())
    assert packet.all("Member") == ["a", "b"]
    assert packet.variables() == {"A": "1", "B": "2=3"}


def test_a_name_with_an_exotic_line_break_forges_no_key() -> None:
    raw = "Event: Newchannel\r\nCallerIDName: Eva\u2028Exten: 112\x0bContext: x\r\nExten: s"
    assert Event.read(raw).keys["Context"] == "x"
    packet = parse(raw.encode())
    assert "Context" not in packet and packet["Exten"] == "s"


def test_a_long_action_is_written_whole(manager: Manager) -> None:
    class Narrow:
        """A connection that takes ten bytes at a time."""

        def __init__(self, inner: socket.socket) -> None:
            self.inner = inner

        def send(self, data: bytes) -> int:
            return self.inner.send(bytes(data)[:10])

        def sendall(self, data: bytes) -> None:
            while data:
                data = data[self.send(data) :]

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

    plain = AMIClient(port=manager.port, timeout=0.5)
    plain.login("u", "s").response  # noqa: B018
    plain._socket = Narrow(plain._socket)
    plain.send_action(SimpleAction("Setvar", Variable="NAME", Value="x" * 500))
    plain.disconnect()
    with client_of(manager) as client:
        client._socket = Narrow(client._socket)  # type: ignore[arg-type, assignment]
        client.action("Setvar", {"Variable": "NAME", "Value": "y" * 500})
    assert [p["Value"][0] for p in manager.actions("Setvar")] == ["y"]


def test_a_lost_connection_is_made_again_and_then_everything_is_compared(
    manager: Manager,
) -> None:
    story: list[str] = []
    clients: list[AmiClient] = []

    def reconcile() -> None:
        clients[0].action("CoreShowChannels")
        story.append("compared")

    client = AmiClient(
        port=manager.port,
        username="u",
        secret="s",
        on_event=lambda packet: story.append(packet["Event"]),
        on_connected=reconcile,
        on_disconnected=lambda: story.append("lost"),
    )
    clients.append(client)
    client.connect()
    until(lambda: story == ["compared"])
    manager.say(event("Hangup"))
    manager.connections[-1].shutdown(socket.SHUT_RDWR)
    until(lambda: story == ["compared", "Hangup", "lost", "compared"])
    manager.say(event("Newchannel"))
    until(lambda: story[-1] == "Newchannel")
    client.disconnect()


def test_who_waits_when_the_connection_is_lost_is_told_at_once(manager: Manager) -> None:
    def hang_up(action: dict[str, str]) -> bytes | None:
        if action["Action"] == "Status":
            manager.connections[-1].shutdown(socket.SHUT_RDWR)
            return b""
        return None

    manager.answers = hang_up
    with client_of(manager, timeout=30) as client:
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            client.action("Status")
        assert time.monotonic() - begun < 10


def test_a_list_is_returned_when_it_is_complete(manager: Manager) -> None:
    def channels(action: dict[str, str]) -> bytes | None:
        if action["Action"] != "CoreShowChannels":
            return None
        listed = b"".join(
            event("CoreShowChannel", f"ActionID: {action['ActionID']}", f"Channel: PJSIP/{n}")
            for n in range(3)
        )
        return (
            b"Response: Success\r\nACTIONID\r\nEventList: start\r\n\r\n"
            + listed
            + event("Newchannel", "Channel: other")
            + event(
                "CoreShowChannelsComplete", f"ActionID: {action['ActionID']}", "EventList: Complete"
            )
        )

    manager.answers = channels
    others: list[str] = []
    with client_of(manager, on_event=lambda packet: others.append(packet["Channel"])) as client:
        listed = client.list_action("CoreShowChannels")
        assert [packet["Channel"] for packet in listed] == ["PJSIP/0", "PJSIP/1", "PJSIP/2"]
        until(lambda: others == ["other"])


def test_a_refused_action_says_why(manager: Manager) -> None:
    manager.answers = lambda action: (
        b"Response: Error\r\nACTIONID\r\nMessage: No such channel\r\n\r\n"
        if action["Action"] == "Redirect"
        else None
    )
    with client_of(manager) as client:
        for ask in (client.action, client.list_action):
            with pytest.raises(ActionRefused, match="No such channel"):
                ask("Redirect", {"Channel": "PJSIP/x"})


def test_a_handler_that_fails_does_not_stop_the_events(
    manager: Manager, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def on_event(packet: Packet) -> None:
        seen.append(packet["CallerIDName"])
        raise ValueError(packet["CallerIDName"])

    with client_of(manager, on_event=on_event):
        manager.say(event("A", "CallerIDName: Lucía Peña") + event("B", "CallerIDName: Eva"))
        until(lambda: len(seen) == 2)
    assert "ValueError" in caplog.text and "Lucía" not in caplog.text


def test_listeners_written_for_asterisk_ami_still_hear(manager: Manager) -> None:
    heard: list[str] = []
    with client_of(manager) as client:
        client.add_event_listener(lambda event, source: heard.append(event["Channel"]))
        manager.say(event("Newchannel", "Channel: PJSIP/1"))
        until(lambda: heard == ["PJSIP/1"])
        answer = client.send_action(SimpleAction("Ping")).response
        assert answer is not None and not answer.is_error()


def test_another_program_on_the_port_is_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = AmiClient(port=listener.getsockname()[1], username="u", secret="s")
        client.connect()
        connection, _ = listener.accept()
        connection.sendall(b"SSH-2.0-OpenSSH\r\n")
        assert not client.wait_connected(0.3)
        connection.close()
        client.disconnect()
