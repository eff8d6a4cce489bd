"""The outbox as the housekeeper empties it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.processes import mailing
from dental_sync.writes import reminding
from tests.conftest import RunLane
from tests.mail.reminding import Remind
from tests.mail_server import MailServer, read


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """One that listens."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(settings: Settings, mail_server: MailServer) -> Settings:
    """With the mail server of the test."""
    return dataclasses.replace(
        settings,
        mail_url=f"smtp://127.0.0.1:{mail_server.port}",
        mail_from="praxis@practice.example",
        public_url="https://practice.example",
    )


SendDue = Callable[[], None]


@pytest.fixture
def send_due(worker_app: APIFlask) -> SendDue:
    """Send what is due, with the worker's rights, as the thread does."""

    def send() -> None:
        with worker_app.app_context():
            mailing.send_due(db.session(), services.settings())

    return send


def files_in(folder: Path) -> list[EmailMessage]:
    """The mails that were written into a folder, the oldest first."""
    return [read(file.read_bytes()) for file in sorted(folder.glob("*.eml"))]


@pytest.fixture
def remind(worker_app: APIFlask, run_lane: RunLane, owner: Session) -> Remind:
    """Make the reminders that are due, with the worker's rights, as the task does; gives what is told of it.

    Nobody of the demo practice's is to be reminded.
    """
    owner.execute(text("DELETE FROM appointments"))
    owner.commit()

    def run() -> list[dict[str, Any]]:
        run_lane()
        with worker_app.app_context():
            batch = reminding.remind(db.session(), services.settings())
            assert batch is not None
            return [message.wire() for message in batch.messages]

    return run
