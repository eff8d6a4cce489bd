"""What a process does with its memory once it has started."""

from __future__ import annotations

import subprocess
import sys

import pytest

SEARCHES = """
import gc

from dental_sync.processes import memory

kept = [[number] for number in range(100_000)]
memory.settle()
searched = []
gc.callbacks.append(lambda phase, told: searched.append(told["generation"]))
young = [[number] for number in range(memory.SEARCHED_AFTER // 2)]
print(len(gc.get_objects()) - len(young) < 1_000, gc.get_freeze_count() > len(kept), searched)

class Loop:
    def __init__(self):
        self.itself = self
        self.much = young

for _ in range(20 * memory.SEARCHED_AFTER):
    Loop()
print(sum(isinstance(found, Loop) for found in gc.get_objects()) <= 2 * memory.SEARCHED_AFTER)
"""

LARGE_ANSWERS = """
import gzip, threading
from pathlib import Path

import orjson

from dental_sync.processes import memory

def used():
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon:")]
    return int(line.split()[1])

def answer():
    gzip.compress(orjson.dumps([{"from": str(number), "to": str(number + 1)} for number in range(200_000)]), 1)

memory.settle()
before = used()
for _ in range(4):
    thread = threading.Thread(target=answer)
    thread.start()
    thread.join()
print(used() - before)
"""


def told_by(script: str) -> list[str]:
    """The lines that a process of its own prints."""
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_what_was_there_at_the_start_is_never_searched_and_what_came_later_seldom() -> None:
    """And what refers only to itself is found all the same."""
    assert told_by(SEARCHES) == ["True True []", "True"]


@pytest.mark.skipif(sys.platform != "linux", reason="as /proc tells it")
def test_what_a_large_answer_needed_goes_back_to_the_machine() -> None:
    """Of some forty megabytes next to nothing stays, whichever threads made the answers."""
    [kib] = told_by(LARGE_ANSWERS)
    assert int(kib) < 8 * 1024
