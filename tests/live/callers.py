"""Many calls at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from .rest import Answer

Call = Callable[[], Answer]


def all_at_once(calls: Sequence[Call]) -> list[Answer]:
    """Make the calls at the same moment, each in a thread of its own; returns the answers in the calls' order."""
    gate = threading.Barrier(len(calls))
    answers: list[Answer | None] = [None] * len(calls)

    def run(number: int, call: Call) -> None:
        gate.wait()
        answers[number] = call()

    threads = [threading.Thread(target=run, args=(number, call)) for number, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [answer for answer in answers if answer is not None]
    assert len(given) == len(calls), "a call failed; its thread said why"
    return given
