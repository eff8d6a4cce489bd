"""What was mailed in a test, as the outbox has it, and the codes in it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings


@dataclass(frozen=True)
class Mailbox:
    """Everybody's mails, the oldest first; none has left."""

    owner: Session

    @property
    def mails(self) -> list[Any]:
        """The rows: `kind`, `recipient`, `language`, `facts`."""
        self.owner.rollback()
        return list(self.owner.execute(text("SELECT * FROM mails ORDER BY created_at, id")))

    def to(self, address: str) -> list[Any]:
        """Those to an address."""
        return [mail for mail in self.mails if mail.recipient.lower() == address.lower()]

    def code(self, address: str) -> str:
        """The code of the newest mail to an address that has one."""
        codes: list[str] = [mail.facts["code"] for mail in self.to(address) if "code" in mail.facts]
        assert codes, f"no code was mailed to {address}"
        return codes[-1]


@pytest.fixture
def mailbox(app: APIFlask, settings: Settings, owner: Session) -> Mailbox:
    """An app that makes mails, which nobody sends."""
    services.provide(app, dataclasses.replace(settings, mail_url="smtp://127.0.0.1:1"))
    return Mailbox(owner)
