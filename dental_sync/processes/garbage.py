"""Python's search for objects that only refer to each other: seldom, and only among what came after the start."""

from __future__ import annotations

import gc

# How many more objects there are than at the last search among the youngest. Python's own 700 are a few requests'.
SEARCHED_AFTER = 10_000


def settle() -> None:
    """Let what is there stay until the process ends, and never be searched: it is looked through in vain.

    In a web process a full search took 145 ms, once for a thousand bookings, and everybody waited. A child of this
    process shares the memory as well, which searching would write to.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(SEARCHED_AFTER, *gc.get_threshold()[1:])
