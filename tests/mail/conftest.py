"""A mail server of the tests' own, and the outbox as the housekeeper empties it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from apiflask import APIFlask

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.local.embedded.server import free_port
from dental_sync.processes import mailing


class MailServer:
    """Takes mails on 127.0.0.1 while it runs; `answers` is what it says to the next ones, then it takes them."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken: list[EmailMessage] = []
        self.answers: list[str] = []
        self._controller: Controller | None = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take a mail, or say what was asked for."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(message_from_bytes(envelope.content, policy=policy.SMTP))  # type: ignore[arg-type]
        return answer

    def start(self) -> None:
        """Listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Go away."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


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
    return [
        message_from_bytes(file.read_bytes(), policy=policy.SMTP)  # type: ignore[misc]
        for file in sorted(folder.glob("*.eml"))
    ]
