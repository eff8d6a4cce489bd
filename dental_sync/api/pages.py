"""Keyset pagination: `{items, next}`, an opaque cursor, and a `Link` header (RFC 8288)."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from flask import Response, jsonify, request
from pydantic import AfterValidator, Field, StringConstraints

from dental_sync import errors
from dental_sync.wire import Count, Shape, storable

DEFAULT_LIMIT = 50
HIGHEST_LIMIT = 200

# A cursor holds a name, which may be 500 characters of four bytes each, in base64; and a date or an id beside.
LONGEST_CURSOR = 3_000

Limit = Annotated[Count, Field(ge=1, le=HIGHEST_LIMIT)]
Cursor = Annotated[str, StringConstraints(max_length=LONGEST_CURSOR), AfterValidator(storable)]


class Page(Shape):
    """The parameters of a list."""

    limit: Limit = DEFAULT_LIMIT
    after: Cursor | None = None


def encode(position: Sequence[Any]) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(position, ensure_ascii=False).encode()).decode().rstrip("=")


def decode(cursor: str, length: int) -> list[str]:
    """What `encode` put in: strings, that many; raises ValidationFailed for what is no cursor of ours."""
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        position = None
    if not isinstance(position, list) or len(position) != length:
        raise invalid_cursor()
    try:
        return [storable(str(part)) for part in position]
    except ValueError:
        raise invalid_cursor() from None


def invalid_cursor() -> errors.ValidationFailed:
    """The refusal of a cursor that this server did not make."""
    wrong: errors.FieldError = {"pointer": "/after", "detail": "is not a cursor that this list gave"}
    return errors.ValidationFailed(errors=[wrong])


def respond(items: Sequence[dict[str, Any]], after: Sequence[Any] | None, **members: Any) -> Response:
    """A page; `after` is where the next one begins, None on the last."""
    cursor = encode(after) if after is not None else None
    response = jsonify({"items": list(items), "next": cursor, **members})
    if cursor is not None:
        query = urlencode({**request.args.to_dict(), "after": cursor})
        response.headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    return response
