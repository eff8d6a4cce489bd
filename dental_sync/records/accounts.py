"""Accounts: users, passwords, tokens, and taking them back.

A token names a session (one sign-in), and a session is a row: what was revoked is dead at the next look, on every
process, without anybody being told. Telling (open sockets) goes through the log: triggers note what was revoked.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import jwt.exceptions
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_jwt_extended import create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.blocking import run_blocking
from dental_sync.core.ids import new_id
from dental_sync.core.services import settings
from dental_sync.core.wire_types import to_uuid
from dental_sync.storage import row_security
from dental_sync.storage.models import AuthSession, Dentist, Patient, Practice, User

_SIGNED_IN = text("SELECT * FROM signed_in(CAST(:sign_in AS uuid))")

_hasher = PasswordHasher()
# Checked when there is no such account, so that the time of the answer does not tell.
_NOBODYS_HASH = _hasher.hash("nobody has this password")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A signed-in account: who it is, and the pair of tokens; `expires_in` is the access token's life in seconds."""

    actor: Actor
    access_token: str
    refresh_token: str
    expires_in: int

    def wire(self) -> dict[str, Any]:
        """The contract's answer to register, login and refresh."""
        return {
            "user": self.actor.wire(),
            "accessToken": self.access_token,
            "refreshToken": self.refresh_token,
            "expiresIn": self.expires_in,
        }


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account as a valid access token proves it, and until when (aware UTC)."""

    actor: Actor
    expires_at: datetime


def register(session: Session, *, email: str, password: str, name: str, phone: str | None) -> Tokens:
    """Make a patient's account and sign in; raises EmailTaken."""
    row_security.become(session, row_security.SYSTEM)
    user = _new_user(session, email=email, password=password, name=name, role="patient")
    session.add(Patient(user_id=user.id, name=name, phone=phone, email=email))
    session.flush()
    return _sign_in(session, user)


def login(session: Session, *, email: str, password: str) -> Tokens:
    """Sign in; raises InvalidCredentials, or AccountDisabled to somebody who knows the password."""
    row_security.become(session, row_security.SYSTEM)
    # Found by PostgreSQL, which makes both sides small: Python does it differently with some letters, and finds nobody.
    user = session.scalar(select(User).where(User.id == func.account_of(email)))
    if not _verify(user.password_hash if user else _NOBODYS_HASH, password) or user is None:
        raise errors.InvalidCredentials
    if not user.active:
        raise errors.AccountDisabled
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = run_blocking(_hasher.hash, password)
    return _sign_in(session, user)


def refresh(session: Session, token: str) -> Tokens:
    """Exchange a refresh token for a new pair; it works once, and using it again ends its session.

    Raises Unauthorized, TokenExpired or AccountDisabled. The revocation of a reused token's session must be
    committed even so: the caller commits before it lets the refusal through.
    """
    claims = _claims(token, "refresh")
    row_security.become(session, row_security.SYSTEM)
    found = session.execute(
        select(AuthSession, User)
        .join(User, User.id == AuthSession.user_id)
        .where(AuthSession.id == claims.session_id)
        .with_for_update(of=AuthSession)
    ).one_or_none()
    if found is None or found[0].revoked_at is not None:
        raise errors.Unauthorized
    sign_in, user = found
    if not user.active:
        raise errors.AccountDisabled
    if sign_in.refresh_id != claims.token_id:
        sign_in.revoked_at = datetime.now(UTC)
        raise errors.Unauthorized("This refresh token was used before; sign in again.")
    sign_in.refresh_id = uuid.uuid4()
    sign_in.expires_at = _refresh_expiry()
    session.flush()
    return _tokens(_actor(session, user, sign_in.id), sign_in)


def authenticate(session: Session, token: str) -> SignedIn:
    """Who a valid access token belongs to, and go on as that account.

    Raises Unauthorized, TokenExpired or AccountDisabled, and goes on as nobody then.
    """
    # Whoever the token is refused to must not go on as the account before.
    row_security.become(session, row_security.NOBODY)
    claims = _claims(token, "access")
    row = session.execute(_SIGNED_IN, {"sign_in": claims.session_id}).one_or_none()
    if row is None:
        raise errors.Unauthorized
    if not row.active:
        raise errors.AccountDisabled
    if row.has_ended:
        raise errors.Unauthorized("This session has ended; sign in again.")
    actor = Actor(
        row.user_id, row.role, row.name, row.email, row.patient_id, row.dentist_id, session_id=claims.session_id
    )
    row_security.become(session, actor)
    return SignedIn(actor, claims.expires_at)


def is_still_signed_in(session: Session, actor: Actor) -> bool:
    """Whether the session behind an open socket still stands, with the role that it was opened with."""
    row_security.become(session, actor)
    row = session.execute(
        select(User.role)
        .join(AuthSession, AuthSession.user_id == User.id)
        .where(AuthSession.id == actor.session_id, AuthSession.revoked_at.is_(None), User.active)
    ).one_or_none()
    return row is not None and row.role == actor.role


def logout(session: Session, actor: Actor) -> None:
    """End this session; its tokens are dead with the commit."""
    session.execute(
        update(AuthSession)
        .where(AuthSession.id == actor.session_id, AuthSession.revoked_at.is_(None))
        .values(revoked_at=func.clock_timestamp())
    )


def change_password(session: Session, actor: Actor, *, current: str, new: str) -> None:
    """Set a new password and end all other sessions; raises Forbidden when `current` is wrong."""
    user = session.get_one(User, actor.user_id, with_for_update=True)
    if not _verify(user.password_hash, current):
        raise errors.Forbidden("The current password is wrong.")
    user.password_hash = run_blocking(_hasher.hash, new)
    _end_sessions(session, user.id, besides=actor.session_id)


def create_user(session: Session, *, email: str, password: str, name: str, role: str) -> User:
    """Make an account of any role, with the patient's or dentist's record that belongs to it; raises EmailTaken."""
    user = _new_user(session, email=email, password=password, name=name, role=role)
    _ensure_record(session, user)
    return user


def update_user(session: Session, user_id: uuid.UUID, changes: Mapping[str, Any]) -> User:
    """Change `active`, `role`, `password` or `name`; all but the name end every session of the account.

    Raises NotFound, and LastAdmin when nobody could administer the practice any more.
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
    if before == (True, "admin") and before != (user.active, user.role):
        _check_an_admin_is_left(session)
    if before != (user.active, user.role):
        _ensure_record(session, user)
    if before != (user.active, user.role) or changes.get("password") is not None:
        _end_sessions(session, user.id)
    return user


def prune(session: Session, *, limit: int) -> int:
    """Delete up to `limit` sign-ins whose refresh token has expired; returns how many."""
    ended = select(AuthSession.id).where(AuthSession.expires_at < func.clock_timestamp()).limit(limit)
    deleted = session.execute(delete(AuthSession).where(AuthSession.id.in_(ended)).returning(AuthSession.id))
    return len(deleted.all())


def user_wire(session: Session, user: User) -> dict[str, Any]:
    """An account as admins see it."""
    return {**_actor(session, user, None).wire(), "active": user.active}


def _locked_with_the_admins(session: Session, user_id: uuid.UUID) -> User | None:
    """The account, locked together with every admin's: all in one order, so that two admins who remove each other at
    the same moment take turns instead of each holding what the other needs."""
    concerned = (User.id == user_id) | ((User.role == "admin") & User.active)
    query = select(User).where(concerned).order_by(User.id).with_for_update().execution_options(populate_existing=True)
    return next((user for user in session.scalars(query) if user.id == user_id), None)


def _check_an_admin_is_left(session: Session) -> None:
    if session.scalar(select(User.id).where(User.role == "admin", User.active).limit(1)) is None:
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
    """A patient has a patient's record and a dentist a diary; somebody who is no dentist any more takes no bookings."""
    if user.role == "patient" and session.scalar(select(Patient.id).where(Patient.user_id == user.id)) is None:
        session.add(Patient(user_id=user.id, name=user.name, email=user.email))
    dentist = session.scalar(select(Dentist).where(Dentist.user_id == user.id))
    is_working = user.active and user.role == "dentist"
    if dentist is not None:
        dentist.active = is_working
    elif is_working:
        zone = session.scalars(select(Practice.time_zone)).one()
        session.add(Dentist(user_id=user.id, name=user.name, time_zone=zone))
    session.flush()


def _end_sessions(session: Session, user_id: uuid.UUID, *, besides: uuid.UUID | None = None) -> None:
    ended = update(AuthSession).where(AuthSession.user_id == user_id, AuthSession.revoked_at.is_(None))
    if besides is not None:
        ended = ended.where(AuthSession.id != besides)
    session.execute(ended.values(revoked_at=func.clock_timestamp()))


def _verify(password_hash: str, password: str) -> bool:
    try:
        return run_blocking(_hasher.verify, password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _sign_in(session: Session, user: User) -> Tokens:
    sign_in = AuthSession(id=new_id(), user_id=user.id, refresh_id=uuid.uuid4(), expires_at=_refresh_expiry())
    session.add(sign_in)
    session.flush()
    return _tokens(_actor(session, user, sign_in.id), sign_in)


def _refresh_expiry() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=settings().refresh_token_seconds)


def _actor(session: Session, user: User, session_id: uuid.UUID | None) -> Actor:
    patient_id = session.scalar(select(Patient.id).where(Patient.user_id == user.id))
    dentist_id = session.scalar(select(Dentist.id).where(Dentist.user_id == user.id))
    return Actor(user.id, user.role, user.name, user.email, patient_id, dentist_id, session_id)


def _tokens(actor: Actor, sign_in: AuthSession) -> Tokens:
    claims = {"sid": str(sign_in.id)}
    seconds = settings().access_token_seconds
    return Tokens(
        actor,
        create_access_token(str(actor.user_id), additional_claims=claims, expires_delta=timedelta(seconds=seconds)),
        create_refresh_token(
            str(actor.user_id),
            additional_claims={**claims, "jti": str(sign_in.refresh_id)},
            expires_delta=timedelta(seconds=settings().refresh_token_seconds),
        ),
        seconds,
    )


@dataclass(frozen=True, slots=True)
class _Claims:
    session_id: uuid.UUID
    token_id: uuid.UUID
    expires_at: datetime


def _claims(token: str, kind: Literal["access", "refresh"]) -> _Claims:
    """Read a token of ours; every way of its being wrong is one of two refusals."""
    try:
        claims = decode_token(token)
        if claims["type"] != kind:
            raise errors.Unauthorized(f"This is not a token for {kind}.")
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        return _Claims(to_uuid(claims["sid"]), to_uuid(claims["jti"]), expires_at)
    except jwt.exceptions.ExpiredSignatureError:
        raise errors.TokenExpired from None
    except (jwt.exceptions.PyJWTError, JWTExtendedException, LookupError, ValueError, TypeError, OverflowError):
        raise errors.Unauthorized("The token is not valid.") from None
