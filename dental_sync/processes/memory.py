"""What a process keeps of its memory: garbage is searched for seldom, and what is free goes back to the machine."""

from __future__ import annotations

import ctypes
import gc

# How many more objects there are than at the last search among the youngest. Python's own 700 are a few requests'.
SEARCHED_AFTER = 10_000
# From this size on a piece of memory is the machine's own, and given back at once.
LARGE_BYTES = 128 * 1024

# Of mallopt(3), in glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3


def settle() -> None:
    """Let what is there stay until the process ends, and give back what it needs for a moment only.

    What is there is looked through for garbage in vain: in a web process for 145 ms, once for a thousand bookings,
    while everybody waited. A child of this process shares that memory, which searching would write to.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(SEARCHED_AFTER, *gc.get_threshold()[1:])
    # The C library of another system has no such function, or keeps less by itself.
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        # Once a large piece was freed glibc keeps such pieces, up to 32 MB of them, until it is told a size.
        set_option(_MMAP_THRESHOLD, LARGE_BYTES)
        set_option(_TRIM_THRESHOLD, LARGE_BYTES)
