"""The caller's address, as every limit and the audit trail read it from a request."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dental_sync.core import callers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

# What a proxy says of whom it calls for.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


class CallerAddress:
    """Writes the address plainly into each request, behind the proxies that are trusted (`TRUSTED_PROXIES`).

    A proxy that nobody has named is noticed: all callers would share its address, and its limits.
    """

    def __init__(self, serve: WSGIApplication, trusted_proxies: int) -> None:
        self._serve = serve
        self._trusted_proxies = trusted_proxies
        # Whether requests came through a proxy that the settings do not know.
        self.unknown_proxy = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        peer = environ.get("werkzeug.proxy_fix.orig", environ).get("REMOTE_ADDR")
        # A proxy may add the caller's port, and may name something that is no address at all.
        address = callers.plain(environ.get("REMOTE_ADDR")) or callers.plain(peer)
        environ["REMOTE_ADDR"] = address
        connection = callers.connection(environ)
        if connection is not None:
            connection.said_to_be(address)
        if not self._trusted_proxies and not self.unknown_proxy and any(name in environ for name in _FORWARDED):
            self.unknown_proxy = True
            logger.warning(
                "a request names another caller (X-Forwarded-For), and TRUSTED_PROXIES is 0: if a proxy stands in front"
                " of this process, set TRUSTED_PROXIES to the number of proxies, or all callers count as one address"
            )
        return self._serve(environ, start_response)
