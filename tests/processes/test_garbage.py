"""Python's search for garbage does not stop a process for long."""

from __future__ import annotations

import subprocess
import sys

SEARCHES = """
import gc

from dental_sync.processes import garbage

kept = [[number] for number in range(100_000)]
garbage.settle()
searched = []
gc.callbacks.append(lambda phase, told: searched.append(told["generation"]))
young = [[number] for number in range(garbage.SEARCHED_AFTER // 2)]
print(len(gc.get_objects()) - len(young) < 1_000, gc.get_freeze_count() > len(kept), searched)

class Loop:
    def __init__(self):
        self.itself = self
        self.much = young

for _ in range(20 * garbage.SEARCHED_AFTER):
    Loop()
print(sum(isinstance(found, Loop) for found in gc.get_objects()) <= 2 * garbage.SEARCHED_AFTER)
"""


def test_what_was_there_at_the_start_is_never_searched_and_what_came_later_seldom() -> None:
    """And what refers only to itself is found all the same."""
    told = subprocess.run([sys.executable, "-c", SEARCHES], capture_output=True, text=True, check=True).stdout
    assert told.splitlines() == ["True True []", "True"]
