"""Callers who speak over SIP and note when each packet of sound left and came (RTP, A-law)."""

import contextlib
import re
import secrets
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ivr.adapters.speech.audio import TELEPHONE_RATE, alaw_decode, alaw_encode
from ivr.errors import Unavailable
from ivr.ports import Samples

FRAME = TELEPHONE_RATE // 50
LOUD = 0.0076
"""Root mean square above which a packet is sound: -42 dBFS."""
_PCMA = 8
_ANSWER_S = 15.0


@dataclass(frozen=True)
class Packet:
    """One packet of 20 ms: when it was on the wire (seconds, monotonic) and how loud."""

    at: float
    level: float

    @property
    def loud(self) -> bool:
        return self.level > LOUD


class Trunk:
    """The carrier's end: one SIP socket for all its calls. Use as a context manager."""

    def __init__(self, address: str, port: int, clinic: tuple[str, int]) -> None:
        self.address = address
        self.clinic = clinic
        self.calls: dict[str, SipCall] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self._socket.settimeout(0.2)
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, name="trunk", daemon=True)

    def __enter__(self) -> "Trunk":
        self._reader.start()
        return self

    def __exit__(self, *failure: object) -> None:
        for call in list(self.calls.values()):
            call.hang_up()
        self._over.set()
        self._reader.join(2)
        self._socket.close()

    @property
    def port(self) -> int:
        """Its SIP port."""
        return int(self._socket.getsockname()[1])

    def call(self, number: str, to: str) -> "SipCall":
        """Somebody calls; returns once the clinic has answered."""
        call = SipCall(self, number, to)
        self.calls[call.call_id] = call
        call.begin()
        return call

    def send(self, message: str) -> None:
        """One SIP message to the clinic."""
        self._socket.sendto(message.encode(), self.clinic)

    def _read(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                self._take(self._socket.recv(65535).decode(errors="replace"))

    def _take(self, message: str) -> None:
        first, _, rest = message.partition("\r\n")
        head, _, body = rest.partition("\r\n\r\n")
        headers: dict[str, str] = {}
        vias = []
        for line in head.split("\r\n"):
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
            if name.strip().lower() == "via":
                vias.append(line)
        call = self.calls.get(headers.get("call-id", ""))
        if first.startswith("SIP/2.0"):
            if call:
                call.note_answer(int(first.split()[1]), headers, body)
            return
        method = first.split()[0]
        if method != "ACK":
            kept = [f"{name}: {headers[name]}" for name in ("from", "to", "call-id", "cseq")]
            self.send("\r\n".join(["SIP/2.0 200 OK", *vias, *kept, "Content-Length: 0", "", ""]))
        if method == "BYE" and call:
            call.note_ended()


class SipCall:
    """One call, from the caller's end. Sound flows both ways from the answer to the end."""

    def __init__(self, trunk: Trunk, number: str, to: str) -> None:
        self.number = number
        self.call_id = secrets.token_hex(12)
        self.heard: list[Packet] = []
        self.spoken: list[Packet] = []
        self._trunk = trunk
        self._to = to
        self._tag = secrets.token_hex(6)
        self._branch = "z9hG4bK" + secrets.token_hex(8)
        self._other = ""
        self._contact = f"sip:{to}@{trunk.clinic[0]}:{trunk.clinic[1]}"
        self._status = 0
        self._answered = threading.Event()
        self._ended = threading.Event()
        self._media: tuple[str, int] = ("", 0)
        self._queue: list[Samples] = []
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((trunk.address, 0))
        self._socket.settimeout(0.2)

    # --- What the caller does ----------------------------------------------------------

    def begin(self) -> None:
        """Call, and wait for the answer."""
        address, port = self._trunk.address, self._socket.getsockname()[1]
        sound = (
            f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP {_PCMA}\r\na=rtpmap:{_PCMA} PCMA/8000\r\na=ptime:20\r\n"
        )
        self._send("INVITE", 1, self._branch, sound)
        if not self._answered.wait(_ANSWER_S) or self._status != 200:
            self._ended.set()
            raise Unavailable(f"the clinic did not take the call: {self._status}")
        self._send("ACK", 1, "z9hG4bK" + secrets.token_hex(8))
        for work in (self._speak, self._listen):
            threading.Thread(target=work, name=work.__name__, daemon=True).start()

    def say(self, samples: Samples) -> None:
        """Begin to say ``samples`` (8 kHz); returns at once."""
        padded = np.pad(samples, (0, -len(samples) % FRAME))
        with self._lock:
            self._queue += list(padded.reshape(-1, FRAME))

    @property
    def speaking(self) -> bool:
        """Whether something is still to be said."""
        with self._lock:
            return bool(self._queue)

    @property
    def ended(self) -> bool:
        """Whether the line is gone."""
        return self._ended.is_set()

    def hang_up(self) -> None:
        """Put the phone down."""
        if not self._ended.is_set():
            self._send("BYE", 2, "z9hG4bK" + secrets.token_hex(8))
            self._ended.set()
        self._trunk.calls.pop(self.call_id, None)

    def quiet_for(self) -> float:
        """Seconds since sound was last heard."""
        last = next((packet.at for packet in reversed(self.heard) if packet.loud), 0.0)
        return time.monotonic() - last

    # --- What the trunk tells ----------------------------------------------------------

    def note_answer(self, status: int, headers: Mapping[str, str], body: str) -> None:
        """A response to this call's request."""
        if status < 200 or not headers.get("cseq", "").endswith("INVITE"):
            return
        if not self._answered.is_set():
            self._status = status
            self._other = headers.get("to", "").partition(";tag=")[2]
            contact = re.search(r"<([^>]+)>", headers.get("contact", ""))
            self._contact = contact[1] if contact else self._contact
            port, host = re.search(r"m=audio (\d+)", body), re.search(r"c=IN IP4 (\S+)", body)
            self._media = (host[1] if host else "", int(port[1]) if port else 0)
            self._answered.set()

    def note_ended(self) -> None:
        """The clinic hung up."""
        self._ended.set()

    # --- The wire ----------------------------------------------------------------------

    def _speak(self) -> None:
        number = ssrc = secrets.randbits(15)
        random = np.random.default_rng(ssrc)
        due = time.monotonic()
        while not self._ended.is_set():
            with self._lock:
                frame = self._queue.pop(0) if self._queue else None
            if frame is None:
                frame = np.asarray(random.normal(scale=0.0005, size=FRAME), np.float32)
            header = struct.pack("!BBHII", 0x80, _PCMA, number & 0xFFFF, number * FRAME, ssrc)
            packet = header + alaw_encode(frame).tobytes()
            self.spoken.append(Packet(time.monotonic(), _level(frame)))  # before it can be answered
            self._socket.sendto(packet, self._media)
            number += 1
            due += FRAME / TELEPHONE_RATE
            time.sleep(max(0.0, due - time.monotonic()))

    def _listen(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                data = self._socket.recv(2048)
                if len(data) > 12 and data[1] & 0x7F == _PCMA:
                    sound = alaw_decode(np.frombuffer(data[12:], np.uint8))
                    self.heard.append(Packet(time.monotonic(), _level(sound)))
        self._socket.close()

    def _send(self, method: str, number: int, branch: str, body: str = "") -> None:
        own = f"{self._trunk.address}:{self._trunk.port}"
        to = f"sip:{self._to}@{self._trunk.clinic[0]}"
        lines = [
            f"{method} {self._contact} SIP/2.0",
            f"Via: SIP/2.0/UDP {own};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.number}@{self._trunk.address}>;tag={self._tag}",
            f"To: <{to}>" + (f";tag={self._other}" if self._other else ""),
            f"Call-ID: {self.call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:caller@{own}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._trunk.send("\r\n".join([*lines, "", body]))


def _level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))
