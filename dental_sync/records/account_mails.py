"""What accounts are mailed: the codes that they asked for or are invited with, and that their address was changed.

Made in the transaction of the caller, and only where `MAIL_URL` is set.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.mail import outbox
from dental_sync.records import account_codes, codes
from dental_sync.storage.people_models import User

_A_MINUTE = timedelta(minutes=1)


def reset(session: Session, user: User, handed: codes.Handed) -> None:
    """The code with which a forgotten password is replaced, to the account's address."""
    _code(session, "reset-code", user, handed, to=user.email)


def confirm_address(session: Session, user: User, address: str, handed: codes.Handed) -> None:
    """The code with which an address becomes the account's, to that address."""
    _code(session, "address-code", user, handed, to=address)


def address_changed(session: Session, user: User, former: str) -> None:
    """That somebody signs in with another address from now on, to the one before."""
    outbox.put(session, "address-changed", former, {}, language=user.language)


def invited(session: Session, user: User, handed: codes.Handed) -> None:
    """The code with which an account gets its password, to the account's address."""
    outbox.put(session, "staff-invitation", user.email, _handed(handed), language=user.language)


def invited_as_patient(session: Session, address: str, language: str | None, handed: codes.Handed) -> None:
    """The code that joins an account to the record of the patient who has this address."""
    outbox.put(session, "invitation", address, _handed(handed), language=language)


def _handed(handed: codes.Handed) -> dict[str, str | None]:
    return {"code": handed.code, "url": handed.url, "expiresAt": format_instant(handed.expires_at)}


def _code(session: Session, kind: outbox.Kind, user: User, handed: codes.Handed, *, to: str) -> None:
    """Not sent any more once it has expired."""
    valid = account_codes.MAILED_VALID
    facts = {"code": handed.code, "url": handed.url, "minutes": valid // _A_MINUTE}
    outbox.put(session, kind, to, facts, language=user.language, valid=valid)
