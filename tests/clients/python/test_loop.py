"""The one thread of the Python client."""

from __future__ import annotations

import threading
import time

from dental_sync_client.loop import Loop

WAIT_SECONDS = 5.0


def test_what_falls_due_waits_behind_what_has_arrived() -> None:
    """Work that took long does not make a time-out of what is there already; and what is called off is not done."""
    done: list[str] = []
    is_over = threading.Event()
    loop = Loop()

    def busy() -> None:
        call_off = loop.later(0.01, lambda: done.append("silence"))
        loop.later(0.02, lambda: done.append("due"))
        loop.later(0.03, is_over.set)
        time.sleep(0.05)
        loop.put(lambda: (done.append("arrived"), call_off()))  # type: ignore[func-returns-value]

    loop.put(busy)
    loop.start(lambda: None, lambda: None)
    assert is_over.wait(WAIT_SECONDS)
    loop.stop()
    loop.join(WAIT_SECONDS)
    assert done == ["arrived", "due"]


def test_work_that_fails_is_reported_and_the_rest_goes_on() -> None:
    """The end comes last, and what was put after it is not done."""
    done: list[str] = []
    loop = Loop()
    loop.put(lambda: done.append(str(1 / 0)))
    loop.put(lambda: done.append("next"))
    loop.put(loop.stop)
    loop.put(lambda: done.append("too late"))
    loop.start(lambda: done.append("failed"), lambda: done.append("finished"))
    loop.join(WAIT_SECONDS)
    assert done == ["failed", "next", "finished"]
