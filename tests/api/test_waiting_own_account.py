"""As in test_waiting_without_data.py: what is changed about the own account waits for no lock with what was typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from apiflask import APIFlask

from dental_sync.core import services
from dental_sync.records import demo
from dental_sync.records.sign_in_pace import SignInPace
from tests.api.mailed import Mailbox
from tests.api.test_waiting_without_data import EMAIL, TYPED, Waits, assert_unmarked, booked, waits
from tests.conftest import Caller

__all__ = ["booked", "waits"]


@pytest.mark.parametrize(
    "held",
    [
        "SELECT FROM patients FOR UPDATE",
        "SELECT FROM users FOR UPDATE",
        "SELECT FROM appointments FOR UPDATE",
        "LOCK TABLE patients IN SHARE MODE",
        "LOCK TABLE record_changes IN SHARE MODE",
    ],
)
@pytest.mark.usefixtures("booked")
def test_ones_own_name_and_phone(sign_in: Callable[..., Caller], waits: Waits, held: str) -> None:
    """They are the record's too, and the name is every appointment's."""
    patient = sign_in("patient1")
    assert_unmarked(waits(held, lambda: patient.patch("/auth/me", {"name": TYPED, "phone": TYPED})))


@pytest.fixture
def no_pace(app: APIFlask) -> None:
    """Nobody waits but for locks."""
    services.provide(app, SignInPace(sleep=lambda _seconds: None))


@pytest.mark.parametrize(
    "held",
    [
        "SELECT FROM users FOR UPDATE",
        "LOCK TABLE users IN ACCESS EXCLUSIVE MODE",
        "LOCK TABLE account_codes IN SHARE MODE",
        "LOCK TABLE code_mails IN SHARE MODE",
        "SELECT FROM account_codes FOR UPDATE",
        "INSERT INTO account_codes (user_id, purpose, code_hash, expires_at)"
        " SELECT id, 'address', 'x', now() FROM users WHERE email = 'patient2@demo.test'",
    ],
)
@pytest.mark.usefixtures("no_pace")
def test_the_address_that_an_account_is_to_have(sign_in: Callable[..., Caller], waits: Waits, held: str) -> None:
    """Asked for by one who has asked before, and by one who has not."""
    first, second = sign_in("patient1"), sign_in("patient2")
    assert first.post("/auth/email", {"email": "x@demo.test", "password": demo.PASSWORD}).status_code == 202
    body = {"email": EMAIL, "password": demo.PASSWORD}
    caller = second if held.startswith("INSERT") else first
    assert_unmarked(waits(held, lambda: caller.post("/auth/email", body)))


@pytest.mark.parametrize(
    "held",
    [
        "SELECT FROM users FOR UPDATE",
        "SELECT FROM patients FOR UPDATE",
        "SELECT FROM account_codes FOR UPDATE",
        "LOCK TABLE users IN SHARE MODE",
        "LOCK TABLE patients IN SHARE MODE",
        "LOCK TABLE account_codes IN SHARE MODE",
        "LOCK TABLE record_changes IN SHARE MODE",
    ],
)
@pytest.mark.usefixtures("no_pace")
def test_the_address_that_an_account_has_from_now_on(
    sign_in: Callable[..., Caller], mailbox: Mailbox, waits: Waits, held: str
) -> None:
    """It is the record's too."""
    patient = sign_in("patient1")
    assert patient.post("/auth/email", {"email": EMAIL, "password": demo.PASSWORD}).status_code == 202
    code = mailbox.code(EMAIL)
    assert_unmarked(waits(held, lambda: patient.post("/auth/email/confirm", {"code": code})))


@pytest.mark.parametrize("held", ["LOCK TABLE users IN ACCESS EXCLUSIVE MODE", "LOCK TABLE code_mails IN SHARE MODE"])
@pytest.mark.usefixtures("no_pace")
def test_the_address_of_who_has_forgotten_the_password(app: APIFlask, waits: Waits, held: str) -> None:
    """Whoever it is."""
    ask = lambda: app.test_client().post("/api/auth/forgotten", json={"email": EMAIL})  # noqa: E731
    assert_unmarked(waits(held, ask))
