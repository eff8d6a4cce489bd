"""What a refusal is: a status, a stable code, and the problem document (RFC 9457) that says so."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, TypedDict


class FieldError(TypedDict):
    """Where in the request something is wrong: a JSON pointer (RFC 6901) and what is wrong there."""

    pointer: str
    detail: str


class Refusal(Exception):
    """The request was refused."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    # What a client does about it: not sent, but printed in docs/errors.md.
    remedy: ClassVar[str] = ""

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        self.detail = detail or " ".join((inspect.getdoc(type(self)) or "").split())
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.members = members
        super().__init__(f"{self.code}: {self.detail}")

    def problem(self) -> dict[str, Any]:
        """The RFC 9457 object, without `instance`, which only the door knows."""
        problem: dict[str, Any] = {
            "type": f"urn:dental-sync:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.members,
        }
        if self.errors:
            problem["errors"] = self.errors
        return problem
