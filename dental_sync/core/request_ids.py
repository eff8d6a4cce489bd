"""The id of an HTTP request: the caller's own or a fresh one, in the answer, the log and the audit trail."""

from __future__ import annotations

import re

from flask import g, has_app_context

HEADER = "X-Request-ID"

_ACCEPTABLE = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)


def is_acceptable(offered: str | None) -> bool:
    """Whether a caller's id can be used: 1 to 128 visible ASCII characters."""
    return offered is not None and _ACCEPTABLE.fullmatch(offered) is not None


def begin(request_id: str) -> None:
    """This request has that id."""
    g.request_id = request_id


def current() -> str | None:
    """The id of the request that is being answered; None outside of one, and in the events of a socket."""
    found: str | None = g.get("request_id") if has_app_context() else None
    return found
