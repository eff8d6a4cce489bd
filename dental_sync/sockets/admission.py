"""Who may open another transport: decided by the address, before anything of it is made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from dental_sync.core import callers
from dental_sync.core.errors import RateLimited
from dental_sync.core.rate_limits import RateLimits

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/socket.io"
# Seconds after which a refused address may try again: a silent transport is closed after ten.
_AGAIN_SECONDS = 10


class Admission:
    """Counts the open transports of each address, and the polling sessions that it begins."""

    def __init__(self, rate_limits: RateLimits, *, transports_per_address: int, sessions_per_minute: int) -> None:
        self._rate_limits = rate_limits
        self._transports_per_address = transports_per_address
        self._sessions_per_minute = sessions_per_minute
        self._open: Counter[str] = Counter()
        # How many were refused.
        self.refused = 0

    def at_most(self, transports_per_address: int) -> None:
        """Lower the limit where the process has room for fewer connections than its settings say."""
        self._transports_per_address = max(1, min(self._transports_per_address, transports_per_address))

    def opened(self, network: str) -> None:
        """A transport was opened."""
        self._open[network] += 1

    def closed(self, network: str) -> None:
        """It is closed."""
        self._open[network] -= 1
        if self._open[network] <= 0:
            del self._open[network]

    def check(self, network: str, *, polling: bool) -> None:
        """Raise RateLimited where the address may not open another transport now."""
        if self._open[network] >= self._transports_per_address:
            raise RateLimited(
                "This address has as many live connections as one may have.",
                headers={"Retry-After": str(_AGAIN_SECONDS)},
            )
        if polling:
            # A session of long polling costs its beginner one request, and us a transport that waits for a sign-in.
            self._rate_limits.check(self._sessions_per_minute, "polling-session", network)

    def before(self, serve: WSGIApplication) -> WSGIApplication:
        """The same application, in which a new transport is let in or answered 429."""

        def let_in(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if not environ.get("PATH_INFO", "").startswith(PATH):
                return serve(environ, start_response)
            query = parse_qs(environ.get("QUERY_STRING", ""))
            if "sid" in query or environ["REQUEST_METHOD"] != "GET":
                return serve(environ, start_response)
            try:
                polling = query.get("transport", ["polling"])[0] == "polling"
                self.check(callers.network(environ.get("REMOTE_ADDR")), polling=polling)
            except RateLimited as refusal:
                self.refused += 1
                body = json.dumps({**refusal.problem(), "instance": environ.get("PATH_INFO", "")}).encode()
                headers = [
                    ("Content-Type", "application/problem+json"),
                    ("Content-Length", str(len(body))),
                    *refusal.headers.items(),
                ]
                start_response("429 Too Many Requests", headers)
                return [body]
            return serve(environ, start_response)

        return let_in
