"""The log: number what changed, read it since a position, know where it ends and which log it is.

Positions have no holes and become visible in order, because they are counted in the head row, under its lock, and
that lock is held until the commit.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, case, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from dental_sync.core.errors import ResyncRequired
from dental_sync.core.instants import format_instant
from dental_sync.storage import locks
from dental_sync.storage.log_models import Change, LogHead, RecordChange, SyncEvent
from dental_sync.storage.models import Dentist, Practice
from dental_sync.sync.channels import ALL_APPOINTMENTS
from dental_sync.sync.events import Cause, ChangedRow, Draft, Message, RecordNote, Zones, expand_all, expand_records

# How a trigger notes that a table was emptied by TRUNCATE.
TRUNCATIONS = "truncations"

# Changes that one publication takes at most, so that a bulk update by plain SQL does not fill the memory.
CHANGES_AT_ONCE = 5_000

# By how much positions jump where another log begins: further than any log that was lost may have gone beyond the one
# that was restored, and so little that JavaScript counts nine million logs exactly.
POSITIONS_BETWEEN_EPOCHS = 1_000_000_000


# The tables that events come from, and how many triggers note what happens to each.
NOTING_TRIGGERS = {
    **dict.fromkeys(("working_hours", "time_off"), 8),
    "chair_time_off": 6,
    **dict.fromkeys(("holds", "closures", "chairs", "dentists"), 5),
    **dict.fromkeys(("treatments", "patients"), 4),
    **dict.fromkeys(("appointments", "patient_remarks", "acting"), 3),
    **dict.fromkeys(("auth_sessions", "practice", "practice_logo"), 2),
    "users": 1,
}
ENABLED_TRIGGERS = text("""
    SELECT tgrelid::regclass::text AS table_name, count(*) AS enabled FROM pg_trigger
    WHERE NOT tgisinternal AND tgname LIKE 'note\\_%' AND tgenabled IN ('O', 'A')
    GROUP BY tgrelid
""")
# What clients get of a message; what caused it stays here.
_SENT = [SyncEvent.__table__.c[name] for name in ("position", "type", "channels", "payload", "occurred_at")]
_ANYTHING_NOTED = text("SELECT EXISTS (SELECT FROM changes) OR EXISTS (SELECT FROM record_changes)")


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends (`position`), where it begins (after `pruned_through`), and which log it is (`epoch`)."""

    position: int
    pruned_through: int
    epoch: str

    def check_since(self, since: int, epoch: str | None) -> None:
        """Raise ResyncRequired unless everything after `since` is still there, and of this log."""
        if epoch is not None and epoch != self.epoch:
            raise ResyncRequired("The log is another one than the one you followed; fetch a snapshot.")
        if since < self.pruned_through:
            raise ResyncRequired("The log no longer reaches back to that position; fetch a snapshot.")
        if since > self.position:
            raise ResyncRequired("That position lies beyond the end of the log; fetch a snapshot.")


def head(session: Session) -> Head:
    """Where the log stands now."""
    row = session.execute(select(LogHead.position, LogHead.pruned_through, LogHead.epoch)).one()
    return Head(row.position, row.pruned_through, str(row.epoch))


def publish(session: Session, *, wait: bool, made_by: Mapping[uuid.UUID, uuid.UUID] | None = None) -> list[Message]:
    """Turn the noted changes into numbered messages; they count once the caller's transaction commits.

    `made_by` are the write requests that made rows, by the rows' ids: which of several rows in one statement is whose
    no trigger can know. With `wait` false, returns nothing when another session is publishing. The changes are read in
    a statement after the one that took the lock (READ COMMITTED), so that whatever was committed before is seen.
    """
    if not wait and not session.scalar(_ANYTHING_NOTED):
        return []
    found = session.execute(
        select(
            LogHead.position,
            LogHead.epoch,
            (LogHead.fingerprint == func.database_fingerprint()).label("same_database"),
        ).with_for_update(skip_locked=not wait)
    ).one_or_none()
    if found is None:
        return []
    epoch, position = (found.epoch, found.position) if found.same_database else _begin_epoch(session)
    messages: list[Message] = []
    while True:
        changes = [_changed_row(row, made_by or {}) for row in _take(session, Change)]
        notes = [
            RecordNote(row.kind, row.record_id, row.change, row.occurred_at, _cause(row))
            for row in _take(session, RecordChange)
        ]
        more = CHANGES_AT_ONCE in (len(changes), len(notes))
        if any(change.table == TRUNCATIONS for change in changes):
            epoch, position = _begin_epoch(session)
            changes = [change for change in changes if change.table != TRUNCATIONS]
        drafts: list[tuple[Draft, ChangedRow | RecordNote]] = []
        if changes:
            drafts += expand_all(changes, _zones(session))
        drafts += expand_records(notes)
        numbered = _number(session, drafts, position, str(epoch))
        position += len(numbered)
        messages += numbered
        if not more:
            return messages


def read(
    session: Session, *, since: int, limit: int, channels: Sequence[str] | None = None, through: int | None = None
) -> list[Message]:
    """Messages after `since` (up to `through`, both positions) in order; `channels` None means every row of the log."""
    epoch = select(LogHead.epoch).scalar_subquery().label("epoch")
    if channels is None:
        query = select(*_SENT, epoch).where(SyncEvent.position > since)
        if through is not None:
            query = query.where(SyncEvent.position <= through)
        query = query.order_by(SyncEvent.position).limit(limit)
    else:
        # By the index on the channels, which row-level security keeps PostgreSQL from using; the rows are the same.
        heard = func.heard_messages(list(channels), since, through, limit).table_valued(*_SENT)
        query = select(heard, epoch).order_by(heard.c.position)
    return [
        Message(row.position, str(row.epoch), row.type, row.channels, row.payload, format_instant(row.occurred_at))
        for row in session.execute(query)
    ]


def silent_tables(session: Session) -> list[str]:
    """Tables without all their noting triggers enabled: their changes are not seen."""
    enabled = {row.table_name: row.enabled for row in session.execute(ENABLED_TRIGGERS)}
    return sorted(table for table, count in NOTING_TRIGGERS.items() if enabled.get(table, 0) < count)


def begin_epoch(session: Session) -> str:
    """Start another log, so that every client fetches a snapshot: after a dump was restored, or the head went back."""
    session.execute(select(LogHead.id).with_for_update())
    epoch, _ = _begin_epoch(session)
    return str(epoch)


def prune(session: Session, *, retention_days: int, limit: int) -> int:
    """Delete up to `limit` of the messages older than the retention; returns how many."""
    expired = func.clock_timestamp() - timedelta(days=retention_days)
    session.execute(select(LogHead.id).with_for_update())
    oldest = select(SyncEvent.position).where(SyncEvent.occurred_at < expired).order_by(SyncEvent.position).limit(limit)
    through = session.scalar(select(func.max(oldest.subquery().c.position)))
    if through is None:
        return 0
    # By position, so that what is left has no hole even where a change carries an older time than its neighbours.
    deleted = session.execute(delete(SyncEvent).where(SyncEvent.position <= through).returning(SyncEvent.position))
    session.execute(update(LogHead).values(pruned_through=through))
    return len(deleted.all())


def _take(session: Session, table: type[Change] | type[RecordChange]) -> Sequence[Row[Any]]:
    """The oldest rows of a table of what triggers noted, in the order of their ids; they are gone."""
    oldest = select(table.id).order_by(table.id).limit(CHANGES_AT_ONCE)
    taken = session.execute(delete(table).where(table.id.in_(oldest)).returning(*table.__table__.columns))
    return sorted(taken, key=lambda row: row.id)


def _changed_row(row: Row[Any], made_by: Mapping[uuid.UUID, uuid.UUID]) -> ChangedRow:
    changed = ChangedRow(row.table_name, row.old, row.new, row.occurred_at, row.freed, _cause(row))
    if changed.cause.write_id is not None or changed.made_id is None:
        return changed
    write_id = made_by.get(uuid.UUID(changed.made_id))
    return changed if write_id is None else replace(changed, cause=replace(changed.cause, write_id=write_id))


def _cause(row: Row[Any]) -> Cause:
    return Cause(row.write_id, row.actor_id, row.acted_as)


def _number(
    session: Session, drafts: Sequence[tuple[Draft, ChangedRow | RecordNote]], position: int, epoch: str
) -> list[Message]:
    messages = [
        Message(position + offset, epoch, draft.type, draft.channels, draft.payload, format_instant(noted.occurred_at))
        for offset, (draft, noted) in enumerate(drafts, start=1)
    ]
    if messages:
        locks.tables_to_write(session, SyncEvent)
        session.execute(
            insert(SyncEvent),
            [
                {
                    "position": message.position,
                    "type": message.type,
                    "channels": list(message.channels),
                    "payload": message.payload,
                    "occurred_at": message.occurred_at,
                    "removed": draft.removed if ALL_APPOINTMENTS in draft.channels else None,
                    **asdict(noted.cause),
                }
                for message, (draft, noted) in zip(messages, drafts, strict=True)
            ],
        )
        session.execute(update(LogHead).values(position=messages[-1].position))
    return messages


def _zones(session: Session) -> Zones:
    practice = session.scalar(select(Practice.time_zone)) or "UTC"
    dentists = session.execute(select(Dentist.id, Dentist.time_zone))
    return Zones(practice, {str(dentist_id): zone for dentist_id, zone in dentists})


def _begin_epoch(session: Session) -> tuple[uuid.UUID, int]:
    """Forget the messages and jump ahead: no position of the log before may pass for one of the log that begins here.

    Returns the new epoch and the position from which it counts: 0 where no position was ever given out.
    """
    session.execute(delete(SyncEvent))
    epoch = uuid.uuid4()
    beyond = case((LogHead.position > 0, LogHead.position + POSITIONS_BETWEEN_EPOCHS), else_=0)
    position = session.execute(
        update(LogHead)
        .values(epoch=epoch, position=beyond, pruned_through=beyond, fingerprint=func.database_fingerprint())
        .returning(LogHead.position)
    ).scalar_one()
    return epoch, position
