"""Ports for one run, so that several runs can share a machine."""

import os
import socket
from itertools import count

_offsets = count()


def _free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def take(width: int = 1) -> int:
    """First of ``width`` neighbouring ports nobody uses, from AURICULA_TEST_PORTS on."""
    base = int(os.environ.get("AURICULA_TEST_PORTS", "28000"))
    while True:
        first = base + next(_offsets)
        for _ in range(width - 1):
            next(_offsets)
        span = range(first, first + width)
        if all(
            _free(port, kind) for port in span for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)
        ):
            return first
