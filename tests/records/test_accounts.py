"""Accounts behind the doors: how passwords are kept, and what becomes of sessions."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from apiflask import APIFlask
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.records import accounts, demo
from tests.conftest import Caller, log_in


def test_passwords_are_kept_as_argon2id_with_a_salt_of_their_own(app: APIFlask, owner: Session) -> None:
    """Nobody who reads the table learns a password, or who shares one."""
    for name in ("one", "two"):
        body = {"email": f"{name}@demo.test", "password": "a long password", "name": name}
        assert app.test_client().post("/api/auth/register", json=body).status_code == 201
    hashes = owner.scalars(text("SELECT password_hash FROM users WHERE email LIKE 'one@%' OR email LIKE 'two@%'")).all()
    assert len(set(hashes)) == 2
    for password_hash in hashes:
        assert password_hash.startswith("$argon2id$")
        assert PasswordHasher().verify(password_hash, "a long password")


def test_a_hash_of_weaker_settings_is_replaced_at_the_next_sign_in(app: APIFlask, owner: Session) -> None:
    """Old accounts become as safe as new ones without anybody noticing."""
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(demo.PASSWORD)
    owner.execute(text("UPDATE users SET password_hash = :weak WHERE email = 'patient1@demo.test'"), {"weak": weak})
    owner.commit()
    log_in(app, "patient1")
    replaced = owner.scalar(text("SELECT password_hash FROM users WHERE email = 'patient1@demo.test'"))
    assert replaced != weak
    assert not PasswordHasher().check_needs_rehash(str(replaced))
    owner.rollback()
    assert log_in(app, "patient1").json["user"]["role"] == "patient"


@pytest.mark.parametrize("kept", ["", "plain text", "$argon2id$broken"])
def test_an_account_without_a_usable_hash_cannot_sign_in(app: APIFlask, owner: Session, kept: str) -> None:
    """An import left something else there: a wrong password, and no 500."""
    owner.execute(text("UPDATE users SET password_hash = :kept WHERE email = 'patient1@demo.test'"), {"kept": kept})
    owner.commit()
    answer = app.test_client().post("/api/auth/login", json={"email": "patient1@demo.test", "password": kept or "x"})
    assert answer.status_code == 401
    assert answer.json["code"] == "invalid-credentials"


def test_one_refresh_token_in_two_hands_at_once_is_used_once(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """The second of the two comes too late by a hair: it is a reuse, and ends the session."""
    token = sign_in("patient1").refresh_token
    barrier = threading.Barrier(2)
    statuses: list[int] = []

    def refresh() -> None:
        barrier.wait()
        answer = app.test_client().post("/api/auth/refresh", headers={"Authorization": f"Bearer {token}"})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=refresh) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 401]


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
        actor = accounts.authenticate(db.session(), caller.token).actor
        owner.execute(text(change), {"user": caller.user["id"]})
        owner.commit()
        db.session.rollback()
        assert accounts.is_still_signed_in(db.session(), actor) is still


def test_an_account_is_authenticated_with_the_rights_it_has_now(
    app: APIFlask, owner: Session, sign_in: Callable[..., Caller]
) -> None:
    """A token does not carry a role: what the row says counts, from the next call on."""
    caller = sign_in("patient1")
    owner.execute(text("UPDATE users SET role = 'admin' WHERE id = :user"), {"user": caller.user["id"]})
    owner.commit()
    with app.app_context():
        actor = accounts.authenticate(db.session(), caller.token).actor
        assert actor.role == "admin"
        with pytest.raises(errors.Unauthorized):
            accounts.authenticate(db.session(), caller.refresh_token)
