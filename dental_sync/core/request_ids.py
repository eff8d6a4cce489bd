"""The ids of an HTTP request: ours, which nobody else chose, and the caller's own where it sent one.

Ours is `requestId` in the log and in the audit trail, and answered as `X-Server-Request-ID`; the caller's is
`callerRequestId`. `X-Request-ID` is answered with the caller's, or with ours where there is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import g, has_app_context

HEADER = "X-Request-ID"
SERVER_HEADER = "X-Server-Request-ID"

_ACCEPTABLE = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RequestIds:
    """Of one request: our id, and the caller's or None."""

    own: str
    callers: str | None = None


def acceptable(offered: str | None) -> str | None:
    """A caller's id, where it can be used: 1 to 128 visible ASCII characters."""
    return offered if offered is not None and _ACCEPTABLE.fullmatch(offered) else None


def begin(ids: RequestIds) -> None:
    """The request that is being answered has these ids."""
    g.request_ids = ids


def current() -> RequestIds | None:
    """The ids of the request that is being answered; None outside of one, and in the events of a socket."""
    found: RequestIds | None = g.get("request_ids") if has_app_context() else None
    return found
