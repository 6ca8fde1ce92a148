"""AMI events a second, beside plain asterisk-ami and a bare parse; and large answers."""

import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from ivr.process import tied

EVENTS = 60_000
MEGABYTES = (1, 2, 3)
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
LAST = b"Event: Last\r\nPrivilege: call,all\r\n\r\n"


def an_event(number: int) -> bytes:
    """An event of the size and shape Asterisk sends most."""
    return (
        "Event: Newexten\r\nPrivilege: dialplan,all\r\n"
        f"Channel: PJSIP/trunk-{number:08x}\r\nChannelState: 6\r\nChannelStateDesc: Up\r\n"
        "CallerIDNum: 600111222\r\nCallerIDName: <unknown>\r\nConnectedLineNum: <unknown>\r\n"
        "ConnectedLineName: <unknown>\r\nLanguage: es\r\nAccountCode: \r\nContext: application\r\n"
        f"Exten: s\r\nPriority: 3\r\nUniqueid: 1763768400.{number}\r\n"
        f"Linkedid: 1763768400.{number}\r\nExtension: s\r\nApplication: AGI\r\n"
        "AppData: agi://127.0.0.1:4573/call\r\n\r\n"
    ).encode()


def a_reply(megabytes: int, action_id: str) -> bytes:
    """A command's answer of that size."""
    line = b"Output: " + b"x" * 70 + b"\r\n"
    head = f"Response: Success\r\nActionID: {action_id}\r\n".encode()
    return head + line * (megabytes * 1_000_000 // len(line)) + b"\r\n"


def serve(port: "multiprocessing.Queue[int]") -> None:
    """Play Asterisk's manager: ``Burst`` sends the events, ``Command`` a large answer."""
    burst = b"".join(an_event(n) for n in range(EVENTS)) + LAST

    def talk(connection: socket.socket) -> None:
        connection.sendall(BANNER)
        buffer = b""
        while chunk := connection.recv(65536):
            buffer += chunk
            while b"\r\n\r\n" in buffer:
                raw, buffer = buffer.split(b"\r\n\r\n", 1)
                fields = dict(line.split(": ", 1) for line in raw.decode().split("\r\n"))
                name, action_id = fields["Action"], fields["ActionID"]
                if name == "Command":
                    connection.sendall(a_reply(int(fields["Command"]), action_id))
                    continue
                connection.sendall(f"Response: Success\r\nActionID: {action_id}\r\n\r\n".encode())
                if name == "Burst":
                    connection.sendall(burst)

    listener = socket.create_server(("127.0.0.1", 0))
    port.put(listener.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()


class Ours:
    """Our client."""

    def __init__(self, port: int) -> None:
        from ivr.adapters.asterisk.ami import AmiClient
        from ivr.adapters.asterisk.ami_packets import Packet

        self.done = threading.Event()

        def on_event(packet: Packet) -> None:
            if packet["Event"] == "Last":
                self.done.set()

        self.client = AmiClient(port=port, username="u", secret="s", on_event=on_event)
        self.client.connect()
        self.client.wait_connected(10)

    def burst(self) -> None:
        """Receive and handle every event."""
        self.client.action("Burst")
        self.done.wait(120)

    def reply(self, megabytes: int) -> int:
        """Receive a large answer; returns its size as read."""
        answer = self.client.action("Command", {"Command": str(megabytes)}, timeout_s=120)
        return len(answer["Output"])

    def close(self) -> None:
        """End the session."""
        self.client.disconnect()


class Plain:
    """asterisk-ami as it comes, with the patience these sizes need."""

    def __init__(self, port: int) -> None:
        from asterisk.ami import AMIClient

        self.done = threading.Event()

        def on_event(event: Any, **more: Any) -> None:
            if event.name == "Last":
                self.done.set()

        self.client = AMIClient(port=port, timeout=120)
        self.client.add_event_listener(on_event)
        self.client.login("u", "s").response  # noqa: B018

    def burst(self) -> None:
        """Receive and handle every event."""
        from asterisk.ami import SimpleAction

        self.client.send_action(SimpleAction("Burst"))
        self.done.wait(120)

    def reply(self, megabytes: int) -> int:
        """Receive a large answer; returns its size as read."""
        from asterisk.ami import SimpleAction

        answer = self.client.send_action(SimpleAction("Command", Command=str(megabytes)))
        return len(answer.response.keys["Output"])

    def close(self) -> None:
        """End the session."""
        self.client._socket.close()


def bare_parse(port: int) -> float:
    """The limit: read, split and make dictionaries, in one thread, nothing else."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"Action: Burst\r\nActionID: 1\r\n\r\n")
        buffer, begun = bytearray(), time.perf_counter()
        while True:
            buffer += connection.recv(1 << 18)
            end = buffer.rfind(b"\r\n\r\n")
            if end < 0:
                continue
            for raw in bytes(buffer[:end]).split(b"\r\n\r\n"):
                lines = raw.decode().split("\r\n")
                fields = dict(line.split(": ", 1) for line in lines if ": " in line)
                if fields.get("Event") == "Last":
                    return time.perf_counter() - begun
            del buffer[: end + 4]


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def run() -> dict[str, Any]:
    """Events a second and seconds for answers of 1, 2 and 3 MB, ours and plain."""
    context = multiprocessing.get_context("spawn")
    ports: multiprocessing.Queue[int] = context.Queue()
    server = context.Process(target=tied, args=(serve, ports), daemon=True)
    server.start()
    port = ports.get(timeout=60)
    report: dict[str, Any] = {"cores": os.cpu_count(), "events": EVENTS}
    try:
        for name, make in (("auricula", Ours), ("asterisk_ami", Plain)):
            client = make(port)
            rate = round(EVENTS / timed(client.burst))
            replies = {
                f"reply_{size}mb_s": round(timed(partial(client.reply, size)), 3)
                for size in MEGABYTES
            }
            report[name] = {"events_per_s": rate, **replies}
            client.close()
        report["bare_parse"] = {"events_per_s": round(EVENTS / bare_parse(port))}
    finally:
        server.kill()
    ours, plain = report["auricula"], report["asterisk_ami"]
    report["times_asterisk_ami"] = round(ours["events_per_s"] / plain["events_per_s"], 2)
    report["target"] = {
        "no_slower_than_asterisk_ami": ours["events_per_s"] >= plain["events_per_s"],
        "reply_time_3mb_to_1mb": round(ours["reply_3mb_s"] / ours["reply_1mb_s"], 2),
    }
    return report
