"""The bench's callers: what leaves and comes on the wire is what they note."""

import re
import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from ivr.adapters.speech.audio import alaw_decode, alaw_encode
from ivr.bench.latency import _stopped
from ivr.bench.sip_caller import FRAME, Packet, SipCall, Trunk
from ivr.errors import Unavailable
from ivr.ports import Samples

TONE: Samples = (0.2 * np.sin(np.arange(FRAME) * 0.8)).astype(np.float32)


class Echo:
    """A switch that takes calls and sends back every packet, or refuses them."""

    def __init__(self, status: str) -> None:
        self.status = status
        self.sip, self.rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for one in (self.sip, self.rtp):
            one.bind(("127.0.0.1", 0))
            one.settimeout(0.1)
        self.methods: list[str] = []
        self.payload: list[bytes] = []
        self.caller: tuple[str, int] = ("", 0)
        self.over = threading.Event()
        self.invite: dict[str, str] = {}
        for work in (self.signals, self.sound):
            threading.Thread(target=work, daemon=True).start()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", int(self.sip.getsockname()[1])

    def signals(self) -> None:
        while not self.over.is_set():
            try:
                data, self.caller = self.sip.recvfrom(65535)
            except TimeoutError:
                continue
            text = data.decode()
            self.methods.append(text.split()[0])
            if text.startswith("INVITE"):
                lines = [
                    line for line in text.split("\r\n") if re.match("Via|From|Call-ID|CSeq", line)
                ]
                self.invite = {line.partition(":")[0]: line for line in lines}
                to = next(line for line in text.split("\r\n") if line.startswith("To:"))
                host, port = self.rtp.getsockname()
                sdp = f"v=0\r\nc=IN IP4 {host}\r\nm=audio {port} RTP/AVP 8\r\n"
                self.send([f"SIP/2.0 {self.status}", *lines, f"{to};tag=x",
                           f"Contact: <sip:here@{host}:{self.address[1]}>", "", sdp])  # fmt: skip

    def sound(self) -> None:
        while not self.over.is_set():
            try:
                data, caller = self.rtp.recvfrom(2048)
            except TimeoutError:
                continue
            self.payload.append(data[12:])
            self.rtp.sendto(data, caller)

    def hang_up(self) -> None:
        via, caller, call = (self.invite[name] for name in ("Via", "From", "Call-ID"))
        self.send(
            ["BYE sip:caller SIP/2.0", via, caller, "To: <sip:me>", call, "CSeq: 9 BYE", "", ""]
        )

    def send(self, lines: list[str]) -> None:
        self.sip.sendto("\r\n".join(lines).encode(), self.caller)


@pytest.fixture
def echo() -> Iterator[Echo]:
    clinic = Echo("200 OK")
    yield clinic
    clinic.over.set()


def until(true: object, call: SipCall) -> None:
    deadline = time.monotonic() + 5
    while not (true() if callable(true) else true):
        assert time.monotonic() < deadline, f"heard {len(call.heard)} packets"
        time.sleep(0.01)


def test_what_a_caller_says_leaves_as_a_law_and_what_comes_back_is_heard(echo: Echo) -> None:
    with Trunk("127.0.0.1", 0, echo.address) as trunk:
        call = trunk.call("+34600000001", "+34910000000")
        call.say(np.concatenate([TONE] * 5))
        until(lambda: sum(packet.loud for packet in call.heard) >= 5, call)
        assert sum(packet.loud for packet in call.spoken) == 5
        sent = [
            p for p in echo.payload if np.abs(alaw_decode(np.frombuffer(p, np.uint8))).max() > 0.1
        ]
        assert sent == [alaw_encode(TONE).tobytes()] * 5
        first_out = next(packet.at for packet in call.spoken if packet.loud)
        first_in = next(packet.at for packet in call.heard if packet.loud)
        assert first_in > first_out - 0.005
        call.hang_up()
        until(lambda: "BYE" in echo.methods, call)
    assert echo.methods[:2] == ["INVITE", "ACK"]


def test_a_caller_notices_that_the_clinic_hung_up(echo: Echo) -> None:
    with Trunk("127.0.0.1", 0, echo.address) as trunk:
        call = trunk.call("+34600000001", "+34910000000")
        echo.hang_up()
        until(lambda: call.ended, call)


def test_a_call_that_is_refused_is_said_to_be() -> None:
    clinic = Echo("486 Busy Here")
    with Trunk("127.0.0.1", 0, clinic.address) as trunk, pytest.raises(Unavailable, match="486"):
        trunk.call("+34600000001", "+34910000000")
    clinic.over.set()


def test_a_prompt_stops_with_its_last_sound_before_a_silence() -> None:
    loud = [Packet(at / 50, 0.1) for at in range(60)]
    silence = [Packet(1.2 + at / 50, 0.0) for at in range(50)]
    answer = [Packet(2.2 + at / 50, 0.1) for at in range(20)]
    assert _stopped([*loud, *silence, *answer], began=1.0) == pytest.approx(0.18)
