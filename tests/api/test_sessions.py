"""How long a sign-in lasts, what a lost answer costs, which keys count, and the list of one's own sessions."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.instants import parse_instant
from dental_sync.records import demo
from tests.conftest import Caller

FORMER_KEY = "the former secret of the tests, long enough"


def refresh(app: APIFlask, token: str) -> Any:
    """Exchange a refresh token."""
    return app.test_client().post("/api/auth/refresh", headers={"Authorization": f"Bearer {token}"})


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def change(app: APIFlask, **settings: Any) -> Settings:
    """Other settings for this app."""
    changed = dataclasses.replace(services.of(app, Settings), **settings)
    services.provide(app, changed)
    return changed


# An answer that was lost on the way.


def test_a_refresh_whose_answer_was_lost_gives_the_same_successor_again(
    app: APIFlask, sign_in: Callable[..., Caller]
) -> None:
    """A phone in a lift sends it again: it stays signed in, and there is one line of tokens, not two."""
    first = sign_in("patient1").refresh_token
    lost, again = refresh(app, first).json, refresh(app, first).json
    assert claims_of(lost["refreshToken"])["jti"] == claims_of(again["refreshToken"])["jti"]
    following = refresh(app, again["refreshToken"])
    assert following.status_code == 200
    assert refresh(app, lost["refreshToken"]).json["user"] == following.json["user"]


def test_a_successor_that_was_used_ends_the_time_for_its_predecessor(
    app: APIFlask, sign_in: Callable[..., Caller]
) -> None:
    """Whoever has used the successor has had the answer; who comes with the one before it then has a copy."""
    caller = sign_in("patient1")
    second = refresh(app, caller.refresh_token).json["refreshToken"]
    assert refresh(app, second).status_code == 200
    assert refresh(app, caller.refresh_token).status_code == 401
    assert refresh(app, second).status_code == 401
    assert caller.get("/auth/me").status_code == 401


def test_after_the_time_a_second_use_ends_the_session(
    app: APIFlask, owner: Session, sign_in: Callable[..., Caller]
) -> None:
    """As it always did."""
    caller = sign_in("patient1")
    second = refresh(app, caller.refresh_token).json["refreshToken"]
    owner.execute(text("UPDATE auth_sessions SET refreshed_at = refreshed_at - interval '31 s'"))
    owner.commit()
    assert refresh(app, caller.refresh_token).status_code == 401
    assert refresh(app, second).status_code == 401


# How long.


def test_a_session_ends_after_its_days_however_often_it_is_used(
    app: APIFlask, owner: Session, sign_in: Callable[..., Caller]
) -> None:
    """A tablet at the desk that is never signed out; its tokens never live longer than that."""
    caller = sign_in("patient1")
    began = "UPDATE auth_sessions SET created_at = now() - make_interval(days => 90, secs => :seconds)"
    owner.execute(text(began), {"seconds": -60})
    owner.commit()
    last = refresh(app, caller.refresh_token)
    assert last.status_code == 200
    assert last.json["expiresIn"] <= 60
    ends = datetime.now(UTC) + timedelta(seconds=61)
    for token in (last.json["accessToken"], last.json["refreshToken"]):
        assert datetime.fromtimestamp(claims_of(token)["exp"], UTC) <= ends
    owner.execute(text(began), {"seconds": 1})
    owner.commit()
    refused = refresh(app, last.json["refreshToken"])
    assert refused.status_code == 401
    assert "sign in again" in refused.json["detail"]


# Keys.


@pytest.fixture
def former_tokens(app: APIFlask, sign_in: Callable[..., Caller]) -> Caller:
    """What a patient got before the key was replaced."""
    settings, caller = services.of(app, Settings), sign_in("patient1")
    caller.token, caller.refresh_token = (
        jwt.encode(jwt.decode(token, settings.jwt_secret_key, ["HS256"], audience="dental-sync-api"), FORMER_KEY)
        for token in (caller.token, caller.refresh_token)
    )
    return caller


def test_a_replaced_key_signs_nobody_out(app: APIFlask, former_tokens: Caller) -> None:
    """What the former one signed holds, and what is issued now is signed with the new one."""
    change(app, jwt_secret_key_previous=FORMER_KEY)
    assert former_tokens.get("/auth/me").status_code == 200
    renewed = refresh(app, former_tokens.refresh_token)
    assert renewed.status_code == 200
    jwt.decode(
        renewed.json["refreshToken"],
        services.of(app, Settings).jwt_secret_key,
        ["HS256"],
        audience="dental-sync-api",
        issuer="dental-sync",
    )


def test_a_key_that_is_not_named_any_more_counts_for_nothing(app: APIFlask, former_tokens: Caller) -> None:
    """As after a leak."""
    assert former_tokens.get("/auth/me").status_code == 401
    assert refresh(app, former_tokens.refresh_token).status_code == 401


def test_a_former_keys_expired_token_says_so(app: APIFlask, former_tokens: Caller) -> None:
    """So that a client refreshes instead of signing in."""
    change(app, jwt_secret_key_previous=FORMER_KEY)
    former_tokens.token = jwt.encode({**claims_of(former_tokens.token), "exp": 1_000_000_000}, FORMER_KEY)
    assert former_tokens.get("/auth/me").json["code"] == "token-expired"


def test_a_token_of_the_former_release_holds(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """It named neither issuer nor audience."""
    settings, caller = services.of(app, Settings), sign_in("patient1")
    caller.token, caller.refresh_token = (
        jwt.encode({k: v for k, v in claims_of(token).items() if k not in ("iss", "aud")}, settings.jwt_secret_key)
        for token in (caller.token, caller.refresh_token)
    )
    assert caller.get("/auth/me").status_code == 200
    assert refresh(app, caller.refresh_token).status_code == 200


@pytest.mark.parametrize("other", [{"iss": "another-app"}, {"aud": "another-api"}, {"iss": ""}, {"aud": ["x"]}])
def test_a_token_of_another_service_with_the_same_key_is_none(
    app: APIFlask, sign_in: Callable[..., Caller], other: dict[str, Any]
) -> None:
    """A key that was copied from one app to another."""
    caller = sign_in("patient1")
    caller.token = jwt.encode({**claims_of(caller.token), **other}, services.of(app, Settings).jwt_secret_key)
    assert caller.get("/auth/me").status_code == 401


# The list.


def test_everybody_sees_their_own_sessions_and_from_where(app: APIFlask, owner: Session) -> None:
    """The newest first; one that has ended is not there, and nobody else's is."""
    owner.execute(text("DELETE FROM auth_sessions"))
    owner.commit()

    def sign_in(address: str, agent: str, name: str = "patient1") -> Caller:
        answer = app.test_client().post(
            "/api/auth/login",
            json={"email": f"{name}@demo.test", "password": demo.PASSWORD},
            headers={"User-Agent": agent},
            environ_overrides={"REMOTE_ADDR": address},
        )
        return Caller(app.test_client(), answer.json["user"], answer.json["accessToken"], answer.json["refreshToken"])

    phone, laptop, gone = sign_in("203.0.113.7", "Phone"), sign_in("2001:db8::7", "Laptop"), sign_in("203.0.113.7", "x")
    sign_in("198.51.100.1", "Somebody", "patient2")
    assert gone.post("/auth/logout").status_code == 204
    assert refresh(app, phone.refresh_token).status_code == 200
    newest, oldest = laptop.get("/auth/sessions").json["items"]
    assert (newest["userAgent"], newest["address"], newest["current"]) == ("Laptop", "2001:db8::7", True)
    assert (oldest["userAgent"], oldest["address"], oldest["current"]) == ("Phone", "203.0.113.7", False)
    assert "refreshedAt" not in newest
    assert parse_instant(oldest["refreshedAt"]) >= parse_instant(oldest["createdAt"])
    assert parse_instant(newest["expiresAt"]) > datetime.now(UTC)
    page = laptop.get("/auth/sessions?limit=1").json
    [following] = laptop.get(f"/auth/sessions?limit=1&after={page['next']}").json["items"]
    assert [page["items"][0]["id"], following["id"]] == [newest["id"], oldest["id"]]


def test_a_lost_phone_is_signed_out_from_the_laptop(sign_in: Callable[..., Caller], app: APIFlask) -> None:
    """At once, and nothing else is."""
    phone, laptop = sign_in("patient1"), sign_in("patient1")
    [lost] = [item["id"] for item in phone.get("/auth/sessions").json["items"] if item["current"]]
    assert laptop.delete(f"/auth/sessions/{lost}").status_code == 204
    assert phone.get("/auth/me").status_code == 401
    assert refresh(app, phone.refresh_token).status_code == 401
    assert laptop.get("/auth/me").status_code == 200
    assert laptop.delete(f"/auth/sessions/{lost}").status_code == 404


def test_all_others_are_ended_at_once(sign_in: Callable[..., Caller]) -> None:
    """This one stays."""
    here, elsewhere, other = sign_in("patient1"), sign_in("patient1"), sign_in("patient2")
    assert here.delete("/auth/sessions").status_code == 204
    assert elsewhere.get("/auth/me").status_code == 401
    assert here.get("/auth/me").status_code == other.get("/auth/me").status_code == 200
    assert [item["current"] for item in here.get("/auth/sessions").json["items"]] == [True]


@pytest.mark.parametrize("name", ["patient2", "admin"])
def test_nobody_ends_somebody_elses_session_here(sign_in: Callable[..., Caller], name: str) -> None:
    """Not an admin either: that is done by switching the account off."""
    patient = sign_in("patient1")
    [session] = [item["id"] for item in patient.get("/auth/sessions").json["items"] if item["current"]]
    assert sign_in(name).delete(f"/auth/sessions/{session}").status_code == 404
    assert sign_in(name).delete(f"/auth/sessions/{uuid.uuid4()}").status_code == 404
    assert patient.get("/auth/me").status_code == 200
