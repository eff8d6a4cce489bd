"""Requests that are to be refused, and what a refusal must look like."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

from dental_sync.core.instants import format_instant
from tests.conftest import Caller, a_free_monday

MONDAY = format_instant(a_free_monday())
AN_ID = str(uuid.UUID(int=1))


def send(
    caller: Caller, method: str, path: str, data: bytes | str, content_type: str | None = "application/json"
) -> Any:
    """Send these bytes."""
    headers = {"Authorization": f"Bearer {caller.token}"}
    return caller.client.open("/api" + path, method=method, data=data, content_type=content_type, headers=headers)


def assert_problem(answer: Any, status: int, code: str) -> None:
    """RFC 9457, with the contract's members."""
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert answer.mimetype == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance", "code"} <= set(answer.json)
    assert answer.json["status"] == status


def pointers(answer: Any) -> list[str]:
    """Where a validation found something."""
    assert_problem(answer, 422, "validation-failed")
    return [error["pointer"] for error in answer.json["errors"]]


def cursor(*parts: Any) -> str:
    """A cursor as an attacker makes one."""
    return base64.urlsafe_b64encode(json.dumps(list(parts)).encode()).decode().rstrip("=")
