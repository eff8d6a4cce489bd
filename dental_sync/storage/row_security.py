"""Who acts in a transaction: row-level security (migrations/versions/0006_guard.py) shows the web role what is theirs.

A session that says nothing acts as nobody and sees nothing. What it says holds from there on, in each of its
transactions, and ends with each: nothing is left on a pooled connection. It is sent along with the next statement, in
the same message, which saves each transaction a round trip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, SessionTransaction

from dental_sync.core.actor import Actor
from dental_sync.core.ids import array_of

_KEY = "dental_sync.row_security"

# By connection as it was taken from the pool, and so for one transaction: what its next statement begins with.
_unsaid: WeakKeyDictionary[Connection, str] = WeakKeyDictionary()
# Roles, ids and arrays of ids: nothing that SQL or psycopg2 would take for more.
_PLAIN = re.compile(r"[a-z0-9{},-]*")


@dataclass(frozen=True, slots=True)
class Identity:
    """What the policies ask for; '' is nobody's."""

    role: str = ""
    user_id: str = ""
    patient_id: str = ""
    # As PostgreSQL writes an array.
    patient_ids: str = ""
    dentist_id: str = ""
    assistant_id: str = ""


NOBODY = Identity()
# The process itself: it signs people in, publishes, delivers and replays the log, and says whether all is well.
SYSTEM = Identity(role="system")
# Whoever has no account.
VISITOR = Identity(role="visitor")


def become(session: Session, who: Actor | Identity) -> None:
    """Go on as this account, or as SYSTEM or NOBODY: in the open transaction, and in those to come."""
    identity = _identity(who) if isinstance(who, Actor) else who
    if session.info.get(_KEY, NOBODY) == identity:
        return
    said = _said(identity)
    session.info[_KEY] = identity
    if session.in_transaction():
        _unsaid[session.connection()] = said


def _identity(actor: Actor) -> Identity:
    return Identity(
        role=actor.acts_as,
        user_id=str(actor.user_id),
        patient_id=str(actor.own_patient_id or ""),
        patient_ids=array_of(sorted(actor.own_patient_ids)),
        dentist_id=str(actor.own_dentist_id or ""),
        assistant_id=str(actor.own_assistant_id or ""),
    )


def _said(identity: Identity) -> str:
    settings = []
    for name in Identity.__slots__:
        value = getattr(identity, name)
        if not _PLAIN.fullmatch(value):
            raise ValueError(f"{name} is no plain word")
        settings.append(f"set_config('dental_sync.{name}', '{value}', true)")
    return f"SELECT {', '.join(settings)}"


@event.listens_for(Session, "after_begin")
def _say_who_acts(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    identity = session.info.get(_KEY, NOBODY)
    if identity != NOBODY and not transaction.nested:
        _unsaid[connection] = _said(identity)


@event.listens_for(Engine, "before_cursor_execute", retval=True)
def _say_first(
    connection: Connection, cursor: Any, statement: str, parameters: Any, _context: Any, executemany: bool
) -> tuple[str, Any]:
    said = _unsaid.pop(connection, None)
    if said is None:
        return statement, parameters
    if executemany:
        cursor.execute(said)
        return statement, parameters
    return f"{said}; {statement}", parameters
