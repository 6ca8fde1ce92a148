"""What the kernel is asked for: no orphans, enough files for many calls, processors for those
who are waited for."""

import ctypes
import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal this process gets when its parent ends."""

OPEN_FILES = 65536
"""A recorded call holds about ten: sockets of RTP, AGI and the recognizer, sound files."""


def raise_file_limit() -> None:
    """Allow this process and its children as many open files as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send ``number`` to this process once its parent is gone.

    Survives ``exec``; a change of user clears it (prctl(2)).
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def tied(work: Callable[..., object], *arguments: object) -> None:
    """Do ``work`` in this process, which is another's child and ends with it."""
    die_with_parent()
    work(*arguments)


def give_way(niceness: int = 15) -> None:
    """Let this process, which leads a session of its own, have less of the processors.

    Where each session is scheduled as a group, niceness counts only among the processes of one
    session; the group has a niceness of its own (sched(7), "The autogroup feature").
    """
    os.nice(niceness)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))
