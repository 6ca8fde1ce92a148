"""On which processors threads run.

Threads that talk to Asterisk take turns on the interpreter's lock hundreds of times a
second. Spread over processors, each wakes while another holds the lock, sleeps again and is
woken again; on one processor, it is the scheduler that makes them take turns, once. With
100 calls that is some twice as many commands a second (``auricula bench agi``). Whoever
computes outside the interpreter's lock (speech) must not be kept there.
"""

import contextlib
import os
from collections.abc import Iterable

_ALLOWED = frozenset(os.sched_getaffinity(0))


def share_one() -> None:
    """Keep the calling thread on the processor that all such threads share. Threads it
    starts inherit that: see :func:`use_all`."""
    _run_on({max(_ALLOWED)})


def use_all() -> None:
    """Let the calling thread run wherever the process may."""
    _run_on(_ALLOWED)


def _run_on(processors: Iterable[int]) -> None:
    with contextlib.suppress(OSError):  # the system took a processor away: it decides
        os.sched_setaffinity(0, processors)
