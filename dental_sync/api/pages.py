"""Keyset pagination: `{items, next}`, an opaque cursor, and a `Link` header (RFC 8288)."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify, request
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints

from dental_sync.core import errors
from dental_sync.core.wire_types import Answer, Shape, storable, to_count, to_uuid

DEFAULT_LIMIT = 50
HIGHEST_LIMIT = 200

# A cursor holds a name, which may be 500 characters of four bytes each, in base64; and a date or an id beside.
LONGEST_CURSOR = 3_000

Limit = Annotated[int, Field(ge=1, le=HIGHEST_LIMIT, examples=[50]), BeforeValidator(to_count)]
Cursor = Annotated[str, StringConstraints(max_length=LONGEST_CURSOR), AfterValidator(storable)]


class Named(Protocol):
    """What lists are ordered by."""

    @property
    def id(self) -> Any: ...
    @property
    def name(self) -> Any: ...


Record = TypeVar("Record", bound=Named)


class Page(Shape):
    """The parameters of a list."""

    limit: Annotated[Limit, Field(description="How many at most.")] = DEFAULT_LIMIT
    after: Annotated[Cursor | None, Field(description="The `next` of the page before.")] = None


Item = TypeVar("Item", bound=BaseModel)


class PageOf(Answer, Generic[Item]):
    """A page of a list; `next` is the cursor of the page after it, null on the last."""

    items: list[Item]
    next: Annotated[str, Field(examples=["WyJNaWEiXQ"])] | None


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


def name_and_id(page: Page) -> tuple[str, uuid.UUID] | None:
    """Where a page of a list by name begins, None for the first; raises ValidationFailed."""
    if page.after is None:
        return None
    name, record_id = decode(page.after, 2)
    try:
        return name, to_uuid(record_id)
    except ValueError:
        raise invalid_cursor() from None


def by_name(found: Sequence[Record], page: Page, shown: Callable[[Record], dict[str, Any]]) -> Response:
    """A page of a list by name; `found` has one record more than it shows when there is a next page."""
    items = found[: page.limit]
    more = len(found) > page.limit
    return respond([shown(record) for record in items], [items[-1].name, str(items[-1].id)] if more else None)


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
