"""Guessing passwords is slow: after some failures further attempts on an account take turns.

Nobody is locked out. An account that somebody guesses at is slowed down for each address by itself, so its owner, who
has the right password and another address, waits for nothing; and where they share one, for a few seconds. A right
password is no attempt that counts. Whoever waits here holds no database connection.
"""

from __future__ import annotations

import hashlib
import math
import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dental_sync.core.errors import RateLimited

MINUTE_SECONDS = 60.0
# Between two attempts of one address on one account that are slowed down, at most.
SLOWEST_SECONDS = 3.0
# An attempt whose turn comes later is refused.
LONGEST_WAIT_SECONDS = 15.0
# How long an answer takes that must not tell how much there was to do.
EVEN_SECONDS = 0.5
# A practice behind one router has many accounts: an address may fail this many times as often as an account.
ACCOUNTS_OF_AN_ADDRESS = 10
# When so much is remembered, what is past is forgotten.
_SWEEP_AT = 10_000


def key_of(account: uuid.UUID | None, email: str) -> str:
    """Under what an account's failures count: its id, as PostgreSQL has found it; where there is none, the address.

    An account that does not exist is slowed down like one that does, or the time of an answer would tell.
    """
    if account is not None:
        return str(account)
    folded = unicodedata.normalize("NFC", email).casefold().encode()
    return hashlib.blake2b(folded, digest_size=16).hexdigest()


@dataclass(slots=True)
class _Window:
    began_at: float
    failures: int = 0


class SignInPace:
    """The failures of the last minute, in this process's memory."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._windows: dict[str, _Window] = {}
        self._next_turn: dict[tuple[str, str], float] = {}

    def wait(self, per_minute: int, account: str, network: str) -> None:
        """Wait for a turn to try, where the account or the address has failed too often; raises RateLimited when it
        would come too late."""
        now = self._clock()
        if (
            self._failures(account, now) < per_minute
            and self._failures(_of(network), now) < ACCOUNTS_OF_AN_ADDRESS * per_minute
        ):
            return
        pair = (account, network)
        turn = max(now, self._next_turn.get(pair, now))
        if turn - now > LONGEST_WAIT_SECONDS:
            seconds = max(1, math.ceil(turn - now - LONGEST_WAIT_SECONDS))
            raise RateLimited(
                "Too many attempts to sign in to this account failed; try again shortly.",
                headers={"Retry-After": str(seconds)},
            )
        self._next_turn[pair] = turn + min(SLOWEST_SECONDS, MINUTE_SECONDS / per_minute)
        if turn > now:
            self._sleep(turn - now)

    def failed(self, account: str, network: str) -> None:
        """An attempt was wrong."""
        now = self._clock()
        if len(self._windows) + len(self._next_turn) > _SWEEP_AT:
            self._sweep(now)
        for key in (account, _of(network)):
            window = self._windows.get(key)
            if window is None or now - window.began_at >= MINUTE_SECONDS:
                window = self._windows[key] = _Window(now)
            window.failures += 1

    @contextmanager
    def evenly(self) -> Iterator[None]:
        """Let what is done within take half a second, however much of it there is; it must end its transaction."""
        until = self._clock() + EVEN_SECONDS
        try:
            yield
        finally:
            self._sleep(max(0.0, until - self._clock()))

    def _failures(self, key: str, now: float) -> int:
        window = self._windows.get(key)
        return 0 if window is None or now - window.began_at >= MINUTE_SECONDS else window.failures

    def _sweep(self, now: float) -> None:
        since = now - MINUTE_SECONDS
        self._windows = {key: window for key, window in self._windows.items() if window.began_at > since}
        self._next_turn = {pair: turn for pair, turn in self._next_turn.items() if turn > now}


def _of(network: str) -> str:
    return f"from {network}"
