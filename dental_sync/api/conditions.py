"""The headers that put a condition on a change, `Idempotency-Key` and `If-Match`, and where they mean nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from apiflask import APIFlask
from flask import current_app, request

from dental_sync.core import errors

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What is answered there may hold a token or a code, and neither may be stored.
_NEVER_KEPT = ("/api/auth/", "/api/public/")
_INVITATIONS = "/invitation"

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?", re.ASCII)

_MEANS_NOTHING = {
    "Idempotency-Key": "Idempotency-Key is not taken here: what is answered may be a token or a code, and is not kept",
    "If-Match": "If-Match is not taken here: what is changed has no version",
}


def register(app: APIFlask) -> None:
    """Refuse these headers where they would be taken in silence and ignored."""
    app.before_request(_refuse_what_means_nothing)


def idempotency_key() -> str | None:
    """The Idempotency-Key, None where there is none; raises ValidationFailed for what is none."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise _refused("Idempotency-Key must be 1 to 255 visible characters")
    return key


def if_match() -> str | None:
    """The If-Match header, as it was sent; raises PreconditionFailed for what no answer of ours can have given."""
    tags = request.headers.get("If-Match")
    # What cannot be stored cannot be an entity tag of ours either.
    if tags is not None and not tags.isprintable():
        raise errors.PreconditionFailed
    return tags


def keeps_answers(rule: str, methods: Iterable[str]) -> bool:
    """Whether the answers of a route are kept for repeats with the same key."""
    may_be_kept = not rule.startswith(_NEVER_KEPT) and not rule.endswith(_INVITATIONS)
    return may_be_kept and not SAFE_METHODS.issuperset(methods)


def _refuse_what_means_nothing() -> None:
    described = getattr(current_app.view_functions.get(request.endpoint or ""), "_described", None)
    if request.method in SAFE_METHODS or request.url_rule is None or described is None:
        return
    taken = {name for each in described for name in each.takes}
    if keeps_answers(request.url_rule.rule, [request.method]):
        taken.add("Idempotency-Key")
    for name, why in _MEANS_NOTHING.items():
        if name in request.headers and name not in taken:
            raise _refused(why)


def _refused(detail: str) -> errors.ValidationFailed:
    wrong: errors.FieldError = {"pointer": "", "detail": detail}
    return errors.ValidationFailed(errors=[wrong])
