"""Bodies that are compressed where the caller takes that (RFC 9110, 12.5.3): of free times, and of nothing else.

How long a compressed body is tells who sees it on its way, and can put words of the own beside what is secret, what the
secret begins with (BREACH). What patients write stands in lists of the practice, so these are sent as they are. Free
times have neither words nor secrets in them, and become a thirtieth.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable

from flask import Response, request

from dental_sync.core.blocking import run_blocking
from dental_sync.core.json_bytes import MEDIA_TYPE

# What fits into one packet of the network anyway.
SMALLEST = 1_400
# Measured on a month around the clock: 0.53 MB of 18.9 in 22 ms; level 6 makes it 2 % smaller, in 74 ms.
_LEVEL = 1


def respond(write: Callable[[], bytes]) -> Response:
    """A JSON body, written and compressed where that stalls no socket; nobody may hold a database connection."""
    accepts = request.accept_encodings.quality("gzip") > 0
    body, encoding = run_blocking(_packed, write, accepts)
    response = varying(Response(body, mimetype=MEDIA_TYPE))
    if encoding is not None:
        response.headers["Content-Encoding"] = encoding
    return response


def varying(response: Response) -> Response:
    """The response, which says that to other callers it may be encoded in another way."""
    response.vary.add("Accept-Encoding")
    return response


def _packed(write: Callable[[], bytes], accepts: bool) -> tuple[bytes, str | None]:
    body = write()
    if not accepts or len(body) < SMALLEST:
        return body, None
    return gzip.compress(body, _LEVEL, mtime=0), "gzip"
