"""What everybody may ask for is made once in a while."""

from __future__ import annotations

import threading
import time

import pytest

from dental_sync.core.brief import Brief


def test_however_many_ask_at_once_it_is_made_once() -> None:
    """The others wait for the first, and get what it was given."""
    made: list[int] = []
    brief: Brief[int] = Brief(seconds=60)

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        return len(made)

    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(brief.get(make))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [1] * 20
    assert made == [1]


def test_after_its_time_it_is_made_anew() -> None:
    """An answer is never older than that."""
    brief: Brief[int] = Brief(seconds=0.05)
    assert brief.get(lambda: 1) == 1
    assert brief.get(lambda: 2) == 1
    time.sleep(0.06)
    assert brief.get(lambda: 3) == 3


def test_a_failure_is_not_remembered() -> None:
    """The next who asks tries again."""
    brief: Brief[int] = Brief(seconds=60)
    with pytest.raises(LookupError):
        brief.get(lambda: {}[1])
    assert brief.get(lambda: 2) == 2
