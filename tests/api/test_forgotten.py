"""A forgotten password: a mailed code sets another one, and whoever asks learns nothing of who has an account."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.records import demo, password_checks, passwords
from dental_sync.records.sign_in_pace import EVEN_SECONDS, SignInPace
from tests import plain_sql
from tests.api.mailed import Mailbox
from tests.api.test_second_factor import enrol, standing_clock
from tests.conftest import Caller

SignIn = Callable[..., Caller]

MIA = "patient1@demo.test"
NEW = "another long password"
__all__ = ["standing_clock"]


@dataclasses.dataclass
class Clock:
    """Stands still but while somebody sleeps."""

    app: APIFlask
    now: float = 1_000.0
    slept: list[float] = dataclasses.field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Wait, without a connection to the database in hand."""
        with self.app.app_context():
            assert db.engine.pool.checkedout() == 0, "a connection is held while somebody waits"
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(app: APIFlask) -> Clock:
    """Nobody really waits."""
    clock = Clock(app)
    services.provide(app, SignInPace(clock=lambda: clock.now, sleep=clock.sleep))
    return clock


def post(app: APIFlask, path: str, **body: Any) -> Any:
    """Call as somebody who has not signed in."""
    return app.test_client().post(f"/api/auth/{path}", json=body)


def forget(app: APIFlask, email: str = MIA) -> Any:
    """Ask for a code."""
    return post(app, "forgotten", email=email)


def reset(app: APIFlask, code: str, password: str = NEW, email: str = MIA) -> Any:
    """Set a password with a code."""
    return post(app, "reset", email=email, code=code, password=password)


def log_in(app: APIFlask, password: str, email: str = MIA, **more: Any) -> Any:
    """Sign in."""
    return post(app, "login", email=email, password=password, **more)


def assert_unknown(answer: Any) -> None:
    """Wrong, used, replaced or old: all the same to who has it."""
    assert (answer.status_code, answer.json["code"]) == (404, "unknown-code"), answer.text


def test_a_mailed_code_sets_another_password_and_ends_every_session(
    app: APIFlask, mailbox: Mailbox, sign_in: SignIn
) -> None:
    """However the address and the code are typed; nobody is signed in by it."""
    before = sign_in("patient1")
    assert forget(app, MIA.upper()).status_code == 202
    answer = reset(app, mailbox.code(MIA).lower().replace("-", " "), email=MIA.upper())
    assert (answer.status_code, answer.data) == (204, b"")
    assert before.get("/auth/me").status_code == 401
    assert log_in(app, demo.PASSWORD).json["code"] == "invalid-credentials"
    assert log_in(app, NEW).status_code == 200


def test_a_second_factor_stays_required(app: APIFlask, mailbox: Mailbox, sign_in: SignIn) -> None:
    """Who reads somebody's mail has one of the two."""
    enrolled = enrol(sign_in("dentist1"))
    address = "dentist1@demo.test"
    forget(app, address)
    assert reset(app, mailbox.code(address), email=address).status_code == 204
    assert log_in(app, NEW, address).json["code"] == "second-factor-required"
    assert log_in(app, NEW, address, code=enrolled.code()).status_code == 200


def sql(owner: Session, statement: str) -> None:
    """Change something by plain SQL."""
    owner.execute(text(statement))
    owner.commit()


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_mail_is_in_the_accounts_language_and_has_a_link(
    app: APIFlask, mailbox: Mailbox, sign_in: SignIn, language: str
) -> None:
    """Until it has chosen one it is the practice's, which is German here; the page of the link asks for the rest."""
    services.provide(app, dataclasses.replace(services.of(app, Settings), public_url="https://practice.example"))
    if language == "en":
        sign_in("patient1").patch("/auth/me", {"language": language})
    forget(app)
    [mail] = mailbox.mails
    assert (mail.kind, mail.recipient, mail.language) == ("reset-code", MIA, language)
    assert mail.facts == {
        "code": mailbox.code(MIA),
        "url": f"https://practice.example/password#{mailbox.code(MIA)}",
        "minutes": 30,
    }
    assert timedelta(minutes=29) < mail.expires_at - mail.created_at <= timedelta(minutes=30)


@pytest.mark.parametrize(
    "how", ["wrong", "another account's", "used", "replaced", "old", "tried", "switched off", "password", "address"]
)
def test_a_code_that_is_good_for_nothing_is_404(
    app: APIFlask, mailbox: Mailbox, sign_in: SignIn, owner: Session, how: str
) -> None:
    """Wrong, used, replaced, older than 30 minutes, tried wrongly five times, or mailed to who was another one then."""
    forget(app)
    code, admin = mailbox.code(MIA), sign_in("admin")
    mia = f"/users/{sign_in('patient1').user['id']}"
    if how == "another account's":
        forget(app, "patient2@demo.test")
        code = mailbox.code("patient2@demo.test")
    elif how == "used":
        assert reset(app, code, "the first new password").status_code == 204
    elif how == "replaced":
        forget(app)
    elif how == "old":
        lived = "SELECT expires_at BETWEEN now() + interval '29 minutes' AND now() + interval '30 minutes'"
        assert owner.scalar(text(f"{lived} FROM account_codes"))
        sql(owner, "UPDATE account_codes SET expires_at = now() - interval '1 second'")
    elif how == "tried":
        for _ in range(5):
            assert_unknown(reset(app, "0000-0000-0000-0000"))
    elif how == "switched off":
        for active in (False, True):
            assert admin.patch(mia, {"active": active}).status_code == 200
    elif how == "password":
        assert admin.patch(mia, {"password": "by an admin, meanwhile"}).status_code == 200
    elif how == "address":
        sql(owner, f"UPDATE users SET email = 'other@demo.test' WHERE email = '{MIA}'")
        assert_unknown(reset(app, code, email="other@demo.test"))
    assert_unknown(reset(app, "0000" if how == "wrong" else code))
    assert log_in(app, NEW).status_code == 401


def test_four_wrong_tries_end_nothing(app: APIFlask, mailbox: Mailbox) -> None:
    """Five do; a new code has five of its own."""
    forget(app)
    for _ in range(5):
        reset(app, "wrong")
    forget(app)
    for _ in range(4):
        assert_unknown(reset(app, "wrong"))
    assert reset(app, mailbox.code(MIA)).status_code == 204


def test_a_weak_password_is_refused_and_the_code_still_works(app: APIFlask, mailbox: Mailbox) -> None:
    """By the same rules as everywhere, before anything else, so that it tells nothing about the code."""
    forget(app)
    for code in (mailbox.code(MIA), "wrong"):
        refused = reset(app, code, MIA)
        assert (refused.status_code, refused.json["code"]) == (422, "weak-password")
    assert reset(app, mailbox.code(MIA)).status_code == 204


def test_whoever_asks_learns_nothing_of_who_has_an_account(
    app: APIFlask, mailbox: Mailbox, sign_in: SignIn, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same answer, the same kind of rows, and the same time, however long it took to find out."""
    off = sign_in("patient2").user
    assert sign_in("admin").patch(f"/users/{off['id']}", {"active": False}).status_code == 200
    look, answers = password_checks.account_of, []

    def look_slowly(session: Session, email: str) -> Any:
        clock.now += 0.1 * (1 + len(answers))
        return look(session, email)

    monkeypatch.setattr(password_checks, "account_of", look_slowly)
    for email in (MIA, off["email"], "nobody@demo.test"):
        began = clock.now
        answer = forget(app, email)
        kept = {name: value for name, value in answer.headers.items() if not name.endswith("Request-ID")}
        answers.append((answer.status_code, answer.data, kept, round(clock.now - began, 6)))
    assert answers == [answers[0]] * 3
    assert answers[0][0] == 202
    assert answers[0][3] == EVEN_SECONDS
    assert [mail.recipient for mail in mailbox.mails] == [MIA]


def test_three_mails_an_hour_go_to_an_address(app: APIFlask, mailbox: Mailbox, owner: Session) -> None:
    """Whatever process is asked; the answer does not tell, and an hour later there are three more."""
    for _ in range(5):
        assert forget(app).status_code == 202
    assert len(mailbox.to(MIA)) == 3
    assert reset(app, mailbox.code(MIA)).status_code == 204
    sql(owner, "UPDATE code_mails SET since = since - interval '1 hour'")
    for _ in range(4):
        forget(app)
    assert len(mailbox.to(MIA)) == 6


def test_what_nobody_has_is_counted_without_keeping_it(app: APIFlask, owner: Session) -> None:
    """One row for an address, however it is written, and only a keyed digest of it."""
    forget(app, "nobody@demo.test")
    forget(app, "Nobody@Demo.test")
    [row] = owner.execute(text("SELECT * FROM code_mails")).all()
    assert (row.mails, len(bytes(row.address_digest))) == (2, 16)
    assert owner.scalar(text("SELECT count(*) FROM account_codes")) == 0


def test_one_address_may_ask_and_try_so_often_a_minute(app: APIFlask, settings: Settings) -> None:
    """As it may register."""
    services.provide(app, dataclasses.replace(settings, login_limit_per_minute=2))
    assert [forget(app, "nobody@demo.test").status_code for _ in range(3)] == [202, 202, 429]
    assert [reset(app, "wrong", email="nobody@demo.test").status_code for _ in range(3)] == [404, 404, 429]


def test_wrong_codes_are_failed_attempts_on_the_account(app: APIFlask, sign_in: SignIn, settings: Settings) -> None:
    """They are slowed down and noted as wrong passwords are; of an account that is none only the caller is noted."""
    services.provide(app, dataclasses.replace(settings, login_limit_per_minute=20))
    for email in (MIA, MIA, "nobody@demo.test"):
        assert_unknown(reset(app, "wrong", email=email))
    entries = sign_in("admin").get("/audit?action=login-failed").json["items"]
    assert sorted(len(entry["record"].get("ids", [1])) for entry in entries) == [0, 1]
    assert "nobody" not in str(entries)


def test_who_has_two_windows_open_sets_one_password(
    app: APIFlask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two whose passwords are hashed at one time one wins, and the other is told that the code is used."""
    forget(app)
    code, answers = mailbox.code(MIA), []
    both, hash_password = threading.Barrier(2), passwords.hash_password

    def hash_both(session: Session, password: str) -> str:
        hashed = hash_password(session, password)
        both.wait(plain_sql.PATIENCE_SECONDS)
        return hashed

    monkeypatch.setattr(passwords, "hash_password", hash_both)

    def set_one(password: str) -> None:
        answers.append((reset(app, code, password).status_code, password))

    threads = [threading.Thread(target=set_one, args=(password,)) for password in ("password of one", "of the other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [204, 404]
    monkeypatch.undo()
    won = dict(answers)[204]
    assert log_in(app, won).status_code == 200


def test_no_connection_is_held_while_a_password_is_hashed(
    app: APIFlask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes a tenth of a second, and a whole practice may be at it."""
    forget(app)
    held: list[int] = []

    class Watching(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            held.append(db.engine.pool.checkedout())
            return super().hash(password, salt=salt)

    monkeypatch.setattr(passwords, "_hasher", Watching(time_cost=1, memory_cost=8, parallelism=1))
    assert reset(app, mailbox.code(MIA)).status_code == 204
    assert held == [0]


def test_neither_code_nor_address_is_kept(app: APIFlask, mailbox: Mailbox, sign_in: SignIn, owner: Session) -> None:
    """The table has a hash; the audit trail says that a code was asked for and used, and by whose account."""
    forget(app)
    code = mailbox.code(MIA)
    stored = owner.scalar(text("SELECT encode(code_hash, 'escape') FROM account_codes"))
    assert code.replace("-", "") not in stored
    assert reset(app, code).status_code == 204
    mia = log_in(app, NEW).json["user"]["id"]
    entries = sign_in("admin").get(f"/audit?recordId={mia}").json["items"]
    noted = {entry["action"]: entry for entry in entries if "password" in entry["action"]}
    assert (noted["forgot-password"]["actorId"], noted["reset-password"]["actorId"]) == (None, mia)
    assert MIA not in str(noted)


def test_the_pace_is_even_however_much_there_was_to_do() -> None:
    """What took longer than that takes as long as it took; a failure waits too."""
    now, slept = [0.0], []
    pace = SignInPace(clock=lambda: now[0], sleep=slept.append)
    for took in (0.0, 0.2, 3.0):
        with pace.evenly():
            now[0] += took
    with pytest.raises(ZeroDivisionError), pace.evenly():
        raise ZeroDivisionError
    assert slept == pytest.approx([EVEN_SECONDS, EVEN_SECONDS - 0.2, 0.0, EVEN_SECONDS])
