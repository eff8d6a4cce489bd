"""The outbox: a mail is made with what causes it, leaves once that is committed, and is not lost on the way."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.mail import outbox, senders
from dental_sync.processes import mailing, pruning
from dental_sync.storage import after_commit, row_security
from tests.mail.conftest import SendDue, files_in
from tests.mail_server import MailServer

CODE = {"code": "7Q4M-2KXD", "url": None, "minutes": 30}
ADDRESS = "mia@demo.test"


@contextmanager
def as_web(app: APIFlask) -> Iterator[Session]:
    """A transaction of a web process that has nobody signed in yet."""
    with app.app_context():
        row_security.become(db.session(), row_security.SYSTEM)
        yield db.session()


def put(app: APIFlask, **options: Any) -> bool:
    """Ask for a code."""
    with as_web(app) as session:
        made = outbox.put(session, "reset-code", ADDRESS, CODE, **options)
        session.commit()
    return made


def rows(owner: Session) -> list[Any]:
    """The outbox."""
    owner.rollback()
    return list(owner.execute(text("SELECT * FROM mails ORDER BY created_at")))


def come_due(owner: Session) -> None:
    """Let the pause before the next try be over."""
    owner.execute(text("UPDATE mails SET due_at = clock_timestamp()"))
    owner.commit()


def test_a_mail_is_sent_once_and_then_forgotten_but_for_its_kind_and_time(
    app: APIFlask, owner: Session, mail_server: MailServer, send_due: SendDue
) -> None:
    """To whom and what is nobody's business any more; the Message-ID says which row it was."""
    assert put(app, language="en")
    [row] = rows(owner)
    assert (row.kind, row.language, row.recipient, row.facts) == ("reset-code", "en", ADDRESS, CODE)
    send_due()
    send_due()
    [mail] = mail_server.taken
    assert mail["To"] == ADDRESS
    assert mail["Message-ID"] == f"<{row.id}@practice.example>"
    [row] = rows(owner)
    assert (row.kind, row.outcome, row.recipient, row.facts) == ("reset-code", "sent", None, None)


def test_what_is_rolled_back_is_not_sent(
    app: APIFlask, owner: Session, mail_server: MailServer, send_due: SendDue
) -> None:
    """The mail is a row of the transaction that causes it."""
    with as_web(app) as session:
        outbox.put(session, "reset-code", ADDRESS, CODE)
        session.rollback()
    send_due()
    assert (rows(owner), mail_server.taken) == ([], [])


def test_a_mail_waits_while_the_server_is_away_and_comes_later(
    app: APIFlask, owner: Session, mail_server: MailServer, send_due: SendDue
) -> None:
    """With a pause before the next try, and with the same Message-ID."""
    mail_server.stop()
    put(app)
    send_due()
    [row] = rows(owner)
    assert (row.attempts, row.settled_at) == (1, None)
    pause = owner.scalar(text("SELECT extract(epoch FROM due_at - clock_timestamp()) FROM mails"))
    assert 0 < pause <= 2
    send_due()
    assert rows(owner)[0].attempts == 1
    mail_server.start()
    come_due(owner)
    send_due()
    assert [mail["Message-ID"] for mail in mail_server.taken] == [f"<{row.id}@practice.example>"]


def test_who_died_after_taking_a_mail_has_not_lost_it(
    app: APIFlask, owner: Session, worker_app: APIFlask, mail_server: MailServer, send_due: SendDue
) -> None:
    """It is somebody else's once the lease is over, and nobody's before that."""
    put(app)

    def die(_: outbox.Taken) -> None:
        raise KeyboardInterrupt

    with worker_app.app_context(), pytest.raises(KeyboardInterrupt):
        outbox.send_due(db.session(), "mail", die)
    send_due()
    assert mail_server.taken == []
    come_due(owner)
    send_due()
    assert len(mail_server.taken) == 1


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("550 no such user", "refused"), ("451 later", None), ("421 closing", None)],
)
def test_what_is_refused_for_ever_is_not_tried_again_and_hinders_nobody(
    app: APIFlask,
    owner: Session,
    mail_server: MailServer,
    send_due: SendDue,
    answer: str,
    outcome: str | None,
) -> None:
    """What is only put off is; the next one is taken by the same connection."""
    put(app)
    put(app)
    mail_server.answers = [answer]
    send_due()
    assert len(mail_server.taken) == 1
    assert [row.outcome for row in rows(owner)] == [outcome, "sent"]


def test_what_could_not_be_sent_in_time_is_given_up(
    app: APIFlask, owner: Session, mail_server: MailServer, send_due: SendDue
) -> None:
    """A code that has expired helps nobody, and its address is deleted."""
    put(app)
    owner.execute(text("UPDATE mails SET expires_at = clock_timestamp()"))
    owner.commit()
    send_due()
    [row] = rows(owner)
    assert (row.outcome, row.recipient, mail_server.taken) == ("given-up", None, [])


def test_a_mail_that_cannot_be_written_holds_up_no_other(
    app: APIFlask, owner: Session, send_due: SendDue, caplog: pytest.LogCaptureFixture
) -> None:
    """It is tried again, for a template can be mended; and said, without what it would have said."""
    with as_web(app) as session:
        outbox.put(session, "reset-code", ADDRESS, {})
        session.commit()
    put(app)
    send_due()
    assert [row.outcome for row in rows(owner)] == [None, "sent"]
    assert "cannot be written" in caplog.text


def test_a_server_that_says_nothing_is_left_in_time(
    app: APIFlask, owner: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch, worker_app: APIFlask
) -> None:
    """The thread goes on, and the mail waits."""
    monkeypatch.setattr(senders, "TRY_SECONDS", 0.2)
    put(app)
    with socket.create_server(("127.0.0.1", 0)) as silent, worker_app.app_context():
        silent_url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        mailing.send_due(db.session(), dataclasses.replace(settings, mail_url=silent_url))
    assert rows(owner)[0].outcome is None


def test_without_a_mail_server_no_mail_is_made(app: APIFlask, owner: Session) -> None:
    """It would wait for nobody, with an address in it."""
    services.provide(app, dataclasses.replace(services.of(app, Settings), mail_url=""))
    assert not put(app)
    assert rows(owner) == []


def test_a_mail_rings(app: APIFlask) -> None:
    """Its transaction may write nothing else that does."""
    with as_web(app) as session:
        outbox.put(session, "reset-code", ADDRESS, CODE)
        assert after_commit.forget(session)


@pytest.mark.parametrize("kind", ["booked", "reminder"])
def test_a_web_process_makes_no_mail_about_an_appointment(app: APIFlask, kind: Any) -> None:
    """Those are the lane's."""
    with as_web(app) as session, pytest.raises(DBAPIError, match="such a mail is not made here"):
        outbox.put(session, kind, ADDRESS, {})


def test_in_a_folder_each_mail_is_a_file(
    app: APIFlask, settings: Settings, worker_app: APIFlask, tmp_path: Path
) -> None:
    """Directly in it, whole, and for nobody else to read."""
    put(app, language="en")
    folder = tmp_path / "a mail folder"
    with worker_app.app_context():
        mailing.send_due(db.session(), dataclasses.replace(settings, mail_url=folder.as_uri()))
    [mail] = files_in(folder)
    assert mail["To"] == ADDRESS
    [file] = folder.glob("*.eml")
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_is_kept_of_a_mail_is_deleted_after_the_retention(
    app: APIFlask, owner: Session, settings: Settings, worker_app: APIFlask, send_due: SendDue
) -> None:
    """And nothing that still waits; what nobody sends any more is given up."""
    put(app)
    send_due()
    put(app)
    put(app, valid=timedelta(0))
    owner.execute(text("UPDATE mails SET settled_at = settled_at - interval '31 days' WHERE outcome IS NOT NULL"))
    owner.commit()
    with worker_app.app_context():
        assert pruning.prune(db.session(), settings)["mails"] == 1
    assert [row.outcome for row in rows(owner)] == [None, "given-up"]
