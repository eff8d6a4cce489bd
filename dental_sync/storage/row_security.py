"""Who acts in a transaction: row-level security (migrations/versions/0006_guard.py) shows the web role what is theirs.

A session that says nothing acts as nobody and sees nothing. What it says holds from there on, in each of its
transactions, and ends with each: nothing is left on a pooled connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session, SessionTransaction

from dental_sync.core.actor import Actor

_KEY = "dental_sync.row_security"

_SAY_WHO_ACTS = text("""
    SELECT set_config('dental_sync.role', :role, true), set_config('dental_sync.user_id', :user_id, true),
        set_config('dental_sync.patient_id', :patient_id, true),
        set_config('dental_sync.patient_ids', :patient_ids, true),
        set_config('dental_sync.dentist_id', :dentist_id, true),
        set_config('dental_sync.assistant_id', :assistant_id, true)
""")


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


def become(session: Session, who: Actor | Identity) -> None:
    """Go on as this account, or as SYSTEM or NOBODY: in the open transaction, and in those to come."""
    identity = _identity(who) if isinstance(who, Actor) else who
    if session.info.get(_KEY, NOBODY) == identity:
        return
    session.info[_KEY] = identity
    if session.in_transaction():
        session.execute(_SAY_WHO_ACTS, _values(identity))


def _identity(actor: Actor) -> Identity:
    return Identity(
        role=actor.acts_as,
        user_id=str(actor.user_id),
        patient_id=str(actor.own_patient_id or ""),
        patient_ids=f"{{{','.join(sorted(map(str, actor.own_patient_ids)))}}}",
        dentist_id=str(actor.own_dentist_id or ""),
        assistant_id=str(actor.own_assistant_id or ""),
    )


def _values(identity: Identity) -> dict[str, Any]:
    return {name: getattr(identity, name) for name in Identity.__slots__}


@event.listens_for(Session, "after_begin")
def _say_who_acts(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    identity = session.info.get(_KEY, NOBODY)
    if identity != NOBODY and not transaction.nested:
        connection.execute(_SAY_WHO_ACTS, _values(identity))
