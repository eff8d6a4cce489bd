"""A second factor for staff: set up, asked for, lost, taken away, and demanded of everybody."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.records import demo, second_factor
from tests.conftest import Caller

PASSWORD = {"password": demo.PASSWORD}
STEP_SECONDS = 30
# In the middle of a step, at which the server's clock stands still.
NOW = 1_800_000_000 + STEP_SECONDS // 2


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test takes, no step ends in it."""
    monkeypatch.setattr(second_factor, "_seconds", lambda: float(NOW))


def log_in(app: APIFlask, name: str = "dentist1", **more: Any) -> Any:
    """Sign in by password, and by a code where one is given."""
    return app.test_client().post("/api/auth/login", json={"email": f"{name}@demo.test", **PASSWORD, **more})


@dataclasses.dataclass
class Enrolled:
    """A dentist with a second factor."""

    caller: Caller
    secret: str
    recovery: list[str]

    def code(self, steps: int = 0) -> str:
        """What the app shows so many steps from now."""
        return pyotp.TOTP(self.secret).at(NOW + steps * STEP_SECONDS)


def enrol(caller: Caller) -> Enrolled:
    """Set it up; the code of the step before is used, so that the one of now still works."""
    begun = caller.post("/auth/second-factor", PASSWORD)
    assert begun.status_code == 200, begun.json
    enrolled = Enrolled(caller, begun.json["secret"], [])
    confirmed = caller.post("/auth/second-factor", {**PASSWORD, "code": enrolled.code(-1)})
    assert confirmed.status_code == 200, confirmed.json
    enrolled.recovery = confirmed.json["recoveryCodes"]
    return enrolled


@pytest.fixture
def enrolled(sign_in: Callable[..., Caller]) -> Enrolled:
    """The first dentist."""
    return enrol(sign_in("dentist1"))


def test_an_app_gets_what_it_needs(sign_in: Callable[..., Caller]) -> None:
    """The secret, and the same as an address with the account and the practice in it; it counts once confirmed."""
    dentist = sign_in("dentist1")
    begun = dentist.post("/auth/second-factor", PASSWORD).json
    address = urlsplit(begun["uri"])
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert parse_qs(address.query)["secret"] == [begun["secret"]]
    assert "dentist1%40demo.test" in begun["uri"]
    assert dentist.post("/auth/second-factor", PASSWORD).json["secret"] != begun["secret"]


def test_until_it_is_confirmed_nothing_is_asked_for(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """Whoever closes the page in the middle is not locked out; a wrong code confirms nothing."""
    dentist = sign_in("dentist1")
    secret = dentist.post("/auth/second-factor", PASSWORD).json["secret"]
    wrong = pyotp.TOTP(secret).at(0)
    assert dentist.post("/auth/second-factor", {**PASSWORD, "code": wrong}).status_code == 403
    assert log_in(app).status_code == 200


def test_whoever_has_one_is_told_since_when_and_how_many_recovery_codes_are_left(
    app: APIFlask, sign_in: Callable[..., Caller]
) -> None:
    """One that was begun and not confirmed is none; nothing of the secret is told."""
    dentist = sign_in("dentist1")
    dentist.post("/auth/second-factor", PASSWORD)
    assert dentist.get("/auth/second-factor").json == {"recoveryCodesLeft": 0}
    enrolled = enrol(dentist)
    told = dentist.get("/auth/second-factor").json
    assert {*told} == {"since", "recoveryCodesLeft"}
    assert told["recoveryCodesLeft"] == len(enrolled.recovery)
    assert log_in(app, code=enrolled.recovery[0]).status_code == 200
    assert dentist.get("/auth/second-factor").json == {**told, "recoveryCodesLeft": len(enrolled.recovery) - 1}
    assert sign_in("desk").get("/auth/second-factor").json == {"recoveryCodesLeft": 0}


def test_signing_in_needs_a_code_then(app: APIFlask, enrolled: Enrolled) -> None:
    """The password alone is answered with what is missing."""
    asked = log_in(app)
    assert (asked.status_code, asked.json["code"]) == (401, "second-factor-required")
    assert log_in(app, code="000000").json["code"] == "second-factor-required"
    answer = log_in(app, code=enrolled.code())
    assert answer.status_code == 200
    assert answer.json["user"]["role"] == "dentist"


def test_who_does_not_know_the_password_does_not_learn_of_it(app: APIFlask, enrolled: Enrolled) -> None:
    """Also with the right code."""
    answer = log_in(app, password="wrong", code=enrolled.code())
    assert answer.json["code"] == "invalid-credentials"


def test_a_code_works_once(app: APIFlask, enrolled: Enrolled) -> None:
    """Whoever looks over a shoulder comes too late; so does one of a step that has passed."""
    code = enrolled.code()
    assert log_in(app, code=code).status_code == 200
    assert log_in(app, code=code).status_code == 401
    assert log_in(app, code=enrolled.code(-1)).status_code == 401
    assert log_in(app, code=enrolled.code(1)).status_code == 200


@pytest.mark.parametrize("steps", [-3, 3])
def test_a_code_of_another_time_is_wrong(app: APIFlask, enrolled: Enrolled, steps: int) -> None:
    """A clock may be half a minute wrong, and no more."""
    assert log_in(app, code=enrolled.code(steps)).status_code == 401


def test_a_recovery_code_works_once_however_it_is_written(app: APIFlask, enrolled: Enrolled) -> None:
    """With or without the hyphen, in any case; the others go on working."""
    first, second, *others = enrolled.recovery
    assert len(set(enrolled.recovery)) == 10
    assert len(others) == 8
    assert log_in(app, code=first.lower()).status_code == 200
    assert log_in(app, code=first).status_code == 401
    assert log_in(app, code=f" {second.replace('-', '')} ").status_code == 200


def test_setting_it_up_ends_all_other_sessions(sign_in: Callable[..., Caller]) -> None:
    """Whoever is in with the password alone is out."""
    here, elsewhere = sign_in("dentist1"), sign_in("dentist1")
    enrol(here)
    assert here.get("/auth/me").status_code == 200
    assert elsewhere.get("/auth/me").status_code == 401


def test_it_is_not_set_up_twice(enrolled: Enrolled) -> None:
    """An open browser must not replace it."""
    for body in (PASSWORD, {**PASSWORD, "code": enrolled.code()}):
        answer = enrolled.caller.post("/auth/second-factor", body)
        assert (answer.status_code, answer.json["code"]) == (409, "second-factor-set")


def test_it_is_set_up_and_taken_away_with_the_password_only(app: APIFlask, enrolled: Enrolled) -> None:
    """And taken away with a code, of the app or a recovery code."""
    caller = enrolled.caller
    right = {**PASSWORD, "code": enrolled.recovery[0]}
    assert caller.call("DELETE", "/auth/second-factor", {**right, "password": "wrong"}).status_code == 403
    assert caller.call("DELETE", "/auth/second-factor", {**right, "code": "000000"}).status_code == 403
    assert log_in(app).status_code == 401
    assert caller.call("DELETE", "/auth/second-factor", right).status_code == 204
    assert log_in(app).status_code == 200


def test_an_admin_takes_it_from_a_colleague_who_has_lost_it(
    app: APIFlask, enrolled: Enrolled, sign_in: Callable[..., Caller]
) -> None:
    """Which ends the colleague's sessions."""
    admin, path = sign_in("admin"), f"/users/{enrolled.caller.user['id']}"
    assert admin.patch(path, {"secondFactor": True}).status_code == 422
    changed = admin.patch(path, {"secondFactor": False})
    assert (changed.status_code, changed.json["secondFactor"]) == (200, False)
    assert enrolled.caller.get("/auth/me").status_code == 401
    assert log_in(app).status_code == 200


def test_it_is_for_staff(sign_in: Callable[..., Caller]) -> None:
    """Patients book; nobody's chart is behind their password but their own."""
    for name in ("patient1", "chatbot"):
        assert sign_in(name).post("/auth/second-factor", PASSWORD).status_code == 403


def test_secrets_and_codes_are_in_no_answer_and_no_entry(
    enrolled: Enrolled, sign_in: Callable[..., Caller], owner: Session
) -> None:
    """An admin sees that there is one, the trail that it was set up."""
    admin = sign_in("admin")
    listed = admin.get("/users?limit=200")
    [shown] = [item for item in listed.json["items"] if item["id"] == enrolled.caller.user["id"]]
    assert shown["secondFactor"] is True
    trail = str(owner.execute(text("SELECT * FROM audit")).all())
    assert "set-second-factor" in trail
    for secret in (enrolled.secret, enrolled.recovery[0], enrolled.recovery[0].replace("-", "")):
        assert secret not in listed.text + trail
        stored = owner.scalar(text("SELECT string_agg(recovery_hashes::text, '') FROM second_factors"))
        assert secret not in stored


# Demanded of everybody.


@pytest.fixture
def demanding(app: APIFlask) -> APIFlask:
    """A practice that asks its staff for it."""
    services.provide(app, dataclasses.replace(services.of(app, Settings), require_second_factor=True))
    return app


@pytest.mark.parametrize("name", ["dentist1", "desk", "admin"])
@pytest.mark.usefixtures("demanding")
def test_where_it_is_demanded_staff_set_it_up_first(sign_in: Callable[..., Caller], name: str) -> None:
    """They come in, and may do what it takes to set it up; then everything."""
    staff = sign_in(name)
    refused = staff.get("/appointments")
    assert (refused.status_code, refused.json["code"]) == (403, "second-factor-missing")
    assert staff.get("/auth/me").status_code == 200
    enrol(staff)
    assert staff.get("/appointments").status_code == 200


@pytest.mark.usefixtures("demanding")
def test_of_patients_and_the_chatbot_it_is_not_demanded(sign_in: Callable[..., Caller]) -> None:
    """They cannot have one."""
    assert sign_in("patient1").get("/appointments").status_code == 200
    assert sign_in("chatbot").get("/dentists").status_code == 200
