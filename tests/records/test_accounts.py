"""Accounts behind the doors: how passwords are kept."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.records import demo
from tests.conftest import log_in


@pytest.mark.usefixtures("real_hashing")
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


@pytest.mark.usefixtures("real_hashing")
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
