"""The log: number what changed, read it since a position, know where it ends and which log it is.

Positions have no holes and become visible in order, because they are counted in the head row, under its lock, and
that lock is held until the commit.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, case, delete, func, select, text, update
from sqlalchemy.orm import Session

from dental_sync.core.errors import ResyncRequired
from dental_sync.core.instants import format_instant
from dental_sync.storage import locks, one_call
from dental_sync.storage.log_models import LogHead, RecordChange, SyncEvent
from dental_sync.storage.one_call import Statement
from dental_sync.sync.channels import ALL_APPOINTMENTS
from dental_sync.sync.events import Cause, ChangedRow, Draft, Message, RecordNote, Zones, expand_all, expand_records

# How a trigger notes that a table was emptied by TRUNCATE.
TRUNCATIONS = "truncations"

# Changes that one publication takes at most, so that a bulk update by plain SQL does not fill the memory.
CHANGES_AT_ONCE = 5_000

# By how much positions jump where another log begins: further than any log that was lost may have gone beyond the one
# that was restored, and so little that JavaScript counts nine million logs exactly.
POSITIONS_BETWEEN_EPOCHS = 1_000_000_000


# The tables that events come from, or that the lane remembers, and how many triggers note what happens to each.
NOTING_TRIGGERS = {
    "working_hours": 9,
    "time_off": 8,
    **dict.fromkeys(("chair_time_off", "chairs", "dentists"), 6),
    **dict.fromkeys(("holds", "closures", "treatments"), 5),
    **dict.fromkeys(("patients", "acting", "auth_sessions"), 4),
    **dict.fromkeys(("appointments", "patient_remarks", "practice", "users", "second_factors"), 3),
    "practice_logo": 2,
}
ENABLED_TRIGGERS = text("""
    SELECT tgrelid::regclass::text AS table_name, count(*) AS enabled FROM pg_trigger
    WHERE NOT tgisinternal AND tgname LIKE 'note\\_%' AND tgenabled IN ('O', 'A')
    GROUP BY tgrelid
""")
MadeBy = Mapping[uuid.UUID, uuid.UUID]
_NOBODY: MadeBy = {}

# What clients get of a message; what caused it stays here.
_SENT = [SyncEvent.__table__.c[name] for name in ("position", "type", "channels", "payload", "occurred_at")]
_SETTLED_HEAD = text("SELECT position, pruned_through, epoch FROM log_head WHERE NOT anything_unpublished()")
_ANYTHING_NOTED = Statement("SELECT EXISTS (SELECT FROM changes) OR EXISTS (SELECT FROM record_changes)")

# Whatever changes the table as a whole is waited for here, and not with messages in the statement.
_LOCKED, _LOCKED_IF_FREE = (
    one_call.split(f"{locks.writing(SyncEvent, RecordChange)}; {locks.only_row(LogHead, wait=wait)}")
    for wait in (True, False)
)
_HAS_HEAD = locks.has_only_row(LogHead)
# Which database this is. Each connection looks it up once: it stays the same, and takes half a millisecond.
_FINGERPRINT = "current_setting('dental_sync.fingerprint', true)"
_THIS_DATABASE = f"""CASE WHEN {_FINGERPRINT} <> '' THEN {_FINGERPRINT}
    ELSE set_config('dental_sync.fingerprint', database_fingerprint(), false) END"""
# In a statement after the one that took the lock (READ COMMITTED), so that whatever was committed before is seen.
_TAKE = f"""
    WITH change AS (
        DELETE FROM changes WHERE id = ANY (ARRAY(SELECT id FROM changes ORDER BY id LIMIT :at_once)) AND {_HAS_HEAD}
        RETURNING *
    ), record AS (
        DELETE FROM record_changes
        WHERE id = ANY (ARRAY(SELECT id FROM record_changes ORDER BY id LIMIT :at_once)) AND {_HAS_HEAD} RETURNING *
    )
    SELECT 'head' AS source, position AS id, NULL AS name, CAST(NULL AS jsonb) AS old, jsonb_build_object(
            'epoch', epoch, 'same_database', fingerprint = {_THIS_DATABASE},
            'zone', coalesce((SELECT time_zone FROM practice), 'UTC'),
            'zones', (SELECT jsonb_object_agg(id, time_zone) FROM dentists)) AS new,
        CAST(NULL AS timestamptz) AS occurred_at, CAST(NULL AS jsonb) AS freed, CAST(NULL AS uuid) AS record_id,
        NULL AS change, CAST(NULL AS uuid) AS write_id, CAST(NULL AS uuid) AS actor_id, NULL AS acted_as
    FROM log_head WHERE {_HAS_HEAD}
    UNION ALL SELECT 'change', id, table_name, old, new, occurred_at, freed, NULL, NULL, write_id, actor_id, acted_as
        FROM change
    UNION ALL SELECT 'record', id, kind, NULL, NULL, occurred_at, NULL, record_id, change, write_id, actor_id,
        acted_as FROM record
    ORDER BY id
"""  # noqa: S608 - our own names
# By name: a column that a later release adds gets its default.
_STORED = ", ".join([*(column.name for column in _SENT), "removed", *(field.name for field in fields(Cause))])
_STORE = one_call.split(f"""
    INSERT INTO sync_events ({_STORED}) SELECT {_STORED}
    FROM jsonb_populate_recordset(CAST(NULL AS sync_events), CAST(:messages AS jsonb));
    UPDATE log_head SET position = :position
""")  # noqa: S608 - our own names


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


def settled_head(session: Session) -> Head | None:
    """Where the log stands now; None while something has changed that it is still to tell."""
    row = session.execute(_SETTLED_HEAD).one_or_none()
    return None if row is None else Head(row.position, row.pruned_through, str(row.epoch))


def publish(session: Session, *, wait: bool) -> list[Message]:
    """Turn the noted changes into numbered messages; they count once the caller's transaction commits.

    With `wait` false, returns nothing when another session is publishing.
    """
    messages, unsent = draft(session, wait=wait)
    if unsent:
        one_call.execute(session, unsent)
    return messages


def draft(
    session: Session, *, wait: bool, made_by: MadeBy = _NOBODY, after: Sequence[Statement] = ()
) -> tuple[list[Message], list[Statement]]:
    """The same, and what is still to be executed for it, so that it can be sent along with other statements.

    `made_by` are the write requests that made rows, by the rows' ids: which of several rows in one statement is whose
    no trigger can know. `after` are statements to be executed first.
    """
    unsent = list(after)
    if not wait:
        [(is_anything_noted,)] = one_call.execute(session, [*unsent, _ANYTHING_NOTED])
        if not is_anything_noted:
            return [], []
    messages: list[Message] = []
    unsent = unsent if wait else []
    while True:
        taken = _take(session, wait=wait, made_by=made_by, after=unsent)
        if taken is None:
            return [], []
        numbered, unsent = _number(taken)
        messages += numbered
        if not taken.may_be_more:
            return messages, unsent


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


@dataclass(frozen=True, slots=True)
class _Taken:
    """What triggers had noted, in its order, and where the log stood; it is gone from the tables."""

    position: int
    epoch: str
    zones: Zones
    changes: Sequence[ChangedRow]
    notes: Sequence[RecordNote]
    may_be_more: bool


def _take(session: Session, *, wait: bool, made_by: MadeBy, after: Sequence[Statement]) -> _Taken | None:
    """Lock the head and take the oldest notes; None where another session has it."""
    rows = one_call.execute(
        session, [*after, *(_LOCKED if wait else _LOCKED_IF_FREE), Statement(_TAKE, {"at_once": CHANGES_AT_ONCE})]
    )
    found = defaultdict(list)
    for row in rows:
        found[row.source].append(row)
    if not found["head"]:
        return None
    [head] = found["head"]
    changes = [_changed_row(row, made_by) for row in found["change"]]
    told = [change for change in changes if change.table != TRUNCATIONS]
    epoch, position = head.new["epoch"], head.id
    if len(told) < len(changes) or not head.new["same_database"]:
        epoch, position = _begin_epoch(session)
    return _Taken(
        position,
        str(epoch),
        Zones(head.new["zone"], head.new["zones"] or {}),
        told,
        [RecordNote(row.name, row.record_id, row.change, row.occurred_at, _cause(row)) for row in found["record"]],
        may_be_more=CHANGES_AT_ONCE in (len(changes), len(found["record"])),
    )


def _changed_row(row: Row[Any], made_by: MadeBy) -> ChangedRow:
    changed = ChangedRow(row.name, row.old, row.new, row.occurred_at, row.freed, _cause(row))
    if changed.cause.write_id is not None or changed.made_id is None:
        return changed
    write_id = made_by.get(uuid.UUID(changed.made_id))
    return changed if write_id is None else replace(changed, cause=replace(changed.cause, write_id=write_id))


def _cause(row: Row[Any]) -> Cause:
    return Cause(row.write_id, row.actor_id, row.acted_as)


def _number(taken: _Taken) -> tuple[list[Message], list[Statement]]:
    drafts: list[tuple[Draft, ChangedRow | RecordNote]] = []
    drafts += expand_all(taken.changes, taken.zones)
    drafts += expand_records(taken.notes)
    if not drafts:
        return [], []
    messages = [
        Message(position, taken.epoch, draft.type, draft.channels, draft.payload, format_instant(noted.occurred_at))
        for position, (draft, noted) in enumerate(drafts, start=taken.position + 1)
    ]
    rows = [
        {
            **{column.name: getattr(message, column.name) for column in _SENT},
            "removed": draft.removed if ALL_APPOINTMENTS in draft.channels else None,
            **asdict(noted.cause),
        }
        for message, (draft, noted) in zip(messages, drafts, strict=True)
    ]
    storing, moving = _STORE
    return messages, [
        replace(storing, values={"messages": json.dumps(rows, default=str)}),
        replace(moving, values={"position": messages[-1].position}),
    ]


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
