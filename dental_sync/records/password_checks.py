"""Asking for the password of an account: in turn, without a connection in hand, and compared again by who writes.

What hashes ends the transaction (`passwords`), so the account's row is locked afterwards, and is refused where another
password was set meanwhile.
"""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dental_sync.core import callers, errors, services
from dental_sync.core.actor import Actor
from dental_sync.records import passwords, refusals, sign_in_pace, weak_passwords
from dental_sync.records.sign_in_pace import SignInPace
from dental_sync.storage import locks, row_security
from dental_sync.storage.models import Practice
from dental_sync.storage.people_models import User


def take_a_turn(session: Session, key: str) -> None:
    """Wait where too many attempts have failed, without a connection in hand."""
    session.commit()
    network = callers.network(callers.current()[0])
    services.current(SignInPace).wait(services.settings().login_limit_per_minute, key, network)


def failed(key: str, account: uuid.UUID | None) -> None:
    """Count and note an attempt that was wrong; ends the transaction, and goes on as the process itself."""
    services.current(SignInPace).failed(key, callers.network(callers.current()[0]))
    refusals.note_failed_sign_in(account)


def compared(session: Session, actor: Actor, password: str) -> str:
    """The hash that this password was compared with; raises Forbidden when it is wrong."""
    compared = session.get_one(User, actor.user_id).password_hash
    key = sign_in_pace.key_of(actor.user_id, "")
    take_a_turn(session, key)
    if not passwords.is_right(session, compared, password):
        failed(key, actor.user_id)
        row_security.become(session, actor)
        raise errors.Forbidden("The current password is wrong.")
    return compared


def locked_unless_replaced(session: Session, actor: Actor, compared: str) -> User:
    """The actor's account, locked; raises Forbidden where another password was set since this one was compared."""
    user = locked(session, actor.user_id)
    if user.password_hash != compared:
        raise errors.Forbidden("The current password is wrong.")
    return user


def check_is_strong(session: Session, password: str, email: str) -> None:
    """Raise WeakPassword for a new password of this address that is tried first."""
    weak_passwords.check(password, email=email, practice=session.scalar(select(Practice.name)))


def locked(session: Session, user_id: uuid.UUID) -> User:
    """The account as it is now, so that it stays so; rows that refer to it may be added meanwhile."""
    query = select(User).where(User.id == user_id).with_for_update(key_share=True)
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def account_of(session: Session, email: str) -> uuid.UUID | None:
    """The account with this address, asked as the process itself; None where there is none."""
    locks.table_to_search(session, User)
    found: uuid.UUID | None = session.scalar(select(func.account_of(email)))
    return found
