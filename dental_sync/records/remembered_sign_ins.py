"""Sign-ins that this process has looked up a moment ago, so that the next request need not ask the database.

A sign-in is remembered for seconds, and used only while the process knows the log up to a second ago: triggers note
there whatever a sign-in rests on. With each such note, and with each commit of this process that causes one, all are
forgotten: looking up again costs little, and overlooking one would let in somebody who has lost the right.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

SignedIn = TypeVar("SignedIn")

REMEMBERED_SECONDS = 10.0
# How long ago this process may have known the whole log.
LOG_KNOWN_SECONDS = 1.0
# An attacker's tokens must not fill the memory. They are valid ones, each with its sign-in: half as many are at work.
MOST_REMEMBERED = 40_000


class RememberedSignIns(Generic[SignedIn]):
    """What valid access tokens have proved, by token, and by sign-in for the sockets that were opened with it."""

    def __init__(self, seconds_since_known: Callable[[], float], clock: Callable[[], float] = time.monotonic) -> None:
        """`seconds_since_known`: how long ago everything that was committed had been delivered to this process."""
        self._seconds_since_known = seconds_since_known
        self._clock = clock
        self._found: dict[str, tuple[float, SignedIn]] = {}
        # Raised by each forgetting: what was looked up before one must not be kept after it.
        self.generation = 0

    def find(self, proof: str) -> SignedIn | None:
        """What this token has proved, or one of this sign-in; None where it must be looked up."""
        found = self._found.get(proof)
        if found is None or self._seconds_since_known() >= LOG_KNOWN_SECONDS:
            return None
        looked_up_at, signed_in = found
        if self._clock() - looked_up_at >= REMEMBERED_SECONDS:
            # It may have been looked up again meanwhile.
            self._found.pop(proof, None)
            return None
        return signed_in

    def keep(self, proof: str, signed_in: SignedIn, *, looked_up_in: int) -> None:
        """Remember what was looked up, unless anything was forgotten since; `looked_up_in` is the generation before."""
        if looked_up_in != self.generation:
            return
        if len(self._found) >= MOST_REMEMBERED:
            self._found.clear()
        self._found[proof] = self._clock(), signed_in

    def forget(self) -> None:
        """Look all of them up again: an account, a record that belongs to one, or a sign-in has changed."""
        self.generation += 1
        self._found.clear()
