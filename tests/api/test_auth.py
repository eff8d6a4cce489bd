"""Sign up, sign in, stay signed in, sign out: the doors of the accounts."""

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
from dental_sync.records import demo
from tests.conftest import Caller, log_in, sign_in_to

NEW_PATIENT = {"email": "Greta@Demo.test", "password": "a long password", "name": "Greta Lang", "phone": "030 1234"}


def bearer(app: APIFlask, method: str, path: str, authorization: str | None, body: Any = None) -> Any:
    """Call with that Authorization header, or with none."""
    headers = {} if authorization is None else {"Authorization": authorization}
    return app.test_client().open(f"/api{path}", method=method, headers=headers, json=body)


def assert_unauthorized(answer: Any, code: str = "unauthorized") -> None:
    """401 as RFC 6750 and RFC 9457 have it."""
    assert answer.status_code == 401, answer.json
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == code
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


# Register and login.


def test_registering_makes_a_patient_who_is_signed_in(app: APIFlask, owner: Session) -> None:
    """The account, the patient's record with the phone number, and tokens that work at once."""
    answer = app.test_client().post("/api/auth/register", json=NEW_PATIENT)
    assert answer.status_code == 201
    assert set(answer.json) == {"user", "accessToken", "refreshToken", "expiresIn"}
    assert answer.json["expiresIn"] == services.of(app, Settings).access_token_seconds
    user = answer.json["user"]
    assert set(user) == {"id", "role", "name", "email", "language", "patientId", "patients"}
    assert user["patients"] == [{"id": user["patientId"], "name": "Greta Lang", "relation": "self"}]
    assert (user["role"], user["name"], user["email"]) == ("patient", "Greta Lang", "Greta@demo.test")
    assert bearer(app, "GET", "/auth/me", f"Bearer {answer.json['accessToken']}").json == user
    record = owner.execute(text("SELECT name, phone, email FROM patients WHERE id = :id"), {"id": user["patientId"]})
    assert tuple(record.one()) == ("Greta Lang", "030 1234", "Greta@demo.test")


@pytest.mark.parametrize("role", ["admin", "dentist", "patient"])
def test_nobody_registers_as_anything_but_a_patient(shared_app: APIFlask, role: str) -> None:
    """A role is not asked for, so naming one is an unknown field."""
    answer = shared_app.test_client().post("/api/auth/register", json={**NEW_PATIENT, "role": role})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == ["/role"]


@pytest.mark.parametrize("email", ["patient1@demo.test", "PATIENT1@DEMO.TEST", " Patient1@demo.test "])
def test_an_address_is_taken_in_any_case(shared_app: APIFlask, email: str) -> None:
    """Two accounts whose addresses differ in capitals would be one mailbox."""
    answer = shared_app.test_client().post("/api/auth/register", json={**NEW_PATIENT, "email": email})
    assert answer.status_code == 409
    assert answer.json["code"] == "email-taken"


@pytest.mark.parametrize(
    ("registered", "signs_in_as"),
    [
        ("Greta@Demo.test", "greta@demo.TEST"),
        ("GRÜTA@demo.test", "grüta@demo.test"),
        ("GRÜTA@demo.test", "GRÜTA@demo.test"),
        ("\u0130greta@demo.test", "\u0130greta@demo.test"),  # a letter whose small form is two letters in Python
    ],
)
def test_the_address_is_matched_in_any_case(app: APIFlask, registered: str, signs_in_as: str) -> None:
    """Also with letters that Python and PostgreSQL may make small in different ways."""
    client = app.test_client()
    assert client.post("/api/auth/register", json={**NEW_PATIENT, "email": registered}).status_code == 201
    answer = client.post("/api/auth/login", json={"email": signs_in_as, "password": NEW_PATIENT["password"]})
    assert answer.status_code == 200
    assert answer.json["user"]["email"] == registered.replace("Demo", "demo")


@pytest.mark.parametrize(
    ("name", "record"),
    [("patient1", "patientId"), ("dentist1", "dentistId"), ("admin", None), ("chatbot", None)],
)
def test_login_answers_who_it_is(shared_app: APIFlask, name: str, record: str | None) -> None:
    """The `user` of the contract: with the id of the own record, where there is one."""
    user = log_in(shared_app, name).json["user"]
    of_a_diary = ["profession"] if record == "dentistId" else []
    assert set(user) == {
        "id",
        "role",
        "name",
        "email",
        "language",
        "patients",
        *([record] if record else []),
        *of_a_diary,
    }
    assert user["email"] == f"{name}@demo.test"
    assert user["role"] == name.rstrip("123456789")
    assert sign_in_to(shared_app, name).get("/auth/me").json == user


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("patient1@demo.test", "demo-password-2"),
        ("patient1@demo.test", "x"),
        ("patient1@demo.test", ""),
        ("patient1@demo.test", "DEMO-PASSWORD-1"),
        ("nobody@demo.test", demo.PASSWORD),
        ("", demo.PASSWORD),
        ("no address", demo.PASSWORD),
        ("%@demo.test", demo.PASSWORD),
    ],
)
def test_a_wrong_address_and_a_wrong_password_get_the_same_answer(
    shared_app: APIFlask, email: str, password: str
) -> None:
    """Nobody learns who has an account; a short password is wrong, not malformed."""
    answer = shared_app.test_client().post("/api/auth/login", json={"email": email, "password": password})
    assert_unauthorized(answer, "invalid-credentials")
    assert answer.json["detail"] == "The e-mail address or the password is wrong."


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "patient1@demo.test"},
        {"email": None, "password": "x"},
        {"email": ["a"], "password": {"$ne": ""}},
        {"email": "a\x00b", "password": "x"},
        {"email": "patient1@demo.test", "password": "x" * 501},
    ],
)
def test_a_login_of_another_shape_is_refused(shared_app: APIFlask, body: Any) -> None:
    """What is no address and no password is 422 and not an attempt."""
    answer = shared_app.test_client().post("/api/auth/login", json=body)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", None),
        ("password", "short"),
        ("password", "x" * 501),
        ("password", "with\x00nul----"),
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 501),
        ("phone", 30),
    ],
)
def test_a_registration_of_another_shape_names_the_field(shared_app: APIFlask, field: str, value: Any) -> None:
    """The pointer says which, and the value is not repeated."""
    answer = shared_app.test_client().post("/api/auth/register", json={**NEW_PATIENT, field: value})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [f"/{field}"]
    assert "x" * 30 not in answer.text


# Refresh.


def test_a_refresh_token_works_once_and_gives_a_new_pair(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """The new access token works, and so does the new refresh token."""
    tokens = sign_in("patient1").refresh_token
    for _ in range(3):
        answer = bearer(app, "POST", "/auth/refresh", f"Bearer {tokens}")
        assert answer.status_code == 200
        assert set(answer.json) == {"user", "accessToken", "refreshToken", "expiresIn"}
        assert bearer(app, "GET", "/auth/me", f"Bearer {answer.json['accessToken']}").status_code == 200
        tokens = answer.json["refreshToken"]


def test_a_refresh_token_that_comes_again_ends_its_whole_family(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """Somebody has a stolen copy: neither the thief's nor the owner's tokens work any longer; other sessions stay."""
    services.provide(app, dataclasses.replace(services.of(app, Settings), refresh_reuse_seconds=0))
    first, elsewhere = sign_in("patient1"), sign_in("patient1")
    second = bearer(app, "POST", "/auth/refresh", f"Bearer {first.refresh_token}").json
    assert_unauthorized(bearer(app, "POST", "/auth/refresh", f"Bearer {first.refresh_token}"))
    assert_unauthorized(bearer(app, "POST", "/auth/refresh", f"Bearer {second['refreshToken']}"))
    assert_unauthorized(bearer(app, "GET", "/auth/me", f"Bearer {second['accessToken']}"))
    assert_unauthorized(first.get("/auth/me"))
    assert elsewhere.get("/auth/me").status_code == 200


# Logout and passwords.


def test_logging_out_ends_this_session_and_no_other(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """Dead at once: the access token, and the refresh token too."""
    here, elsewhere = sign_in("patient1"), sign_in("patient1")
    assert here.call("POST", "/auth/logout").status_code == 204
    assert_unauthorized(here.get("/auth/me"))
    assert_unauthorized(bearer(app, "POST", "/auth/refresh", f"Bearer {here.refresh_token}"))
    assert_unauthorized(here.post("/auth/logout"))
    assert elsewhere.get("/auth/me").status_code == 200


def test_a_new_password_ends_every_other_session(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """This one goes on; the old password is wrong from now on, the new one right."""
    here, elsewhere = sign_in("patient1"), sign_in("patient1")
    answer = here.post("/auth/password", {"current": demo.PASSWORD, "new": "another password"})
    assert answer.status_code == 204
    assert here.get("/auth/me").status_code == 200
    assert_unauthorized(elsewhere.get("/auth/me"))
    assert_unauthorized(bearer(app, "POST", "/auth/refresh", f"Bearer {elsewhere.refresh_token}"))
    login = {"email": "patient1@demo.test", "password": demo.PASSWORD}
    assert_unauthorized(app.test_client().post("/api/auth/login", json=login), "invalid-credentials")
    assert sign_in("patient1", "another password").get("/auth/me").status_code == 200


def test_a_new_password_needs_the_current_one(sign_in: Callable[..., Caller]) -> None:
    """Whoever finds an open browser cannot take the account over; nobody is signed out."""
    here, elsewhere = sign_in("patient1"), sign_in("patient1")
    answer = here.post("/auth/password", {"current": "wrong", "new": "another password"})
    assert answer.status_code == 403
    assert answer.json["code"] == "forbidden"
    assert here.post("/auth/password", {"current": demo.PASSWORD, "new": "short"}).status_code == 422
    assert elsewhere.get("/auth/me").status_code == 200
    assert sign_in("patient1").get("/auth/me").status_code == 200


# Every kind of bad token.


def signed(settings: Settings, claims: dict[str, Any], *, key: str | None = None, algorithm: str = "HS256") -> str:
    """A token of these claims."""
    return jwt.encode(claims, settings.jwt_secret_key if key is None else key, algorithm=algorithm)


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    """The same claims but one."""
    return {key: value for key, value in claims.items() if key != name}


HUGE = 10**30

BAD_TOKENS: dict[str, Callable[[Settings, Caller], str | None]] = {
    "no header": lambda _s, _c: None,
    "empty header": lambda _s, _c: "",
    "scheme alone": lambda _s, _c: "Bearer",
    "scheme and a blank": lambda _s, _c: "Bearer ",
    "token without a scheme": lambda _s, c: c.token,
    "Basic": lambda _s, _c: "Basic cGF0aWVudDE6ZGVtbw==",
    "another scheme": lambda _s, c: f"Token {c.token}",
    "garbage": lambda _s, _c: "Bearer garbage",
    "dots": lambda _s, _c: "Bearer ..",
    "three empty parts of JSON": lambda _s, _c: "Bearer e30.e30.e30",
    "not ASCII": lambda _s, _c: "Bearer t\xf6ken",
    "NUL": lambda _s, _c: "Bearer a\x00b",
    "two tokens": lambda _s, c: f"Bearer {c.token} {c.token}",
    "two tokens with a comma": lambda _s, c: f"Bearer {c.token},{c.token}",
    "cut short": lambda _s, c: f"Bearer {c.token[:-1]}",
    "long": lambda _s, _c: "Bearer " + "x" * 10_000,
    "refresh token": lambda _s, c: f"Bearer {c.refresh_token}",
    "alg none": lambda _s, c: "Bearer " + jwt.encode(claims_of(c.token), None, algorithm="none"),
    "another key": lambda s, c: f"Bearer {signed(s, claims_of(c.token), key='k' * 40)}",
    "another algorithm": lambda s, c: f"Bearer {signed(s, claims_of(c.token), key='k' * 64, algorithm='HS512')}",
    "tampered": lambda _s, c: "Bearer " + ".".join([c.token.split(".")[0], "e30", c.token.split(".")[2]]),
    "unknown session": lambda s, c: f"Bearer {signed(s, {**claims_of(c.token), 'sid': str(uuid.uuid4())})}",
    "session is no UUID": lambda s, c: f"Bearer {signed(s, {**claims_of(c.token), 'sid': 'x'})}",
    "session is a number": lambda s, c: f"Bearer {signed(s, {**claims_of(c.token), 'sid': 7})}",
    "session is null": lambda s, c: f"Bearer {signed(s, {**claims_of(c.token), 'sid': None})}",
    "token id is a list": lambda s, c: f"Bearer {signed(s, {**claims_of(c.token), 'jti': ['x']})}",
    "kind unknown": lambda s, c: f"Bearer {signed(s, {**claims_of(c.token), 'type': 'admin'})}",
    "subject is a number": lambda s, c: f"Bearer {signed(s, {**claims_of(c.token), 'sub': 7})}",
    "expiry is a word": lambda s, c: f"Bearer {signed(s, {**claims_of(c.token), 'exp': 'never'})}",
    "expiry beyond the calendar": lambda s, c: f"Bearer {signed(s, {**claims_of(c.token), 'exp': HUGE})}",
    "not yet valid": lambda s, c: f"Bearer {signed(s, {**claims_of(c.token), 'nbf': 4_000_000_000})}",
    **{
        f"without {claim}": lambda s, c, claim=claim: f"Bearer {signed(s, without(claims_of(c.token), claim))}"
        for claim in ("sid", "jti", "exp", "sub")
    },
}


@pytest.fixture(scope="module")
def shared_caller(shared_app: APIFlask) -> Caller:
    """A patient whose token works."""
    return sign_in_to(shared_app, "patient1")


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_every_kind_of_bad_token_is_unauthorized(shared_app: APIFlask, shared_caller: Caller, kind: str) -> None:
    """On a read and on a write alike, as a problem and with the challenge; the good one still works."""
    authorization = BAD_TOKENS[kind](services.of(shared_app, Settings), shared_caller)
    assert_unauthorized(bearer(shared_app, "GET", "/auth/me", authorization))
    assert_unauthorized(bearer(shared_app, "POST", "/appointments", authorization, {}))
    assert bearer(shared_app, "GET", "/auth/me", f"Bearer {shared_caller.token}").status_code == 200


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_every_kind_of_bad_token_cannot_be_refreshed(shared_app: APIFlask, shared_caller: Caller, kind: str) -> None:
    """What is wrong with an access token is wrong with a refresh token; the right one of the two still works."""
    settings = services.of(shared_app, Settings)
    swapped = Caller(shared_caller.client, {}, shared_caller.refresh_token, shared_caller.token)
    assert_unauthorized(bearer(shared_app, "POST", "/auth/refresh", BAD_TOKENS[kind](settings, swapped)))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_understood_in_any_case(shared_app: APIFlask, shared_caller: Caller, scheme: str) -> None:
    """As RFC 9110 has it."""
    assert bearer(shared_app, "GET", "/auth/me", f"{scheme} {shared_caller.token}").status_code == 200


def test_an_expired_token_says_so(shared_app: APIFlask, shared_caller: Caller) -> None:
    """So that a client knows to refresh instead of to sign in."""
    settings = services.of(shared_app, Settings)
    long_ago = int((datetime.now(UTC) - timedelta(seconds=1)).timestamp())
    for path, method, token in (
        ("/auth/me", "GET", shared_caller.token),
        ("/auth/refresh", "POST", shared_caller.refresh_token),
    ):
        expired = signed(settings, {**claims_of(token), "exp": long_ago})
        assert_unauthorized(bearer(shared_app, method, path, f"Bearer {expired}"), "token-expired")


def test_a_deactivated_account_is_told_so_wherever_it_knocks(
    app: APIFlask, owner: Session, sign_in: Callable[..., Caller]
) -> None:
    """With a token, with a refresh token, and with the right password; with a wrong one it learns nothing."""
    caller = sign_in("patient1")
    owner.execute(text("UPDATE users SET active = false WHERE email = 'patient1@demo.test'"))
    owner.commit()
    assert_unauthorized(caller.get("/auth/me"), "account-disabled")
    assert_unauthorized(bearer(app, "POST", "/auth/refresh", f"Bearer {caller.refresh_token}"), "account-disabled")
    login = {"email": "patient1@demo.test", "password": demo.PASSWORD}
    client = app.test_client()
    assert_unauthorized(client.post("/api/auth/login", json=login), "account-disabled")
    login["password"] = "demo-password-2"
    assert_unauthorized(client.post("/api/auth/login", json=login), "invalid-credentials")


def test_a_deleted_account_is_nobody(app: APIFlask, owner: Session, sign_in: Callable[..., Caller]) -> None:
    """Its tokens are as good as none."""
    caller = sign_in("chatbot")
    owner.execute(text("DELETE FROM auth_sessions"))
    owner.execute(text("DELETE FROM users WHERE email = 'chatbot@demo.test'"))
    owner.commit()
    assert_unauthorized(caller.get("/auth/me"))
    assert_unauthorized(bearer(app, "POST", "/auth/refresh", f"Bearer {caller.refresh_token}"))
