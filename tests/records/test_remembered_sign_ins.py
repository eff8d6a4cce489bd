"""Sign-ins that are remembered: for how long, while what is known, and that no lost right outlives its loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.extensions import db
from dental_sync.records import tokens
from dental_sync.records.remembered_sign_ins import (
    LOG_KNOWN_SECONDS,
    MOST_REMEMBERED,
    REMEMBERED_SECONDS,
    RememberedSignIns,
)
from dental_sync.storage import row_security
from dental_sync.sync import log
from tests.conftest import Caller
from tests.statements import name_of


class Watch:
    """A clock, and how long ago the log was known."""

    def __init__(self) -> None:
        self.now = 100.0
        self.unknown_for = 0.0
        self.memory = RememberedSignIns[str](lambda: self.unknown_for, lambda: self.now)

    def keep(self, token: str) -> None:
        """As who looks it up."""
        self.memory.keep(token, f"who has {token}", looked_up_in=self.memory.generation)


@pytest.fixture
def watch() -> Watch:
    """Nothing is remembered yet."""
    return Watch()


def test_a_sign_in_is_remembered_for_ten_seconds(watch: Watch) -> None:
    """From the look on, however often it is used."""
    watch.keep("a")
    watch.now += REMEMBERED_SECONDS - 0.01
    assert watch.memory.find("a") == "who has a"
    watch.now += 0.01
    assert watch.memory.find("a") is None
    assert watch.memory.find("b") is None


def test_nothing_is_remembered_by_who_does_not_know_the_log(watch: Watch) -> None:
    """A process that was cut off, or asleep, may have missed that a right was lost."""
    watch.keep("a")
    watch.unknown_for = LOG_KNOWN_SECONDS
    assert watch.memory.find("a") is None
    watch.unknown_for = LOG_KNOWN_SECONDS - 0.01
    assert watch.memory.find("a") == "who has a"


def test_what_was_looked_up_before_a_loss_is_not_kept_after_it(watch: Watch) -> None:
    """The look may have been under way when the right was lost."""
    before = watch.memory.generation
    watch.memory.forget()
    watch.memory.keep("a", "somebody", looked_up_in=before)
    assert watch.memory.find("a") is None


def test_the_memory_is_bounded(watch: Watch) -> None:
    """However many sign in."""
    for number in range(MOST_REMEMBERED + 1):
        watch.keep(str(number))
    assert len(watch.memory._found) <= MOST_REMEMBERED
    assert watch.memory.find(str(MOST_REMEMBERED)) is not None


# Behind the doors.


@pytest.fixture
def looks(app: APIFlask) -> list[str]:
    """Each look-up of a sign-in; the process knows the log."""
    services.provide(app, RememberedSignIns[Any](lambda: 0.0))
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if name_of(tokens._SIGNED_IN) in statement:
            found.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    return found


def test_a_second_request_does_not_look_again(sign_in: Callable[..., Caller], looks: list[str]) -> None:
    """And is answered the same; another session of the account is looked up by itself."""
    mia = sign_in("patient1")
    first, second = mia.get("/dentists"), mia.get("/dentists")
    assert first.json == second.json
    assert len(looks) == 1
    again = sign_in("patient1")
    again.get("/dentists")
    assert len(looks) == 2


def _log_out(mia: Caller, _others: Callable[..., Caller]) -> None:
    assert mia.post("/auth/logout").status_code == 204


def _change_the_password(_mia: Caller, others: Callable[..., Caller]) -> None:
    body = {"current": "demo-password-1", "new": "an entirely other one"}
    assert others("patient1").post("/auth/password", body).status_code == 204


def _be_deactivated(mia: Caller, others: Callable[..., Caller]) -> None:
    assert others("admin").patch(f"/users/{mia.user['id']}", {"active": False}).status_code == 200


def _end_the_session_elsewhere(mia: Caller, others: Callable[..., Caller]) -> None:
    other = others("patient1")
    sessions = other.get("/auth/sessions").json["items"]
    [mine] = [one["id"] for one in sessions if not one["current"] and one["id"] in _session_of(mia)]
    assert other.delete(f"/auth/sessions/{mine}").status_code == 204


def _session_of(caller: Caller) -> list[str]:
    return [one["id"] for one in caller.get("/auth/sessions").json["items"] if one["current"]]


@pytest.mark.parametrize(
    "lose",
    [_log_out, _change_the_password, _be_deactivated, _end_the_session_elsewhere],
    ids=lambda lose: lose.__name__,
)
def test_the_process_that_ends_a_right_refuses_it_from_its_answer_on(
    sign_in: Callable[..., Caller],
    looks: list[str],
    lose: Callable[[Caller, Callable[..., Caller]], None],
) -> None:
    """Though it has just been remembered."""
    mia = sign_in("patient1")
    assert mia.get("/dentists").status_code == 200
    assert mia.get("/dentists").status_code == 200
    lose(mia, sign_in)
    assert mia.get("/dentists").status_code in (401, 403)
    assert looks


# What plain SQL changes.


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE users SET active = false WHERE id = :user",
        "UPDATE users SET role = 'chatbot' WHERE id = :user",
        "UPDATE users SET name = 'Mia Weber' WHERE id = :user",
        "UPDATE users SET email = 'mia@b.test' WHERE id = :user",
        "UPDATE users SET language = 'en' WHERE id = :user",
        "UPDATE auth_sessions SET revoked_at = now() WHERE user_id = :user",
        "UPDATE auth_sessions SET user_id = (SELECT id FROM users WHERE id <> :user LIMIT 1) WHERE user_id = :user",
        "DELETE FROM auth_sessions WHERE user_id = :user",
        "TRUNCATE auth_sessions",
        "UPDATE second_factors SET confirmed_at = NULL WHERE user_id = :user",
        "DELETE FROM second_factors WHERE user_id = :user",
        "TRUNCATE second_factors",
        "UPDATE patients SET user_id = NULL WHERE user_id = :user",
        "UPDATE patients SET name = 'Mia Weber' WHERE user_id = :user",
        "UPDATE dentists SET user_id = :user WHERE name = 'Dr. Anna Keller'",
        "UPDATE dentists SET profession = 'hygienist' WHERE name = 'Dr. Anna Keller'",
        "INSERT INTO acting (user_id, patient_id, kind)"
        " SELECT :user, id, 'guardian' FROM patients WHERE name = 'Noah Becker'",
        "TRUNCATE acting",
    ],
)
def test_whatever_a_sign_in_rests_on_is_told_through_the_log(
    owner: Session, sign_in: Callable[..., Caller], change: str
) -> None:
    """By the messages at which each process forgets, whoever makes the change; TRUNCATE begins another log."""
    user = sign_in("patient1").user["id"]
    owner.execute(
        text("INSERT INTO second_factors (user_id, secret, confirmed_at) VALUES (:user, 'x', now())"), {"user": user}
    )
    log.publish(owner, wait=True)
    owner.commit()
    epoch = log.head(owner).epoch
    owner.execute(text(change), {"user": user} if ":user" in change else {})
    owner.commit()
    row_security.become(owner, row_security.SYSTEM)
    told = {(message.type, message.payload.get("kind")) for message in log.publish(owner, wait=True)}
    owner.commit()
    forgetting = {("account:revoked", None), ("record:changed", "patient"), ("record:changed", "dentist")}
    assert told & forgetting or log.head(owner).epoch != epoch
