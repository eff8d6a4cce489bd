"""What changes rarely (the practice's rules, its treatments, chairs and people with their hours), read once and kept.

Triggers note in `rule_changes` that something of it has changed, for plain SQL too, and the lane's row says by which
version it was read last. The lane looks at both under its lock, in the transaction that decides (`see`): what it kept
holds only while nothing is noted and the version is the one by which it was kept. It is kept with the connection, so a
connection to another database knows nothing.

Rows are noted instead of a number raised, so nobody who changes hours waits for anybody else who does, and what is
committed late is seen late.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.diary.model import Diary
from dental_sync.queries import rows

_KEY = "dental_sync.remembered"

# The columns of the lane's row that `see` is given.
SEEN = "rules_version, EXISTS (SELECT FROM rule_changes) AS rules_changed"
# What is noted between these two is not deleted by the first, and so is seen the next time.
_RENEW = text("""
    DELETE FROM rule_changes;
    UPDATE lane SET rules_version = gen_random_uuid() RETURNING rules_version
""")


@dataclass(slots=True)
class _Kept:
    """Everything, as it was by a version."""

    version: uuid.UUID
    diary: Diary


def see(session: Session, *, version: uuid.UUID, has_changed: bool) -> None:
    """Say what the lane's row says, for the rest of its transaction; `has_changed`: something is noted."""
    if has_changed:
        version = session.execute(_RENEW).scalar_one()
    session.info[_KEY] = version


def forget(session: Session) -> None:
    """Read everything anew: this transaction is over, or has changed something of it itself."""
    session.info.pop(_KEY, None)


def rules(session: Session, settings: Settings) -> Diary:
    """The diary of the practice with everybody in it and nothing taken: kept where it may be, else read."""
    version = session.info.get(_KEY)
    if version is None:
        return _read(session, settings)
    by_connection = session.connection().info
    kept: _Kept | None = by_connection.get(_KEY)
    if kept is None or kept.version != version:
        kept = by_connection[_KEY] = _Kept(version, _read(session, settings))
    # What decisions change belongs to one batch.
    return dataclasses.replace(kept.diary, appointments={}, holds={}, taken={}, patient_times={}, open_starts={})


def choose(diary: Diary, ids: Collection[uuid.UUID], *, with_assistants: bool) -> None:
    """Leave these people in the diary, and who assists: all, or those among `ids`."""
    diary.dentists = {id_: one for id_, one in diary.dentists.items() if id_ in ids}
    if not with_assistants:
        diary.assistants = {id_: one for id_, one in diary.assistants.items() if id_ in ids}


def _read(session: Session, settings: Settings) -> Diary:
    diary = rows.rules(session, settings)
    rows.add_people(session, diary, None, with_assistants=True)
    return diary
