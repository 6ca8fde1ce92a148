"""Ports for one process of tests: several may share a machine, as workers or as runs."""

import os
import socket
import tempfile
from functools import cache
from itertools import count
from pathlib import Path

import fasteners

FIRST = 23200
"""Below the ports that systems hand out by themselves (Linux: from 32768 on)."""
WIDTH = 2390
"""What a process that runs every test takes: each clinic and each network has some hundreds."""
SPANS = 4

_offsets = count()


@cache
def _span() -> tuple[int, fasteners.InterProcessLock | None]:
    """First port of the span that is this process's until it ends, and what holds it.

    Looking for a free port is not enough: those for sound are bound in the middle of a call.
    """
    if base := os.environ.get("AURICULA_TEST_PORTS"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        return int(base) + int(worker) * WIDTH, None
    for first in range(FIRST, FIRST + SPANS * WIDTH, WIDTH):
        lock = fasteners.InterProcessLock(Path(tempfile.gettempdir()) / f"auricula-ports-{first}")
        try:
            if lock.acquire(blocking=False):
                return first, lock
        except OSError:  # another user's
            continue
    raise RuntimeError(f"{SPANS} processes of tests that take ports run on this machine already")


def _free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def take(width: int = 1) -> int:
    """First of ``width`` neighbouring ports nobody uses, from this process's span or from
    AURICULA_TEST_PORTS on."""
    base, _held = _span()
    while True:
        first = base + next(_offsets)
        for _ in range(width - 1):
            next(_offsets)
        span = range(first, first + width)
        if all(
            _free(port, kind) for port in span for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)
        ):
            return first
