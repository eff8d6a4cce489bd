"""What many ask for alike is made once, for as long as it is good."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from dental_sync.core.errors import NotFound
from dental_sync.core.shared import Shared

HOUR = timedelta(hours=1)


def test_who_asks_while_it_is_made_gets_what_is_made() -> None:
    """Sixteen threads that ask at once cost one; another key is another value."""
    shared = Shared[int]()
    made: list[str] = []
    start, another = threading.Barrier(16), threading.Event()
    found: list[int] = []

    def ask() -> None:
        start.wait()

        def make(at: datetime) -> tuple[int, datetime]:
            made.append("one")
            if len(made) > 1:
                another.set()
            # As long as it takes, somebody else would begin too.
            another.wait(0.2)
            return len(made), at + HOUR

        found.append(shared.get("key", make))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, made) == ([1] * 16, ["one"])
    assert shared.get("another", lambda at: (2, at + HOUR)) == 2


def test_what_is_no_longer_good_is_made_anew() -> None:
    """From the very moment on that was said."""
    shared = Shared[str]()
    assert shared.get("key", lambda at: ("old", at)) == "old"
    assert shared.get("key", lambda at: ("new", at + HOUR)) == "new"
    assert shared.get("key", lambda at: ("newer", at)) == "new"


def test_what_cannot_be_made_is_tried_by_the_next_who_asks() -> None:
    """A refusal is nobody else's."""
    shared = Shared[str]()

    def refuse(_at: datetime) -> tuple[str, datetime]:
        raise NotFound

    with pytest.raises(NotFound):
        shared.get("key", refuse)
    assert shared.get("key", lambda at: ("made", at)) == "made"


def test_no_more_is_kept_than_is_allowed() -> None:
    """What was not asked for the longest goes first."""
    shared = Shared[int](most=2)
    for key in (1, 2, 1, 3):
        shared.get(key, lambda at, key=key: (key, at + HOUR))
    kept = [key for key in (1, 3) if shared.get(key, lambda at: (0, at + HOUR)) == key]
    assert kept == [1, 3]
    assert shared.get(2, lambda at: (0, at + HOUR)) == 0
