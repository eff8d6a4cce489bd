"""Pages over HTTP: their parameters, `{items, next}`, and a `Link` header (RFC 8288). Cursors: storage/keyset.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify, request
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints

from dental_sync.core.wire_types import Answer, Instant, Shape, storable, to_count

DEFAULT_LIMIT = 50
HIGHEST_LIMIT = 200

# A cursor holds a name, which may be 500 characters of four bytes each, in base64; and a date or an id beside.
LONGEST_CURSOR = 3_000

Limit = Annotated[int, Field(ge=1, le=HIGHEST_LIMIT, examples=[50]), BeforeValidator(to_count)]
Cursor = Annotated[str, StringConstraints(max_length=LONGEST_CURSOR), AfterValidator(storable)]


class Page(Shape):
    """The parameters of a list."""

    limit: Annotated[Limit, Field(description="How many at most.")] = DEFAULT_LIMIT
    after: Annotated[Cursor | None, Field(description="The `next` of the page before.")] = None


class Overlapping(Page):
    """The parameters of a list of times: what overlaps `[from, to)`, open where nothing is said."""

    overlaps_from: Instant | None = Field(None, alias="from")
    overlaps_to: Instant | None = Field(None, alias="to")


Item = TypeVar("Item", bound=BaseModel)


class PageOf(Answer, Generic[Item]):
    """A page of a list; `next` is the cursor of the page after it, null on the last."""

    items: list[Item]
    next: Annotated[str, Field(examples=["WyJNaWEiXQ"])] | None


def respond(items: Sequence[dict[str, Any]], cursor: str | None, **members: Any) -> Response:
    """A page; `cursor` is that of the next one, None on the last."""
    return linked(jsonify({"items": list(items), "next": cursor, **members}), cursor)


def linked(response: Response, cursor: str | None) -> Response:
    """The response with a `Link` to the next page, where there is one."""
    if cursor is not None:
        query = urlencode({**request.args.to_dict(), "after": cursor})
        response.headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    return response
