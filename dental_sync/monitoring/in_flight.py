"""How many HTTP requests a web process is answering at this moment: for its metrics, and for its stop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class RequestsInFlight:
    """Counts the HTTP requests that are being answered; not Socket.IO's own, which may last for hours."""

    def __init__(self, serve: WSGIApplication) -> None:
        self._serve = serve
        self.count = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith("/socket.io"):
            return self._serve(environ, start_response)
        self.count += 1
        try:
            answer = self._serve(environ, start_response)
        except BaseException:
            self._finished()
            raise
        # The server closes the answer once it has been written out.
        return ClosingIterator(answer, self._finished)

    def _finished(self) -> None:
        self.count -= 1
