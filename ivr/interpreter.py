"""What Python is asked for, so that a thread somebody waits for need not wait for others."""

import gc
import sys

SWITCH_S = 0.0005
"""A thread that computes gives way to others after this long (Python's own: 5 ms)."""


def switch_threads_often() -> None:
    """Let threads that wait for the network most of the time, and are waited for (the one that
    hears the switch, the one that serves the screens), run soon after they have something to do."""
    sys.setswitchinterval(SWITCH_S)


def keep_what_is_loaded() -> None:
    """Let the garbage collector pass over what exists by now.

    Words, grammars and classes stay for good. To look through them all takes a third of a second,
    in which no thread of the process does anything; it happened every few hundred events.
    """
    gc.freeze()
