"""Which passwords may be set, however they are typed, and what guessing them costs."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.records import demo, passwords
from dental_sync.records.sign_in_pace import SignInPace
from tests.conftest import Caller

NFC = "Zähneputzen täglich"
NFD = unicodedata.normalize("NFD", NFC)


def log_in(app: APIFlask, email: str, password: str, address: str = "203.0.113.7", **more: Any) -> Any:
    """Try to sign in."""
    body = {"email": email, "password": password, **more}
    return app.test_client().post("/api/auth/login", json=body, environ_overrides={"REMOTE_ADDR": address})


def registered(app: APIFlask, password: str, email: str = "greta.lang@demo.test") -> Any:
    """Try to register."""
    return app.test_client().post("/api/auth/register", json={"email": email, "password": password, "name": "Greta"})


# Weak ones.

WEAK = ["password", "PASSWORD", "12345678", "qwertyuiop", "greta.lang@demo.test", "Greta.Lang", "zahnarzt123"]


@pytest.mark.parametrize("weak", WEAK)
def test_a_password_that_is_tried_first_is_refused(shared_app: APIFlask, weak: str) -> None:
    """One of the list, the address, the part before its @: whole, in any case."""
    answer = registered(shared_app, weak)
    assert answer.status_code == 422
    assert answer.json["code"] == "weak-password"


def test_the_practices_name_is_refused(app: APIFlask, owner: Session) -> None:
    """It is on the door."""
    owner.execute(text("UPDATE practice SET name = 'Praxis Dr. Müller'"))
    owner.commit()
    assert registered(app, unicodedata.normalize("NFD", "praxis dr. müller")).json["code"] == "weak-password"


@pytest.mark.parametrize("fine", ["demo-password-1", "bench-password-1", "password of my cat", "x12345678"])
def test_what_only_contains_such_a_word_is_fine(app: APIFlask, fine: str) -> None:
    """Nothing is scored."""
    assert registered(app, fine).status_code == 201


def test_it_is_refused_wherever_one_is_set(sign_in: Callable[..., Caller]) -> None:
    """By its owner, and by an admin for somebody else; what was refused changed nothing."""
    admin, patient = sign_in("admin"), sign_in("patient1")
    wishes = [
        patient.post("/auth/password", {"current": demo.PASSWORD, "new": "password"}),
        admin.patch(f"/users/{patient.user['id']}", {"password": "patient1@demo.test"}),
        admin.post("/users", {"email": "new@demo.test", "name": "N", "role": "dentist", "password": "iloveyou"}),
    ]
    assert [answer.json["code"] for answer in wishes] == ["weak-password"] * 3
    assert patient.get("/auth/me").status_code == 200


# However it is typed.


@pytest.mark.parametrize(("set_as", "typed_as"), [(NFC, NFD), (NFD, NFC), (NFD, NFD)])
def test_a_password_is_the_same_on_every_keyboard(app: APIFlask, set_as: str, typed_as: str) -> None:
    """A Mac types an umlaut as two characters, Windows as one."""
    assert registered(app, set_as).status_code == 201
    assert log_in(app, "greta.lang@demo.test", typed_as).status_code == 200


def test_a_password_of_before_is_right_as_it_was_typed_and_then_everywhere(app: APIFlask, owner: Session) -> None:
    """Its hash is of the two characters; the first sign-in makes it anew."""
    owner.execute(
        text("UPDATE users SET password_hash = :hash WHERE email = 'patient1@demo.test'"),
        {"hash": passwords._hasher.hash(NFD)},
    )
    owner.commit()
    assert log_in(app, "patient1@demo.test", NFC).status_code == 401
    assert log_in(app, "patient1@demo.test", NFD).status_code == 200
    assert log_in(app, "patient1@demo.test", NFC).status_code == 200


def test_the_length_is_that_of_the_composed_form(app: APIFlask) -> None:
    """Four umlauts are four characters, also where each is typed as two."""
    assert registered(app, unicodedata.normalize("NFD", "äöüä")).json["code"] == "validation-failed"


# Guessing.


@pytest.fixture
def slept(app: APIFlask, settings: Settings) -> list[float]:
    """An app in which an account may fail three times a minute, and nobody really waits."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        with app.app_context():
            assert db.engine.pool.checkedout() == 0, "a connection is held while somebody waits"

    services.provide(app, dataclasses.replace(settings, login_limit_per_minute=3))
    services.provide(app, SignInPace(sleep=sleep))
    return slept


def test_guessing_is_slowed_down_and_the_owner_comes_in(app: APIFlask, slept: list[float]) -> None:
    """From where somebody guesses a little later, and from anywhere else at once; no connection is held meanwhile."""
    for _ in range(6):
        assert log_in(app, "patient1@demo.test", "wrong").status_code == 401
    assert len(slept) == 2
    assert all(0 < seconds <= 6 for seconds in slept)
    assert log_in(app, "patient1@demo.test", demo.PASSWORD, "198.51.100.1").status_code == 200
    assert len(slept) == 2
    assert log_in(app, "patient1@demo.test", demo.PASSWORD).status_code == 200
    assert len(slept) == 3


def test_an_account_is_one_however_its_address_is_written(app: APIFlask, slept: list[float]) -> None:
    """As PostgreSQL finds it."""
    for email in ("patient1@demo.test", "PATIENT1@demo.test", "Patient1@Demo.Test", "patient1@DEMO.test"):
        log_in(app, email, "wrong")
    log_in(app, "patient1@demo.test", "wrong")
    assert len(slept) == 1


def test_right_passwords_are_no_attempts(app: APIFlask, slept: list[float]) -> None:
    """A practice signs in at eight, from one address."""
    for _ in range(10):
        assert log_in(app, "patient1@demo.test", demo.PASSWORD).status_code == 200
    assert slept == []


def test_the_current_password_is_not_guessed_either(slept: list[float], sign_in: Callable[..., Caller]) -> None:
    """By whoever finds an open browser."""
    patient = sign_in("patient1")
    for _ in range(5):
        answer = patient.post("/auth/password", {"current": "wrong", "new": "another password"})
        assert answer.status_code == 403
    assert len(slept) == 1


def test_failed_sign_ins_are_noted_by_account_and_an_unknown_address_is_not(app: APIFlask, owner: Session) -> None:
    """One entry each with a count: of the account, and of the caller's address where there is none."""
    owner.execute(text("DELETE FROM audit"))
    owner.commit()
    for _ in range(3):
        log_in(app, "patient1@demo.test", "wrong")
    for name in ("nobody", "nobody.else"):
        log_in(app, f"{name}@demo.test", "wrong", "2001:db8::1")
    rows = owner.execute(text("SELECT * FROM audit WHERE action = 'login-failed' ORDER BY id")).all()
    user = owner.scalar(text("SELECT id FROM users WHERE email = 'patient1@demo.test'"))
    counts: dict[Any, int] = {}
    for row in rows:
        key = (tuple(row.record_ids), row.address)
        counts[key] = counts.get(key, 0) + row.details["count"]
    assert counts == {((user,), "203.0.113.7"): 3, ((), "2001:db8::/64"): 2}
    assert "nobody" not in str(rows)
    assert all(row.actor_id is None for row in rows)
