"""Accounts: who may sign in, with which password, as what. What signing in gives is in `tokens`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.blocking import run_blocking
from dental_sync.core.ids import new_id
from dental_sync.core.roles import ADMIN, DENTIST, PATIENT
from dental_sync.records import tokens
from dental_sync.storage import keyset, row_security
from dental_sync.storage.models import Dentist, Patient, Practice, User

_BY_ID = keyset.Keyset(keyset.by_id(User.id))

_hasher = PasswordHasher()
# Checked when there is no such account, so that the time of the answer does not tell.
_NOBODYS_HASH = _hasher.hash("nobody has this password")


def register(session: Session, *, email: str, password: str, name: str, phone: str | None) -> tokens.Tokens:
    """Make a patient's account and sign in; raises EmailTaken."""
    row_security.become(session, row_security.SYSTEM)
    user = _new_user(session, email=email, password=password, name=name, role=PATIENT)
    session.add(Patient(user_id=user.id, name=name, phone=phone, email=email))
    session.flush()
    return tokens.issue(session, user)


def login(session: Session, *, email: str, password: str) -> tokens.Tokens:
    """Sign in; raises InvalidCredentials, or AccountDisabled where the password was right."""
    row_security.become(session, row_security.SYSTEM)
    # PostgreSQL lower-cases both sides: Python lower-cases some letters differently and would miss the account.
    user = session.scalar(select(User).where(User.id == func.account_of(email)))
    if not _verify(user.password_hash if user else _NOBODYS_HASH, password) or user is None:
        raise errors.InvalidCredentials
    if not user.active:
        raise errors.AccountDisabled
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = run_blocking(_hasher.hash, password)
    return tokens.issue(session, user)


def change_password(session: Session, actor: Actor, *, current: str, new: str) -> None:
    """Set a new password and end all other sessions; raises Forbidden when `current` is wrong."""
    user = session.get_one(User, actor.user_id, with_for_update=True)
    if not _verify(user.password_hash, current):
        raise errors.Forbidden("The current password is wrong.")
    user.password_hash = run_blocking(_hasher.hash, new)
    tokens.revoke_all(session, user.id, besides=actor.session_id)


def create_user(session: Session, *, email: str, password: str, name: str, role: str) -> User:
    """Make an account of any role, with the patient's or dentist's record that belongs to it; raises EmailTaken."""
    user = _new_user(session, email=email, password=password, name=name, role=role)
    _ensure_record(session, user)
    return user


def update_user(session: Session, user_id: uuid.UUID, changes: Mapping[str, Any]) -> User:
    """Change `active`, `role`, `password` or `name`; all but the name end every session of the account.

    Raises NotFound, and LastAdmin when no admin would be left.
    """
    user = _locked_with_the_admins(session, user_id)
    if user is None:
        raise errors.NotFound
    before = (user.active, user.role)
    if changes.get("name") is not None:
        user.name = changes["name"]
        for record in (Patient, Dentist):
            session.execute(update(record).where(record.user_id == user.id).values(name=user.name))
    if changes.get("active") is not None:
        user.active = changes["active"]
    if changes.get("role") is not None:
        user.role = changes["role"]
    if changes.get("password") is not None:
        user.password_hash = run_blocking(_hasher.hash, changes["password"])
    session.flush()
    if before == (True, ADMIN) and before != (user.active, user.role):
        _check_an_admin_is_left(session)
    if before != (user.active, user.role):
        _ensure_record(session, user)
    if before != (user.active, user.role) or changes.get("password") is not None:
        tokens.revoke_all(session, user.id)
    return user


def page(session: Session, *, after: str | None, limit: int) -> keyset.Page[User]:
    """The accounts, in the order of their ids; raises ValidationFailed for another list's cursor."""
    return _BY_ID.page(session.scalars(_BY_ID.select(select(User), after=after, limit=limit)), limit=limit)


def user_wire(session: Session, user: User) -> dict[str, Any]:
    """An account as admins see it."""
    return {**tokens.actor_of(session, user).wire(), "active": user.active}


def _locked_with_the_admins(session: Session, user_id: uuid.UUID) -> User | None:
    """The account, locked together with every admin's: all in one order, so that two admins who remove each other at
    the same moment take turns instead of each holding what the other needs."""
    concerned = (User.id == user_id) | ((User.role == ADMIN) & User.active)
    query = select(User).where(concerned).order_by(User.id).with_for_update().execution_options(populate_existing=True)
    return next((user for user in session.scalars(query) if user.id == user_id), None)


def _check_an_admin_is_left(session: Session) -> None:
    if session.scalar(select(User.id).where(User.role == ADMIN, User.active).limit(1)) is None:
        raise errors.LastAdmin


def _new_user(session: Session, *, email: str, password: str, name: str, role: str) -> User:
    password_hash = run_blocking(_hasher.hash, password)
    user = User(id=new_id(), email=email, name=name, role=role, password_hash=password_hash, active=True)
    session.add(user)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise errors.EmailTaken from None
    return user


def _ensure_record(session: Session, user: User) -> None:
    """Make a patient's record for a patient and a diary for a dentist; a former dentist takes no bookings."""
    if user.role == PATIENT and session.scalar(select(Patient.id).where(Patient.user_id == user.id)) is None:
        session.add(Patient(user_id=user.id, name=user.name, email=user.email))
    dentist = session.scalar(select(Dentist).where(Dentist.user_id == user.id))
    is_working = user.active and user.role == DENTIST
    if dentist is not None:
        dentist.active = is_working
    elif is_working:
        zone = session.scalars(select(Practice.time_zone)).one()
        session.add(Dentist(user_id=user.id, name=user.name, time_zone=zone))
    session.flush()


def _verify(password_hash: str, password: str) -> bool:
    try:
        return run_blocking(_hasher.verify, password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
