"""SIP written byte by byte, for callers no honest switch would let through."""

import re
import secrets
import socket
import time
from dataclasses import dataclass, field


@dataclass
class RawCall:
    """One INVITE whose From header is exactly ``sender``; sends no sound.

    ``sender`` is all that stands between ``From: `` and the tag, e.g.
    ``b'"Ana" <sip:+34600000001@127.0.0.2>'``.
    """

    clinic: tuple[str, int]
    sender: bytes
    to: str = "+34910000000"
    address: str = "127.0.0.2"
    headers: bytes = b""
    """Further whole header lines, each ended by CR LF."""
    status: int = 0
    """The final answer to the INVITE; 0: none came."""
    _to_tag: bytes = b""
    _socket: socket.socket = field(
        default_factory=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    )
    _call_id: str = field(default_factory=lambda: secrets.token_hex(12))
    _tag: str = field(default_factory=lambda: secrets.token_hex(6))
    _branch: str = field(default_factory=lambda: "z9hG4bK" + secrets.token_hex(8))

    def __enter__(self) -> "RawCall":
        return self

    def __exit__(self, *failure: object) -> None:
        if 200 <= self.status < 300:
            self.bye()
        self._socket.close()

    def invite(self, timeout: float = 8) -> int:
        """Call and return the final status; 2xx is acknowledged, so the call stands."""
        self._socket.bind((self.address, 0))
        port = self._socket.getsockname()[1]
        sound = (
            f"v=0\r\no=- 1 1 IN IP4 {self.address}\r\ns=-\r\nc=IN IP4 {self.address}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
        ).encode()
        kind = b"Content-Type: application/sdp\r\n"
        self._send(b"INVITE", 1, self._branch, self.headers + kind, sound)
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                answer = self._socket.recv(65535)
            except TimeoutError:
                break
            found = re.match(rb"SIP/2\.0 (\d{3})", answer)
            if not found or int(found[1]) < 200 or b"INVITE" not in answer:
                continue
            self.status = int(found[1])
            tag = re.search(rb"^To:.*?;tag=([^;\s]+)", answer, re.M | re.I)
            self._to_tag = b";tag=" + tag[1] if tag else b""
            good = 200 <= self.status < 300
            branch = "z9hG4bK" + secrets.token_hex(8) if good else self._branch
            self._send(b"ACK", 1, branch)
            break
        return self.status

    def bye(self) -> None:
        """Hang up."""
        self._send(b"BYE", 2, "z9hG4bK" + secrets.token_hex(8))

    def _send(
        self, method: bytes, number: int, branch: str, headers: bytes = b"", body: bytes = b""
    ) -> None:
        host, port = self.clinic
        own = f"{self.address}:{self._socket.getsockname()[1]}"
        uri = f"sip:{self.to}@{host}:{port}".encode()
        packet = b"".join(
            (
                method + b" " + uri + b" SIP/2.0\r\n",
                f"Via: SIP/2.0/UDP {own};branch={branch};rport\r\n".encode(),
                b"Max-Forwards: 70\r\n",
                b"From: " + self.sender + f";tag={self._tag}\r\n".encode(),
                b"To: <" + uri + b">" + self._to_tag + b"\r\n",
                f"Call-ID: {self._call_id}\r\n".encode(),
                f"CSeq: {number} ".encode() + method + b"\r\n",
                f"Contact: <sip:raw@{own}>\r\n".encode(),
                headers,
                f"Content-Length: {len(body)}\r\n\r\n".encode(),
                body,
            )
        )
        self._socket.sendto(packet, self.clinic)
