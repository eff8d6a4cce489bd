"""Somebody without an account: gives tokens with which what is free can be followed, and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from dental_sync_client.address import Address
from dental_sync_client.session import Post, ask, good_for, post


class VisitorSession:
    """Whoever looks before they sign up. `get_token` is for RealtimeSync; any number of threads may ask.

    sync = RealtimeSync("https://practice.example", VisitorSession("https://practice.example").get_token)
    """

    def __init__(self, url: str, *, post: Post = post, now: Callable[[], float] = time.monotonic) -> None:
        self._address = f"{Address.of(url).root}/api/public/token"
        self._post = post
        self._now = now
        self._turn = threading.Lock()
        self._token = ""
        self._good_until = 0.0
        self._given: str | None = None

    def get_token(self, fresh: bool = False) -> str:
        """A token, another one before it expires; with `fresh` another one than the last.

        Raises SyncError: `not-found` where the practice shows nothing to everybody, `rate-limited` where this address
        has asked too often, `connection-lost` when there is no answer.
        """
        with self._turn:
            if not self._token or self._now() >= self._good_until or (fresh and self._token == self._given):
                answer = ask(self._post, self._address, None, {})
                self._token, self._good_until = str(answer["accessToken"]), self._now() + good_for(answer)
            self._given = self._token
            return self._token
