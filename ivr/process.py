"""What the kernel is asked for: no orphans, and enough files for many calls."""

import ctypes
import resource
import signal

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
