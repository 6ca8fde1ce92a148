"""A real Asterisk on the product's own configuration, and a hand on its manager port."""

import contextlib
import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ivr import secrets
from ivr.adapters.asterisk import config, launch
from ivr.config import Settings

Packet = dict[str, str]

PEOPLE = """
; Both ends of the tests' calls. Included by the product's dialplan as a clinic's additions.
[people]
exten => caller,1,Answer()
 same => n,Playback(demo-congrats)
 same => n,Wait(60)
exten => quiet,1,Answer()
 same => n,Wait(60)
exten => agent,1,Answer()
 same => n,Wait(30)
"""

WITNESS = """
[general](+)
disabledevents =

; Sees each step of the dialplan, which none of the product's users does.
[witness]
secret = witness
read = all
write = all
"""


def free_ports(count: int) -> list[int]:
    """Ports nothing listens on, for TCP and UDP, drawn at random against parallel runs."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(22000, 22900)
        if port in found:
            continue
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
    return found


class Manager:
    """A plain AMI connection: packets are kept, and waited for by what they say."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.settimeout(None)
        self.packets: list[Packet] = []
        self._news = threading.Condition()
        self._number = 0
        threading.Thread(target=self._read, daemon=True).start()
        answer = self.send("Login", Username=user, Secret=password)
        assert answer["Response"] == "Success", answer

    def send(self, action: str, *variables: str, **fields: str) -> Packet:
        """Send an action; answer its response packet."""
        self._number += 1
        number = f"test-{self._number}"
        lines = [f"Action: {action}", f"ActionID: {number}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        lines += [f"Variable: {variable}" for variable in variables]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return self.wait(lambda p: p.get("ActionID") == number and "Response" in p)

    def wait(self, wanted: Callable[[Packet], bool], timeout_s: float = 30) -> Packet:
        """The first packet so far or to come that is ``wanted``."""
        deadline = time.monotonic() + timeout_s
        with self._news:
            while True:
                for packet in self.packets:
                    if wanted(packet):
                        return packet
                left = deadline - time.monotonic()
                if left <= 0:
                    seen = [
                        (p.get("Event"), p.get("Context"), p.get("Application"), p.get("Uniqueid"))
                        for p in self.packets
                    ]
                    raise AssertionError(f"not seen within {timeout_s} s; last: {seen[-30:]}")
                self._news.wait(left)

    def event(self, name: str, timeout_s: float = 30, **fields: str) -> Packet:
        """The first event ``name`` with these fields."""
        return self.wait(
            lambda p: p.get("Event") == name and all(p.get(k) == v for k, v in fields.items()),
            timeout_s,
        )

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> None:
        with (
            contextlib.suppress(OSError),
            self._socket.makefile(encoding="utf-8", errors="replace") as lines,
        ):
            packet: Packet = {}
            for line in lines:
                name, separator, value = line.rstrip("\r\n").partition(": ")
                if separator:
                    packet[name] = value
                elif not name and packet:
                    with self._news:
                        self.packets.append(packet)
                        self._news.notify_all()
                    packet = {}


class Switch:
    """One running Asterisk."""

    def __init__(self, folder: Path, **changes: object) -> None:
        sip, http, ami, agi, speech, rtp = free_ports(6)
        self.settings = Settings(
            var=folder,
            sip_port=sip,
            asterisk_http_port=http,
            ami_port=ami,
            agi_port=agi,
            speech_port=speech,
            rtp_first=rtp + rtp % 2,
            rtp_last=rtp + rtp % 2 + 50,
            **changes,  # type: ignore[arg-type]
        )
        self.secrets = secrets.load(folder)
        local = folder / "asterisk/local"
        local.mkdir(parents=True)
        (local / "extensions.conf").write_text(PEOPLE)
        (local / "manager.conf").write_text(WITNESS)
        self.paths = config.render(self.settings, self.secrets, agents=["lucia"], queue_wait_s=6)
        self.output = folder / "asterisk.out"
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                launch.command(self.paths.config),
                env=launch.environment(),
                stdout=file,
                stderr=file,
                stdin=subprocess.DEVNULL,
            )
        deadline = time.monotonic() + 30
        while "Asterisk Ready" not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.05)

    def ask(self, line: str) -> str:
        """What Asterisk's own command line answers."""
        return subprocess.run(
            launch.control(self.paths.config, line),
            env=launch.environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    @contextlib.contextmanager
    def manager(self, user: str = "witness") -> Iterator[Manager]:
        password = {
            "auricula": self.secrets.ami,
            "watchdog": self.secrets.ami_watchdog,
            "reload": self.secrets.ami_reload,
            "witness": "witness",
        }[user]
        manager = Manager(self.settings.ami_port, user, password)
        try:
            yield manager
        finally:
            manager.close()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
