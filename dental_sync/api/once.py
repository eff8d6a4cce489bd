"""Doing once what is asked for twice: changes that need no lane, with an `Idempotency-Key`.

`openapi.answers` wraps every view that does not go through `writes.submit`; there the lane keeps the outcome. The
view's change, its entry in the audit trail and its answer are one transaction.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from flask import Response, current_app, request
from pydantic import BaseModel

from dental_sync.api import conditions, problems
from dental_sync.api.requests import actor
from dental_sync.core import errors, json_bytes
from dental_sync.core.extensions import db
from dental_sync.core.services import settings
from dental_sync.core.wire_types import Outcome
from dental_sync.writes import kept_answers

View = TypeVar("View", bound=Callable[..., Any])

_KEPT_HEADERS = ("ETag", "Link", "Location")
# A code is shown once.
_NEVER_KEPT = frozenset({"invitation"})
# Not decided, so asking again may help.
_PASSING = frozenset({401, 429})


def once(view: View) -> View:
    """Answer a repeat with what was answered first. A view commits by `audit.note_and_commit`, and in no other way."""

    @functools.wraps(view)
    def call(*args: Any, **kwargs: Any) -> Any:
        key = conditions.idempotency_key() if request.method not in conditions.SAFE_METHODS else None
        return view(*args, **kwargs) if key is None else _answer_once(key, kwargs, lambda: view(*args, **kwargs))

    return cast(View, call)


def respond(outcome: Outcome) -> Response:
    """An outcome that was stored, as a response."""
    refused = outcome["status"] >= 400
    body = b"" if outcome["body"] is None else json_bytes.dumps(outcome["body"])
    response = Response(body, status=outcome["status"], mimetype=problems.MEDIA_TYPE if refused else "application/json")
    response.headers.update(outcome["headers"])
    return response


def _answer_once(key: str, kwargs: Mapping[str, Any], view: Callable[[], Any]) -> Response:
    session, hours = db.session(), settings().idempotency_hours
    keyed = kept_answers.Keyed(actor().user_id, request.method, request.path, key, _fingerprint(kwargs))
    earlier = kept_answers.find(session, keyed, hours=hours)
    if earlier is not None:
        return respond(earlier)
    try:
        with kept_answers.held(session):
            response = current_app.make_response(view())
    except errors.Refusal as refusal:
        session.rollback()
        if refusal.status >= 500 or refusal.status in _PASSING:
            raise
        response = problems.respond(refusal)
    if kept_answers.keep(session, keyed, _outcome(response), hours=hours):
        session.commit()
        return response
    # The same was asked for at the same moment, and was done first.
    session.rollback()
    earlier = kept_answers.find(session, keyed, hours=hours)
    if earlier is None:
        raise errors.Unavailable
    return respond(earlier)


def _fingerprint(kwargs: Mapping[str, Any]) -> bytes:
    """Tells one body from another, and nothing about a password in it to who reads the table."""
    bodies = [shape for shape in kwargs.values() if isinstance(shape, BaseModel)]
    said = [shape.model_dump(mode="json", by_alias=True, exclude_unset=True) for shape in bodies]
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    if request.mimetype.startswith("image/"):
        canonical += request.get_data()
    return hmac.new(settings().secret_key.encode(), canonical, hashlib.sha256).digest()


def _outcome(response: Response) -> Outcome:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    body = json.loads(response.get_data()) if response.get_data() else None
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in _NEVER_KEPT}
    return {"status": response.status_code, "headers": headers, "body": body}
