"""What the kernel does for processes that must not outlive their parent."""

import ctypes
import signal

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal this process gets when its parent ends."""


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send ``number`` to this process once its parent is gone.

    Survives ``exec``; a change of user clears it (prctl(2)).
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
