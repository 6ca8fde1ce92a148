"""A database for a while, that ends with whoever asked for it, however that ended."""

import atexit
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr import embedded_postgres

_GUARD = """
read -r _
sleep 1
pid=$(head -n 1 "$0/postmaster.pid") || exit 0
kill -INT "$pid"
while kill -0 "$pid"; do sleep 0.1; done
"""
"""Waits for its input to end, as it does with the process that holds the other side; a server
that was about to start has by then said which process it is."""


@contextmanager
def postgres(data: Path, extra: dict[str, str] | None = None) -> Iterator[str]:
    """The URL of a server in ``data``, a folder of its own; ``extra`` as in
    :func:`embedded_postgres.start`. A killed process leaves no server behind either."""
    guard = subprocess.Popen(
        ["sh", "-c", _GUARD, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        server = embedded_postgres.start(data, extra=extra)
        try:
            yield embedded_postgres.url(data)
        finally:
            server.cleanup()
            atexit.unregister(server._cleanup)  # it would make the folder of its lock again
    finally:
        guard.communicate()
