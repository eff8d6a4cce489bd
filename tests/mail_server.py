"""A real mail server on 127.0.0.1 that takes, refuses, hesitates or is away, as a test wants it."""

from __future__ import annotations

import asyncio
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from dental_sync.local.embedded.server import free_port


class MailServer:
    """Takes mails while it runs; `answers` is what it says to the next ones, then it takes them."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken: list[EmailMessage] = []
        self.answers: list[str] = []
        # While it is not set, a mail that was taken is not answered.
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._controller: Controller | None = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take a mail, or say what was asked for."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(read(envelope.content))
        while not self.may_answer.is_set():
            await asyncio.sleep(0.02)
        return answer

    def start(self) -> None:
        """Listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Go away."""
        self.may_answer.set()
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


def read(content: bytes) -> EmailMessage:
    """A mail as it was sent."""
    return message_from_bytes(content, policy=policy.SMTP)
