"""What nobody needs to sign in for is bounded by the address, and costs little."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import event

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.monitoring.health import HealthDatabase, RecentHealth
from tests.conftest import Caller

LIMIT = 3


@pytest.fixture
def strict(app: APIFlask) -> APIFlask:
    """An app that lets few calls a minute through."""
    settings = dataclasses.replace(services.of(app, Settings), rate_limit_per_minute=LIMIT)
    services.provide(app, settings)
    return app


def call(app: APIFlask, method: str, path: str, address: str = "203.0.113.7", **headers: str) -> Any:
    """Call as somebody at that address."""
    return app.test_client().open(
        path,
        method=method,
        headers=headers,
        environ_overrides={"REMOTE_ADDR": address},
        json={} if method == "POST" else None,
    )


STRANGERS: dict[str, tuple[str, str, dict[str, str], int]] = {
    # Nothing is delivered in this app, which makes it unhealthy.
    "health": ("GET", "/api/sync/health", {}, 503),
    "the document": ("GET", "/api/openapi.json", {}, 200),
    "the page": ("GET", "/api/docs/", {}, 200),
    "no such address": ("GET", "/api/nothing", {}, 404),
    "refreshing": ("POST", "/api/auth/refresh", {"Authorization": "Bearer none"}, 401),
    "an invalid token": ("GET", "/api/auth/me", {"Authorization": "Bearer none"}, 401),
    "no token": ("GET", "/api/patients", {}, 401),
}


@pytest.mark.parametrize("what", STRANGERS)
def test_an_address_calls_without_a_sign_in_only_so_often(strict: APIFlask, what: str) -> None:
    """Then it is told to wait; another address is served, and an IPv6 network is one address."""
    method, path, headers, status = STRANGERS[what]
    for _ in range(LIMIT):
        assert call(strict, method, path, **headers).status_code == status
    refused = call(strict, method, path, **headers)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json["code"] == "rate-limited"
    assert call(strict, method, path, "203.0.113.8", **headers).status_code == status
    for number in range(LIMIT):
        call(strict, method, path, f"2001:db8::{number + 1}", **headers)
    assert call(strict, method, path, "2001:db8::ffff", **headers).status_code == 429


def test_each_kind_is_counted_for_itself(strict: APIFlask) -> None:
    """A page that asks for its health must not keep its neighbours from refreshing their tokens."""
    for _ in range(LIMIT + 1):
        call(strict, "GET", "/api/sync/health")
    assert call(strict, "POST", "/api/auth/refresh", Authorization="Bearer none").status_code == 401
    assert call(strict, "GET", "/api/openapi.json").status_code == 200


def test_wrong_tokens_do_not_lock_out_who_has_a_right_one(strict: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """A whole practice may share one address."""
    patient = sign_in("patient1")
    for _ in range(LIMIT + 1):
        call(strict, "GET", "/api/auth/me", Authorization="Bearer none")
    right = call(strict, "GET", "/api/auth/me", Authorization=f"Bearer {patient.token}")
    assert right.status_code == 200


def test_a_question_of_a_browser_costs_nothing_and_is_not_counted(strict: APIFlask) -> None:
    """A page of another origin asks before each call."""
    for _ in range(LIMIT + 2):
        assert call(strict, "OPTIONS", "/api/sync/health").status_code == 200


def test_health_is_looked_at_once_a_second(app: APIFlask) -> None:
    """However many ask: each look costs queries, and nobody has signed in for it."""
    services.provide(app, RecentHealth())
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(services.of(app, HealthDatabase).engine, "before_cursor_execute", note)
    answers = [call(app, "GET", "/api/sync/health").json]
    first = len(statements)
    assert first
    answers += [call(app, "GET", "/api/sync/health").json for _ in range(20)]
    assert len(statements) < 2 * first
    assert len({answer["timestamp"] for answer in answers}) <= 2
