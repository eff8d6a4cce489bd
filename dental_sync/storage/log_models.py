"""The tables of the log, as migrations/ makes them: what was noted, what is told, and where that begins and ends."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Identity, types
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from dental_sync.storage.base import Base


class Caused:
    """What caused a change; each is None where there is none, and in what the release before 0033 has published."""

    # The write request that the lane was applying.
    write_id: Mapped[uuid.UUID | None]
    # The account that changed a row itself.
    actor_id: Mapped[uuid.UUID | None]
    # As what it did so: a role, `worker` or `system` for a process, `sql` for plain SQL.
    acted_as: Mapped[str | None]


class Change(Caused, Base):
    """A changed row, old and new, that is not yet a message; filled by triggers."""

    __tablename__ = "changes"
    id: Mapped[int] = mapped_column(types.BigInteger, Identity(always=True), primary_key=True)
    table_name: Mapped[str]
    old: Mapped[dict[str, Any] | None]
    new: Mapped[dict[str, Any] | None]
    occurred_at: Mapped[datetime]
    # Pairs of instants that became free; None where the whole time did.
    freed: Mapped[list[Any] | None] = mapped_column(JSONB)


class RecordChange(Caused, Base):
    """That a record was made, changed or removed, and is not yet told; filled by triggers, with ids alone."""

    __tablename__ = "record_changes"
    id: Mapped[int] = mapped_column(types.BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    # None for the practice, of which there is one.
    record_id: Mapped[uuid.UUID | None]
    change: Mapped[str]
    occurred_at: Mapped[datetime]


class RuleChange(Base):
    """That something has changed which the lane remembers (queries/remembered.py); filled by triggers."""

    __tablename__ = "rule_changes"
    id: Mapped[int] = mapped_column(types.BigInteger, Identity(always=True), primary_key=True)


class LogHead(Base):
    """Where the log ends, where it begins, and which log it is."""

    __tablename__ = "log_head"
    id: Mapped[int] = mapped_column(types.SmallInteger, primary_key=True, server_default="1")
    position: Mapped[int] = mapped_column(types.BigInteger)
    pruned_through: Mapped[int] = mapped_column(types.BigInteger)
    epoch: Mapped[uuid.UUID]
    fingerprint: Mapped[str]


class SyncEvent(Caused, Base):
    """One message of the log: a type, its rooms, and one payload that each of those rooms may see.

    What caused it, and the appointment that a deletion took away (`removed`), are kept and never sent.
    """

    __tablename__ = "sync_events"
    position: Mapped[int] = mapped_column(types.BigInteger, primary_key=True, autoincrement=False)
    type: Mapped[str]
    channels: Mapped[list[str]]
    payload: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime]
    removed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
