"""What a route says of itself for the OpenAPI document, which `openapi_document` makes from the code.

A new route needs one line more, right above its function:

    @openapi.answers(PatientAnswer, 201, headers=["Location"], refuses=[errors.EmailTaken])

names the shape of its success (None for a 204) and the refusals of its own. The rest follows from what is there: the
body and the parameters, with 400, 413, 415 and 422, from `blueprint.input`; 401 and 429 from `auth_required`, 403 from
its roles; 404 from an id in the address; summary and description from the docstring, its first line and what follows;
examples from the types in core/wire_types and from `Field(examples=…)`. `takes` names request headers. `media_types`
and `body_types` are those of an answer and of a body that are not JSON. `lane=True` is
for what goes through `writes.submit`: 202, `Prefer`, and their refusals; `versioned=True` for a record with an ETag
that `If-Match` may name. `Idempotency-Key` is taken by every route that changes something, see `once`, but where a
token may be answered. A second success is a second line. tests/described.py compares every answer that a test gets
with the document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from dental_sync.api.once import once
from dental_sync.api.pages import PageOf
from dental_sync.core import errors
from dental_sync.core.errors import Refusal
from dental_sync.core.wire_types import Answer, Id

View = TypeVar("View", bound=Callable[..., Any])


class FieldProblem(Answer):
    """Where in the request something is wrong: a JSON pointer (RFC 6901), and what."""

    pointer: str
    detail: str


class Problem(Answer):
    """Why a request was refused (RFC 9457); some refusals have members of their own beside these."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: list[FieldProblem] | None = None


class WriteAnswer(Answer):
    """What became of a write; `resource` is the path of what it made or changed."""

    id: Id
    status: str
    resource: str | None = None
    appointment_id: Id | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Success:
    """What a route answers when it does what it is asked: a shape (None: no body), and headers.

    Where it names media types, the body is of one of them and not JSON.
    """

    shape: type[BaseModel] | None
    headers: Sequence[str]
    media_types: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Described:
    """What a route says: its successes by status, its own refusals, and the request headers that it reads."""

    successes: Mapping[int, Success]
    refuses: Sequence[type[Refusal]]
    takes: Sequence[str]
    # Of a body that is not JSON.
    body_types: Sequence[str] = ()


_LANE = Described({202: Success(WriteAnswer, ["Location", "Preference-Applied"])}, [errors.WriteFailed], ["Prefer"])
_VERSIONED = Described({}, [errors.PreconditionFailed], ["If-Match"])


def answers(
    shape: type[BaseModel] | None,
    status: int = 200,
    *,
    headers: Sequence[str] = (),
    refuses: Sequence[type[Refusal]] = (),
    takes: Sequence[str] = (),
    media_types: Sequence[str] = (),
    body_types: Sequence[str] = (),
    lane: bool = False,
    versioned: bool = False,
) -> Callable[[View], View]:
    """Say what a route answers, beside what follows from its other decorators."""
    if shape is not None and issubclass(shape, PageOf):
        headers = [*headers, "Link"]
    said = [Described({status: Success(shape, headers, media_types)}, refuses, takes, body_types)]
    said += [_LANE] if lane else []
    said += [_VERSIONED] if versioned else []

    def describe(view: View) -> View:
        # The lane keeps the outcome itself.
        view = view if lane else once(view)
        view._described = [*getattr(view, "_described", []), *said]  # type: ignore[attr-defined]
        return view

    return describe


def named(name: str, summary: str) -> Callable[[View], View]:
    """Give a view that a factory makes the name and the docstring that the document shows; the lowest decorator."""

    def name_view(view: View) -> View:
        view.__name__ = name
        view.__doc__ = summary
        return view

    return name_view
