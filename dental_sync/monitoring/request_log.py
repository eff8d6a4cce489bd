"""One line in the log for each HTTP request, Socket.IO's own included, in place of what servers and libraries write.

It names the rule of the route and never the address that was asked for: ids, names and tokens stand in paths and query
strings.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Request
from werkzeug.wsgi import ClosingIterator

from dental_sync.core.ids import new_id
from dental_sync.core.logs import facts
from dental_sync.core.request_ids import RequestIds

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

# Whatever else a caller sends is one method, and one route: what they make up must not fill memory or log.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
SOCKET_IO = "/socket.io/"

_KEY = "dental_sync.request_line"


@dataclass(slots=True)
class RequestLine:
    """What is known of a request so far."""

    method: str
    route: str = OTHER
    status: int | None = None
    account_id: str | None = None
    ids: RequestIds = field(default_factory=lambda: RequestIds(str(new_id())))
    began_at: float = field(default_factory=time.perf_counter)

    def write(self) -> None:
        """Write it down; the request is over."""
        logger.info(
            "request",
            extra=facts(
                method=self.method,
                route=self.route,
                status=self.status,
                ms=(time.perf_counter() - self.began_at) * 1000,
                accountId=self.account_id,
                requestId=self.ids.own,
                callerRequestId=self.ids.callers,
            ),
        )


class Parts(list[bytes]):
    """An answer that stays a list: from its length servers make the Content-Length that is missing (PEP 3333)."""

    def __init__(self, parts: list[bytes], line: RequestLine) -> None:
        super().__init__(parts)
        # Of the server, which calls it once.
        self.close = line.write


class RequestLog:
    """Writes the line of each request once its answer was written out; a WebSocket's when it is closed, as 101."""

    def __init__(self, serve: WSGIApplication) -> None:
        self._serve = serve

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        line = environ[_KEY] = RequestLine(method_of(environ.get("REQUEST_METHOD", "")))
        if environ.get("PATH_INFO", "").startswith("/socket.io"):
            line.route = SOCKET_IO
            # The server of WebSockets answers by itself.
            line.status = 101 if environ.get("HTTP_UPGRADE") else None

        def answer(status: str, headers: list[tuple[str, str]], *failure: Any) -> Callable[[bytes], object]:
            line.status = int(status.split(" ", 1)[0])
            return start_response(status, headers, *failure)

        try:
            served = self._serve(environ, answer)
            # The server closes the answer once it has been written out.
            return Parts(served, line) if type(served) is list else ClosingIterator(served, line.write)
        except Exception:
            line.status = 500
            logger.exception("a request was given up", extra=facts(requestId=line.ids.own))
            line.write()
            raise


def line_of(request: Request) -> RequestLine:
    """The line of the request that is being answered; one that nobody writes where no server is around it."""
    found: RequestLine | None = request.environ.get(_KEY)
    if found is None:
        found = request.environ[_KEY] = RequestLine(method_of(request.method))
    return found


def method_of(method: str) -> str:
    """The method as a word of ours."""
    return method if method in METHODS else OTHER
