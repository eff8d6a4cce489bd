"""Tokens behind the doors: a refresh token is used once, and what an account lost is refused at the next look."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable

import jwt
import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import errors, services
from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.records import tokens
from tests.conftest import Caller


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, [200, 401]), (30.0, [200, 200])])
def test_one_refresh_token_in_two_hands_at_once_has_one_successor(
    app: APIFlask, sign_in: Callable[..., Caller], seconds: float, expected: list[int]
) -> None:
    """The second of the two comes too late by a hair: it gets the same, or without a time for that ends the session."""
    services.provide(app, dataclasses.replace(services.of(app, Settings), refresh_reuse_seconds=seconds))
    token = sign_in("patient1").refresh_token
    successors: set[str] = set()
    barrier = threading.Barrier(2)
    statuses: list[int] = []

    def refresh() -> None:
        barrier.wait()
        answer = app.test_client().post("/api/auth/refresh", headers={"Authorization": f"Bearer {token}"})
        statuses.append(answer.status_code)
        if answer.status_code == 200:
            claims = jwt.decode(answer.json["refreshToken"], options={"verify_signature": False})
            successors.add(claims["jti"])

    threads = [threading.Thread(target=refresh) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == expected
    assert len(successors) == 1


@pytest.mark.parametrize(
    ("change", "still"),
    [
        ("UPDATE users SET name = 'Mia Weber' WHERE id = :user", True),
        ("UPDATE users SET active = false WHERE id = :user", False),
        ("UPDATE users SET role = 'chatbot' WHERE id = :user", False),
        ("UPDATE auth_sessions SET revoked_at = now() WHERE user_id = :user", False),
        ("DELETE FROM auth_sessions WHERE user_id = :user", False),
    ],
)
def test_an_open_socket_outlives_a_new_name_and_no_lost_right(
    app: APIFlask, owner: Session, sign_in: Callable[..., Caller], change: str, still: bool
) -> None:
    """What delivery asks before it closes a socket: whether the session stands, with the role it was opened with."""
    caller = sign_in("patient1")
    with app.app_context():
        actor = tokens.authenticate(db.session(), caller.token).actor
        owner.execute(text(change), {"user": caller.user["id"]})
        owner.commit()
        db.session.rollback()
        assert _still_stands(actor) is still


def _still_stands(actor: Actor) -> bool:
    try:
        return tokens.looked_up_again(db.session(), actor).user_id == actor.user_id
    except errors.Unauthorized:
        return False


def test_an_account_is_authenticated_with_the_rights_it_has_now(
    app: APIFlask, owner: Session, sign_in: Callable[..., Caller]
) -> None:
    """A token does not carry a role: what the row says counts, from the next call on."""
    caller = sign_in("patient1")
    owner.execute(text("UPDATE users SET role = 'admin' WHERE id = :user"), {"user": caller.user["id"]})
    owner.commit()
    with app.app_context():
        actor = tokens.authenticate(db.session(), caller.token).actor
        assert actor.role == "admin"
        with pytest.raises(errors.Unauthorized):
            tokens.authenticate(db.session(), caller.refresh_token)
