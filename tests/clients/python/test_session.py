"""The Python client's sign-in, against the real API."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from apiflask import APIFlask
from dental_sync_client import Session, SyncError

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.records import demo, second_factor

URL = "https://practice.example/dental"
PATIENT = "patient1@demo.test"


class Service:
    """The app as it is reached over HTTP, whose answers may be lost on the way."""

    def __init__(self, app: APIFlask) -> None:
        self._app = app
        self.now = 0.0
        self.asked: list[str] = []
        self.answers_to_lose = 0

    def post(self, address: str, token: str | None, body: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        """Call the app."""
        path = urlsplit(address).path.removeprefix("/dental")
        self.asked.append(path)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = self._app.test_client().post(path, json=dict(body), headers=headers)
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            raise TimeoutError("the answer was lost")
        return answer.status_code, answer.json or {}

    def me(self, token: str) -> int:
        """What a token opens."""
        return self._app.test_client().get("/api/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code

    def session(self) -> Session:
        """Nobody is signed in."""
        return Session(URL, post=self.post, now=lambda: self.now)


@pytest.fixture
def service(app: APIFlask) -> Service:
    """The API."""
    return Service(app)


def test_who_signs_in_has_a_token_until_it_expires_and_then_another_one(service: Service, app: APIFlask) -> None:
    """Or sooner, where it is asked for afresh."""
    session = service.session()
    assert session.account is None
    account = session.sign_in(PATIENT, demo.PASSWORD)
    assert session.account == account
    assert account["email"] == PATIENT
    first = session.get_token()
    assert session.get_token(False) == first
    second = session.get_token(True)
    assert second != first
    service.now = services.of(app, Settings).access_token_seconds - 5.0
    third = session.get_token(False)
    assert third not in (first, second)
    assert service.me(third) == 200
    assert service.asked == ["/api/auth/login", "/api/auth/refresh", "/api/auth/refresh"]


def test_a_refresh_whose_answer_was_lost_signs_nobody_out(service: Service) -> None:
    """The same token is sent again, and gives the same successor."""
    session = service.session()
    session.sign_in(PATIENT, demo.PASSWORD)
    session.get_token()
    service.answers_to_lose = 1
    with pytest.raises(SyncError) as lost:
        session.get_token(True)
    assert (lost.value.code, lost.value.retryable) == ("connection-lost", True)
    assert service.me(session.get_token(True)) == 200
    assert service.me(session.get_token(True)) == 200


def test_a_session_that_was_ended_is_forgotten(service: Service, app: APIFlask) -> None:
    """Whoever asks next is told at once."""
    services.provide(app, dataclasses.replace(services.of(app, Settings), refresh_reuse_seconds=0))
    session, thief = service.session(), service.session()
    session.sign_in(PATIENT, demo.PASSWORD)
    session.get_token()
    thief._tokens = session._tokens
    thief._given = session._given
    thief.get_token(True)
    for _ in range(2):
        with pytest.raises(SyncError) as ended:
            session.get_token(True)
        assert (ended.value.code, ended.value.retryable) == ("unauthorized", False)
    assert service.asked.count("/api/auth/refresh") == 2


def test_a_wrong_password_is_said(service: Service) -> None:
    """And nobody is signed in."""
    session = service.session()
    with pytest.raises(SyncError) as wrong:
        session.sign_in(PATIENT, "wrong")
    assert wrong.value.code == "invalid-credentials"
    assert session.account is None


def test_signing_out_ends_it_on_the_server_too(service: Service) -> None:
    """Also when the server cannot be told, here."""
    session = service.session()
    session.sign_in(PATIENT, demo.PASSWORD)
    token = session.get_token()
    service.answers_to_lose = 1
    session.sign_out()
    assert service.me(token) == 401
    assert session.account is None
    with pytest.raises(SyncError, match="unauthorized"):
        session.get_token()


def test_a_second_factor_is_asked_for_and_sent(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a code of the app."""
    now = 1_800_000_015
    monkeypatch.setattr(second_factor, "_seconds", lambda: float(now))
    email = "dentist1@demo.test"
    session = service.session()
    session.sign_in(email, demo.PASSWORD)
    token, path = session.get_token(), URL + "/api/auth/second-factor"
    _, begun = service.post(path, token, {"password": demo.PASSWORD})
    totp = pyotp.TOTP(begun["secret"])
    confirmation = {"password": demo.PASSWORD, "code": totp.at(now - 30)}
    assert service.post(path, token, confirmation)[0] == 200
    other = service.session()
    with pytest.raises(SyncError) as asked:
        other.sign_in(email, demo.PASSWORD)
    assert asked.value.code == "second-factor-required"
    assert other.sign_in(email, demo.PASSWORD, code=totp.at(now))["role"] == "dentist"
