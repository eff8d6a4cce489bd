"""One's own account: another name, phone, language, and another address to sign in with."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.records import demo, own_account, password_checks
from dental_sync.records.sign_in_pace import SignInPace
from tests.api.assisting import PASSWORD as ASSISTANTS_PASSWORD
from tests.api.assisting import an_assistant
from tests.api.hours import a_check_up
from tests.api.mailed import Mailbox
from tests.conftest import Caller, Practice

SignIn = Callable[..., Caller]

OLD, NEW = "patient1@demo.test", "mia@elsewhere.test"


@pytest.fixture(autouse=True)
def nobody_waits(app: APIFlask) -> None:
    """An even pace is what tests/api/test_forgotten.py is about."""
    services.provide(app, SignInPace(sleep=lambda _seconds: None))


# Name, phone, language.


@pytest.mark.parametrize("who", ["patient1", "dentist1", "desk", "admin", "chatbot", "assistant"])
def test_everybody_changes_the_own_name_and_language(app: APIFlask, sign_in: SignIn, who: str) -> None:
    """The user says both from then on."""
    caller = an_assistant(app, sign_in("admin")) if who == "assistant" else sign_in(who)
    assert caller.user["language"] == "de"
    changed = caller.patch("/auth/me", {"name": "  Kim   Berg ", "language": "en"})
    assert (changed.status_code, changed.json["name"], changed.json["language"]) == (200, "Kim Berg", "en")
    assert caller.get("/auth/me").json == changed.json
    entry = sign_in("admin").get(f"/audit?actorId={caller.user['id']}&action=change-account").json["items"][0]
    assert (entry["record"]["id"], entry["details"]) == (caller.user["id"], {"columns": ["language", "name"]})


def test_the_language_is_the_own_records_too(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """In which the practice's mails about appointments are."""
    assert sign_in("patient1").patch("/auth/me", {"language": "en"}).status_code == 200
    rows = owner.execute(text("SELECT id FROM patients WHERE language = 'en'")).scalars().all()
    assert rows == [practice.patients[0]]


def test_until_one_is_chosen_the_language_is_the_practices(app: APIFlask, sign_in: SignIn, settings: Settings) -> None:
    """`MAIL_LANGUAGE`."""
    services.provide(app, dataclasses.replace(settings, mail_language="en"))
    assert sign_in("patient1").get("/auth/me").json["language"] == "en"


def test_a_patients_new_name_is_the_records_and_every_appointments(
    sign_in: SignIn, booked: dict[str, Any], head: Callable[[], int]
) -> None:
    """The practice calls and greets by it, open screens hear of it, and the trail has the record too."""
    patient, desk, before = sign_in("patient1"), sign_in("desk"), head()
    changed = patient.patch("/auth/me", {"name": "Mia Berg", "phone": "030 77"})
    assert changed.json["patients"][0]["name"] == "Mia Berg"
    record = desk.get(f"/patients/{booked['patientId']}").json
    assert (record["name"], record["phone"], record["email"]) == ("Mia Berg", "030 77", OLD)
    assert desk.get(f"/appointments/{booked['id']}").json["patientName"] == "Mia Berg"
    head()
    told = desk.get(f"/sync/events?since={before}").json["events"]
    assert {event["type"] for event in told} >= {"appointment:updated", "record:changed"}
    [entry] = sign_in("admin").get(f"/audit?recordId={booked['patientId']}&action=change").json["items"]
    assert (entry["actorId"], entry["details"]) == (patient.user["id"], {"columns": ["name", "phone"]})


def test_a_dentists_new_name_is_the_diarys(sign_in: SignIn, booked: dict[str, Any]) -> None:
    """Also that of whoever assists: tests/storage has the trigger."""
    dentist = sign_in("dentist1")
    assert dentist.patch("/auth/me", {"name": "Dr. Anna Berg"}).status_code == 200
    assert dentist.get(f"/dentists/{booked['dentistId']}").json["name"] == "Dr. Anna Berg"
    assert dentist.get(f"/appointments/{booked['id']}").json["dentistName"] == "Dr. Anna Berg"


def test_the_phone_is_a_patients_and_may_be_taken_away(sign_in: SignIn, practice: Practice) -> None:
    """Whoever works here has no record that has one; a guardian changes the own record and not the child's."""
    refused = sign_in("desk").patch("/auth/me", {"phone": "030 77"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/phone")
    patient, desk = sign_in("patient1"), sign_in("desk")
    child = desk.post("/patients", {"name": "Kim", "phone": "030 1"}).json["id"]
    desk.post(f"/patients/{child}/guardians", {"userId": patient.user["id"]})
    for phone in ("030 77", None):
        assert patient.patch("/auth/me", {"phone": phone}).status_code == 200
        assert desk.get(f"/patients/{practice.patients[0]}").json["phone"] == phone
    assert desk.get(f"/patients/{child}").json["phone"] == "030 1"


@pytest.mark.parametrize(
    "body", [{}, {"language": "fr"}, {"language": None}, {"name": ""}, {"email": NEW}, {"role": "admin"}]
)
def test_what_cannot_be_changed_so_is_refused(sign_in: SignIn, body: dict[str, Any]) -> None:
    """Nothing, another language, and what other doors are for."""
    assert sign_in("patient1").patch("/auth/me", body).status_code == 422


def test_who_assists_changes_the_own_password(app: APIFlask, sign_in: SignIn) -> None:
    """An assistant acts as another role than the account's."""
    assistant = an_assistant(app, sign_in("admin"))
    changed = assistant.post("/auth/password", {"current": ASSISTANTS_PASSWORD, "new": "another long password"})
    assert changed.status_code == 204, changed.json


def test_staff_keep_the_own_account_before_they_have_the_second_factor_that_is_asked_of_them(
    app: APIFlask, sign_in: SignIn, settings: Settings
) -> None:
    """As they set it up: below /api/auth."""
    dentist = sign_in("dentist1")
    services.provide(app, dataclasses.replace(settings, require_second_factor=True))
    assert dentist.get("/patients").json["code"] == "second-factor-missing"
    assert dentist.patch("/auth/me", {"language": "en"}).status_code == 200


# Another address.


def ask(caller: Caller, address: str = NEW, password: str = demo.PASSWORD) -> Any:
    """Have a code mailed to an address."""
    return caller.post("/auth/email", {"email": address, "password": password})


def confirm(caller: Caller, code: str) -> Any:
    """Send the code."""
    return caller.post("/auth/email/confirm", {"code": code})


def log_in(app: APIFlask, email: str) -> int:
    """Try to sign in with the demo's password."""
    answer = app.test_client().post("/api/auth/login", json={"email": email, "password": demo.PASSWORD})
    return int(answer.status_code)


def assert_unknown(answer: Any) -> None:
    """Whatever is wrong with the code."""
    assert (answer.status_code, answer.json["code"]) == (404, "unknown-code"), answer.text


def test_another_address_is_the_accounts_once_its_code_is_sent(
    app: APIFlask, sign_in: SignIn, mailbox: Mailbox, practice: Practice
) -> None:
    """Until then nothing has changed; the former address is told, and the session goes on."""
    patient, desk = sign_in("patient1"), sign_in("desk")
    asked = ask(patient)
    assert (asked.status_code, asked.data) == (202, b"")
    assert patient.get("/auth/me").json["email"] == OLD
    assert mailbox.to(OLD) == []
    confirmed = confirm(patient, mailbox.code(NEW))
    assert (confirmed.status_code, confirmed.json["email"]) == (200, NEW)
    assert patient.get("/auth/me").json == confirmed.json
    assert (log_in(app, OLD), log_in(app, NEW)) == (401, 200)
    assert [(mail.kind, mail.facts) for mail in mailbox.to(OLD)] == [("address-changed", {})]
    assert desk.get(f"/patients/{practice.patients[0]}").json["email"] == NEW
    noted = sign_in("admin").get(f"/audit?actorId={patient.user['id']}").json["items"]
    assert {entry["action"] for entry in noted} >= {"ask-for-address", "change-address"}
    assert NEW not in str(noted)


@pytest.mark.parametrize("how", ["the own address", "another address", "a forgotten password"])
def test_a_code_that_comes_back_confirms_the_address(
    app: APIFlask, mailbox: Mailbox, practice: Practice, owner: Session, how: str
) -> None:
    """Who has registered may book then where addresses are verified; nobody is told what they know."""
    body = {"email": "greta@demo.test", "password": "a long password", "name": "Greta"}
    registered = app.test_client().post("/api/auth/register", json=body).json
    greta = Caller(app.test_client(), registered["user"], registered["accessToken"], registered["refreshToken"])
    owner.execute(text("UPDATE practice SET new_patients = 'verified'"))
    owner.commit()
    assert greta.post("/appointments", a_check_up(practice)).json["code"] == "address-not-confirmed"
    if how == "a forgotten password":
        app.test_client().post("/api/auth/forgotten", json={"email": body["email"]})
        new = {"email": body["email"], "code": mailbox.code(body["email"]), "password": "another long password"}
        assert app.test_client().post("/api/auth/reset", json=new).status_code == 204
        again = app.test_client().post("/api/auth/login", json={key: new[key] for key in ("email", "password")})
        greta.token = again.json["accessToken"]
    else:
        address = body["email"] if how == "the own address" else NEW
        assert ask(greta, address, body["password"]).status_code == 202
        assert confirm(greta, mailbox.code(address)).json["email"] == address
        told = ["address-changed"] if how == "another address" else []
        assert [mail.kind for mail in mailbox.to(body["email"]) if mail.kind != "address-code"] == told
    assert greta.post("/appointments", a_check_up(practice)).status_code == 201


def test_an_address_that_the_practice_has_written_stays(sign_in: SignIn, mailbox: Mailbox, practice: Practice) -> None:
    """It is how they reach the patient, and may be another one than that of the account."""
    patient, desk, record = sign_in("patient1"), sign_in("desk"), f"/patients/{practice.patients[0]}"
    desk.patch(record, {"email": "mother@demo.test"})
    ask(patient)
    assert confirm(patient, mailbox.code(NEW)).status_code == 200
    assert desk.get(record).json["email"] == "mother@demo.test"


def test_a_wrong_password_asks_for_nothing(sign_in: SignIn, mailbox: Mailbox) -> None:
    """Whoever finds an open browser does not take the account away."""
    assert ask(sign_in("patient1"), password="wrong").status_code == 403
    assert mailbox.mails == []


def test_somebody_elses_address_gets_no_mail_and_the_asker_no_hint(sign_in: SignIn, mailbox: Mailbox) -> None:
    """In whatever case it is written; the own one in other capitals is one's own."""
    patient = sign_in("patient1")
    free, taken = ask(patient), ask(patient, "PATIENT2@demo.test")
    assert (taken.status_code, taken.data) == (free.status_code, free.data)
    assert [mail.recipient for mail in mailbox.mails] == [NEW]
    # It was replaced by the one that nobody has.
    assert_unknown(confirm(patient, mailbox.code(NEW)))
    assert ask(patient, "Patient1@demo.test").status_code == 202
    assert confirm(patient, mailbox.code(OLD)).json["email"] == "Patient1@demo.test"


@pytest.fixture
def no_statement_may_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL would write it into its log, with an address in it."""
    monkeypatch.setattr(own_account, "IntegrityError", KeyError)


@pytest.mark.usefixtures("no_statement_may_fail")
def test_an_address_that_was_taken_meanwhile_is_409(app: APIFlask, sign_in: SignIn, mailbox: Mailbox) -> None:
    """Whoever has the code reads the mail of the address, so this tells nothing that they may not know."""
    patient = sign_in("patient1")
    ask(patient)
    body = {"email": NEW.upper(), "password": "a long password", "name": "Somebody"}
    assert app.test_client().post("/api/auth/register", json=body).status_code == 201
    refused = confirm(patient, mailbox.code(NEW))
    assert (refused.status_code, refused.json["code"]) == (409, "email-taken")
    assert patient.get("/auth/me").json["email"] == OLD


@pytest.mark.parametrize("how", ["wrong", "another account's", "used", "replaced", "old", "tried", "password"])
def test_a_code_that_is_good_for_nothing_is_404(
    app: APIFlask, sign_in: SignIn, mailbox: Mailbox, owner: Session, how: str
) -> None:
    """Wrong, used, replaced, older than 30 minutes, tried wrongly five times, or from before a new password."""
    patient = sign_in("patient1")
    ask(patient)
    code, caller = mailbox.code(NEW), patient
    if how == "wrong":
        code = "0000-0000-0000-0000"
    elif how == "another account's":
        caller = sign_in("patient2")
        ask(caller, "noah@elsewhere.test")
    elif how == "used":
        assert confirm(patient, code).status_code == 200
    elif how == "replaced":
        ask(patient, "mia@third.test")
    elif how == "old":
        owner.execute(text("UPDATE account_codes SET expires_at = now() - interval '1 second'"))
        owner.commit()
    elif how == "tried":
        for _ in range(5):
            assert_unknown(confirm(patient, "wrong"))
    else:
        new = {"current": demo.PASSWORD, "new": "another long password"}
        assert patient.post("/auth/password", new).status_code == 204
    assert_unknown(confirm(caller, code))
    assert log_in(app, OLD) == (200 if how not in ("used", "password") else 401)


def test_a_code_for_an_address_sets_no_password(app: APIFlask, sign_in: SignIn, mailbox: Mailbox) -> None:
    """Nor the other way round: each is good for what it says."""
    patient = sign_in("patient1")
    ask(patient)
    body = {"email": OLD, "code": mailbox.code(NEW), "password": "another long password"}
    assert_unknown(app.test_client().post("/api/auth/reset", json=body))
    app.test_client().post("/api/auth/forgotten", json={"email": OLD})
    assert_unknown(confirm(patient, mailbox.code(OLD)))
    assert confirm(patient, mailbox.code(NEW)).status_code == 200


def test_a_code_for_a_password_that_went_to_the_former_address_ends(
    app: APIFlask, sign_in: SignIn, mailbox: Mailbox
) -> None:
    """Whoever reads the mail there has nothing more to do with the account."""
    patient = sign_in("patient1")
    app.test_client().post("/api/auth/forgotten", json={"email": OLD})
    ask(patient)
    assert confirm(patient, mailbox.code(NEW)).status_code == 200
    body = {"email": NEW, "code": mailbox.code(OLD), "password": "another long password"}
    assert_unknown(app.test_client().post("/api/auth/reset", json=body))


def test_three_mails_an_hour_go_to_an_address_whoever_asks(sign_in: SignIn, mailbox: Mailbox) -> None:
    """Nobody's mailbox is filled from several accounts; who has signed in is told to wait."""
    answers = [ask(sign_in(who)) for who in ("patient1", "patient2", "patient3", "patient4")]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert 3500 < int(answers[3].headers["Retry-After"]) <= 3600
    assert len(mailbox.to(NEW)) == 3


def test_an_account_asks_for_ten_addresses_an_hour(sign_in: SignIn, mailbox: Mailbox) -> None:
    """Or it could send mails to everybody."""
    patient = sign_in("patient1")
    answers = [ask(patient, f"n{number}@elsewhere.test").status_code for number in range(11)]
    assert answers == [202] * 10 + [429]
    assert len(mailbox.mails) == 10


def test_of_two_confirmations_at_once_one_counts(sign_in: SignIn, mailbox: Mailbox) -> None:
    """A code works once, also for who clicks twice."""
    patient, start = sign_in("patient1"), threading.Barrier(2)
    ask(patient)
    code, answers = mailbox.code(NEW), []

    def send() -> None:
        start.wait()
        answers.append(
            Caller(patient.client.application.test_client(), {}, patient.token, "")
            .post("/auth/email/confirm", {"code": code})
            .status_code
        )

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 404]
    assert len(mailbox.to(OLD)) == 1


@pytest.mark.usefixtures("no_statement_may_fail")
def test_of_two_accounts_that_confirm_one_address_at_once_one_gets_it(
    sign_in: SignIn, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other is told: whoever comes second looks whose the address is once the first has it."""
    callers, answers = [sign_in("patient1"), sign_in("patient2")], []
    codes = []
    for caller in callers:
        ask(caller)
        codes.append(mailbox.code(NEW))
    both, look = threading.Barrier(2), password_checks.account_of

    def look_together(session: Session, email: str) -> Any:
        found = look(session, email)
        # They would meet here if they did not take turns.
        with suppress(threading.BrokenBarrierError):
            both.wait(0.2)
        return found

    monkeypatch.setattr(password_checks, "account_of", look_together)
    threads = [
        threading.Thread(target=lambda caller, code: answers.append(confirm(caller, code).status_code), args=each)
        for each in zip(callers, codes, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409]
