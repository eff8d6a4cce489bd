"""Accounts that are made without a password: a code lets whoever it is handed to set one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.records import passwords
from dental_sync.records.sign_in_pace import SignInPace
from tests.api.mailed import Mailbox
from tests.conftest import Caller

SignIn = Callable[..., Caller]

ADDRESS, NEW = "nora@demo.test", "a password of Nora's own"
BODY = {"email": ADDRESS, "name": "Nora Neu", "role": "receptionist"}


@pytest.fixture(autouse=True)
def nobody_waits(app: APIFlask) -> None:
    """An even pace is what tests/api/test_forgotten.py is about."""
    services.provide(app, SignInPace(sleep=lambda _seconds: None))


@pytest.fixture
def invited(sign_in: SignIn) -> dict[str, Any]:
    """A receptionist who was invited, as answered to the admin."""
    answer = sign_in("admin").post("/users", BODY)
    assert answer.status_code == 201, answer.json
    account: dict[str, Any] = answer.json
    return account


def reset(app: APIFlask, code: str) -> Any:
    """Set the password."""
    return app.test_client().post("/api/auth/reset", json={"email": ADDRESS, "code": code, "password": NEW})


def log_in(app: APIFlask, password: str = NEW) -> Any:
    """Try to sign in."""
    return app.test_client().post("/api/auth/login", json={"email": ADDRESS, "password": password})


def assert_unknown(answer: Any) -> None:
    """Whatever is wrong with the code."""
    assert (answer.status_code, answer.json["code"]) == (404, "unknown-code"), answer.text


def test_who_is_invited_sets_the_password_and_works_from_then_on(
    app: APIFlask, invited: dict[str, Any], sign_in: SignIn
) -> None:
    """In no password of anybody else's, for seven days; the list of accounts never shows the code."""
    assert set(invited["invitation"]) == {"code", "url", "expiresAt"}
    assert invited["invitation"]["url"] is None
    for password in (passwords.NONE, "", NEW):
        assert log_in(app, password).json["code"] == "invalid-credentials"
    [listed] = sign_in("admin").get("/users?q=nora").json["items"]
    assert listed == {name: value for name, value in invited.items() if name != "invitation"}
    assert reset(app, invited["invitation"]["code"]).status_code == 204
    signed_in = log_in(app)
    assert (signed_in.status_code, signed_in.json["user"]["role"]) == (200, "receptionist")
    assert_unknown(reset(app, invited["invitation"]["code"]))


@pytest.mark.parametrize("role", ["dentist", "admin", "patient"])
def test_every_role_may_be_invited(sign_in: SignIn, role: str) -> None:
    """With the records that belong to it; with a password there is no invitation."""
    admin = sign_in("admin")
    made = admin.post("/users", {**BODY, "role": role}).json
    assert ("dentistId" in made, "patientId" in made) == (role == "dentist", role == "patient")
    assert made["invitation"]["code"]
    with_password = admin.post("/users", {**BODY, "role": role, "email": "other@demo.test", "password": NEW})
    assert (with_password.status_code, "invitation" in with_password.json) == (201, False)


def test_the_link_has_the_code_where_no_proxy_logs_it(app: APIFlask, sign_in: SignIn, settings: Settings) -> None:
    """Behind the sign that no browser sends."""
    services.provide(app, dataclasses.replace(settings, public_url="https://practice.example/"))
    invitation = sign_in("admin").post("/users", BODY).json["invitation"]
    assert invitation["url"] == f"https://practice.example/password#{invitation['code']}"


def test_an_invitation_is_mailed_too(mailbox: Mailbox, invited: dict[str, Any], sign_in: SignIn) -> None:
    """To the account's address; a renewed one as well."""
    renewed = sign_in("admin").post(f"/users/{invited['id']}/invitation").json
    mails = mailbox.to(ADDRESS)
    assert [mail.kind for mail in mails] == ["staff-invitation"] * 2
    assert [mail.facts for mail in mails] == [invited["invitation"], renewed]


def test_a_renewed_invitation_ends_the_last_one(app: APIFlask, sign_in: SignIn, invited: dict[str, Any]) -> None:
    """Whoever has lost it gets another one; it may be as old as it is."""
    renewed = sign_in("admin").post(f"/users/{invited['id']}/invitation")
    assert renewed.status_code == 201
    assert_unknown(reset(app, invited["invitation"]["code"]))
    assert reset(app, renewed.json["code"]).status_code == 204


@pytest.mark.parametrize("how", ["old", "switched off", "password"])
def test_an_invitation_ends(app: APIFlask, sign_in: SignIn, invited: dict[str, Any], owner: Session, how: str) -> None:
    """After seven days, with the account, also where it is switched on again, and once a password is set otherwise."""
    admin, path = sign_in("admin"), f"/users/{invited['id']}"
    if how == "old":
        lives = "SELECT expires_at - now() BETWEEN interval '6.9 days' AND interval '7 days' FROM account_codes"
        assert owner.scalar(text(lives))
        owner.execute(text("UPDATE account_codes SET expires_at = now() - interval '1 second'"))
        owner.commit()
    elif how == "switched off":
        admin.patch(path, {"active": False})
        refused = admin.post(f"{path}/invitation")
        assert (refused.status_code, refused.json["code"]) == (409, "not-active")
        admin.patch(path, {"active": True})
    else:
        admin.patch(path, {"password": "set by an admin"})
    assert_unknown(reset(app, invited["invitation"]["code"]))


def test_strangers_cannot_use_up_an_invitation(app: APIFlask, invited: dict[str, Any]) -> None:
    """It is not mailed anew for the asking, so wrong tries end no more than those that are."""
    for _ in range(6):
        assert_unknown(reset(app, "wrong"))
    assert reset(app, invited["invitation"]["code"]).status_code == 204


def test_nobody_is_invited_who_is_not_there(sign_in: SignIn) -> None:
    """404, and 403 for who does not administer: tests/api/test_who_may.py."""
    answer = sign_in("admin").post("/users/0198c0de-0000-7000-8000-000000000001/invitation")
    assert answer.status_code == 404


def test_the_code_is_kept_nowhere(sign_in: SignIn, owner: Session) -> None:
    """Not for a repeat with the same key either, which answers the account without it; a new one can be had."""
    admin = sign_in("admin")
    first, again = (admin.post("/users", BODY, Idempotency_Key="one") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == {name: value for name, value in first.json.items() if name != "invitation"}
    code = first.json["invitation"]["code"]
    assert code not in str(owner.execute(text("SELECT * FROM kept_answers")).all())
    assert code.replace("-", "") not in owner.scalar(text("SELECT encode(code_hash, 'escape') FROM account_codes"))
    refused = admin.post(f"/users/{first.json['id']}/invitation", Idempotency_Key="two")
    assert refused.status_code == 422
    noted = admin.get(f"/audit?recordId={first.json['id']}").json["items"]
    assert code not in str(noted)


def test_an_account_without_a_password_takes_as_long_to_refuse(
    app: APIFlask, invited: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something is compared, as for an address that nobody has: nobody learns who was invited and has not come yet."""
    compared: list[str] = []
    compare = passwords._compare

    def note(password_hash: str, password: str) -> passwords.Match:
        compared.append(password_hash)
        return compare(password_hash, password)

    monkeypatch.setattr(passwords, "_compare", note)
    assert invited["active"]
    log_in(app)
    [password_hash] = compared
    assert password_hash.startswith("$argon2id$")
