"""A password that was forgotten, or not set yet: a code sets another one.

Whoever asks is told nothing of whether there is such an account: not by the answer, and not by the time that it takes.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from dental_sync.core import errors, services
from dental_sync.records import account_codes, account_mails, audit, password_checks, passwords, sign_in_pace, tokens
from dental_sync.records.sign_in_pace import SignInPace
from dental_sync.storage import row_security


def ask(session: Session, email: str) -> None:
    """Mail a code to an address, where it is an active account's, at most three an hour; commits."""
    with services.current(SignInPace).evenly():
        row_security.become(session, row_security.SYSTEM)
        found = password_checks.account_of(session, email)
        user = None if found is None else password_checks.locked(session, found)
        wait = account_codes.count_mail(session, email if user is None else user.email)
        if user is not None and user.active and wait is None:
            account_mails.reset(session, user, account_codes.make(session, user.id, "reset"))
            audit.note(session, None, "forgot-password", "user", user.id)
        session.commit()


def reset(session: Session, *, email: str, code: str, password: str) -> None:
    """Set the password of an account with a code, or with its invitation, and end all its sign-ins; the caller commits.

    Raises WeakPassword; UnknownCode, also for an account that is switched off or none; RateLimited when too many
    attempts have failed, and Unavailable when too many sign in at once.
    """
    row_security.become(session, row_security.SYSTEM)
    password_checks.check_is_strong(session, password, email)
    found = password_checks.account_of(session, email)
    key = sign_in_pace.key_of(found, email)
    password_checks.take_a_turn(session, key)
    try:
        account_codes.find(session, found, account_codes.FOR_A_PASSWORD, code)
    except errors.UnknownCode:
        password_checks.failed(key, found)
        raise
    password_hash = passwords.hash_password(session, password)
    # Somebody else may have used it while this password was hashed.
    right = account_codes.find(session, found, account_codes.FOR_A_PASSWORD, code)
    user = password_checks.locked(session, right.user_id)
    if not user.active:
        raise errors.UnknownCode
    account_codes.use_up(session, right)
    user.password_hash = password_hash
    # From whom a code comes back, a mail has reached, or the practice.
    user.email_confirmed_at = user.email_confirmed_at or datetime.now(UTC)
    session.flush()
    tokens.revoke_all(session, user.id)
    audit.note(session, tokens.actor_of(session, user), "reset-password", "user", user.id)
