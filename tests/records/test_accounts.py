"""Accounts behind the doors: how passwords are kept, and what happens while one is hashed."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from apiflask import APIFlask
from argon2 import PasswordHasher
from sqlalchemy import QueuePool, event, text
from sqlalchemy.orm import Session

from dental_sync.core.extensions import db
from dental_sync.records import demo, passwords
from dental_sync.storage.people_models import User
from tests.conftest import CHEAP_HASHER, Caller, log_in


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


class Probe(PasswordHasher):
    """A hasher that looks around while it works: who holds a connection, and what happens meanwhile."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        super().__init__(CHEAP_HASHER.time_cost, CHEAP_HASHER.memory_cost, CHEAP_HASHER.parallelism)
        self.connections_held: list[int] = []
        self._meanwhile = meanwhile

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self._look()
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self._look()
        return super().verify(hash, password)

    def _look(self) -> None:
        pool = db.engine.pool
        assert isinstance(pool, QueuePool)
        self.connections_held.append(pool.checkedout())
        self._meanwhile()


# What makes the processor work, by each door that does.
HASHING = {
    "register": ("POST", "/auth/register", {"email": "new@demo.test", "password": "a long password", "name": "New"}),
    "login": ("POST", "/auth/login", {"email": "patient1@demo.test", "password": demo.PASSWORD}),
    "login-of-nobody": ("POST", "/auth/login", {"email": "nobody@demo.test", "password": "a long password"}),
    "change-password": ("POST", "/auth/password", {"current": demo.PASSWORD, "new": "a long password"}),
    "create-account": (
        "POST",
        "/users",
        {"email": "new@demo.test", "password": "a long password", "name": "New", "role": "dentist"},
    ),
    "set-password": ("PATCH", "/users/{user}", {"password": "a long password"}),
}


@pytest.mark.parametrize("door", HASHING)
def test_no_connection_is_held_while_a_password_is_hashed(
    sign_in: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    """A morning's sign-ins would else take every connection from everybody."""
    method, path, body = HASHING[door]
    admin = sign_in("admin")
    patient = sign_in("patient1")
    probe = Probe()
    monkeypatch.setattr(passwords, "_hasher", probe)
    answer = admin.call(method, path.format(user=patient.user["id"]), body)
    assert answer.status_code < 300 or (door, answer.status_code) == ("login-of-nobody", 401), answer.json
    assert probe.connections_held
    assert set(probe.connections_held) == {0}


def test_a_password_that_was_replaced_while_it_was_compared_does_not_sign_in(
    app: APIFlask, owner: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before hashing is compared again: the sign-in would outlive the change that ends all sign-ins."""

    def replace() -> None:
        changed = CHEAP_HASHER.hash("another password")
        owner.execute(text("UPDATE users SET password_hash = :h WHERE email = 'patient1@demo.test'"), {"h": changed})
        owner.commit()

    monkeypatch.setattr(passwords, "_hasher", Probe(replace))
    body = {"email": "patient1@demo.test", "password": demo.PASSWORD}
    answer = app.test_client().post("/api/auth/login", json=body)
    assert (answer.status_code, answer.json["code"]) == (401, "invalid-credentials")


def test_an_account_that_was_disabled_while_its_password_was_compared_does_not_sign_in(
    app: APIFlask, owner: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account is read again before the sign-in begins."""

    def disable() -> None:
        owner.execute(text("UPDATE users SET active = false WHERE email = 'patient1@demo.test'"))
        owner.commit()

    monkeypatch.setattr(passwords, "_hasher", Probe(disable))
    body = {"email": "patient1@demo.test", "password": demo.PASSWORD}
    answer = app.test_client().post("/api/auth/login", json=body)
    assert (answer.status_code, answer.json["code"]) == (401, "account-disabled")


def test_of_two_who_change_a_password_at_once_one_is_refused(
    sign_in: Callable[..., Caller], owner: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password that the second one gave is not the account's any more."""
    patient = sign_in("patient1")

    def replace() -> None:
        changed = CHEAP_HASHER.hash("another password")
        owner.execute(text("UPDATE users SET password_hash = :h WHERE email = 'patient1@demo.test'"), {"h": changed})
        owner.commit()

    monkeypatch.setattr(passwords, "_hasher", Probe(replace))
    answer = patient.post("/auth/password", {"current": demo.PASSWORD, "new": "a third password"})
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    kept = owner.scalar(text("SELECT password_hash FROM users WHERE email = 'patient1@demo.test'"))
    assert CHEAP_HASHER.verify(str(kept), "another password")


def test_of_many_who_register_one_address_at_once_one_gets_it_and_no_statement_fails(
    app: APIFlask, owner: Session
) -> None:
    """In whatever case it is written; the others are told, and PostgreSQL has no failed statement to log."""
    failures: list[str] = []
    with app.app_context():
        event.listen(db.engine, "handle_error", lambda context: failures.append(str(context.original_exception)))
    gate = threading.Barrier(8)
    answers: list[tuple[int, str]] = []

    def register(number: int) -> None:
        email = "Twice@Demo.Test" if number % 2 else "twice@demo.test"
        body = {"email": email, "password": "a long password", "name": f"Number {number}"}
        client = app.test_client()
        gate.wait()
        answer = client.post("/api/auth/register", json=body)
        answers.append((answer.status_code, answer.json.get("code", "")))

    threads = [threading.Thread(target=register, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [(201, "")] + [(409, "email-taken")] * 7
    assert failures == []
    assert owner.scalar(text("SELECT count(*) FROM users WHERE lower(email) = 'twice@demo.test'")) == 1


def test_a_password_is_not_hashed_over_what_waits_to_be_written(app: APIFlask) -> None:
    """Ending the transaction would write a half of what belongs together."""
    with app.app_context():
        db.session.add(User(email="x@demo.test", name="X", role="admin", password_hash="-"))
        with pytest.raises(RuntimeError, match="before anything is written"):
            passwords.hash_password(db.session(), "a long password")
