"""The tables of mails and reminders, as migrations/ makes them: see mail/outbox.py and writes/reminding.py."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, types
from sqlalchemy.orm import Mapped, mapped_column

from dental_sync.core.ids import new_id
from dental_sync.storage.base import Base


class Mail(Base):
    """A mail, or a text message, to one address: what it says until it was sent or given up, then that it was."""

    __tablename__ = "mails"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default="mail")
    language: Mapped[str]
    recipient: Mapped[str | None]
    facts: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default="now")
    expires_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(server_default="now")
    attempts: Mapped[int] = mapped_column(types.SmallInteger, server_default="0")
    settled_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class Reminder(Base):
    """That somebody was reminded of an appointment at that time, and when the links were used."""

    __tablename__ = "reminders"
    appointment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("appointments.id", ondelete="CASCADE"), primary_key=True
    )
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(server_default="now")
    confirmed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
