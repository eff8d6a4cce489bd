"""Tokens: what signing in gives, how a token is exchanged or proves who calls, and how it is revoked.

A token names a sign-in, and a sign-in is a row: what was revoked is refused at the next look, on every process. What
was looked up is remembered for seconds (remembered_sign_ins.py). Triggers tell through the log of what was revoked:
open sockets close, and nothing of it is remembered any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from dental_sync.core import callers, errors, services
from dental_sync.core.actor import Actor, OwnPatient
from dental_sync.core.ids import array_of, new_id
from dental_sync.core.roles import DENTIST, VISITOR
from dental_sync.core.services import settings
from dental_sync.records import audit, second_factor, signatures
from dental_sync.records.remembered_sign_ins import RememberedSignIns
from dental_sync.storage import keyset, one_call, row_security
from dental_sync.storage.one_call import Statement
from dental_sync.storage.people_models import AuthSession, User

_NEWEST_FIRST = keyset.Keyset(keyset.by_id(AuthSession.id), descending=True)

_SIGNED_IN = Statement("SELECT * FROM signed_in_account(CAST(:sign_in AS uuid))")

# Accounts with what belongs to them, in the columns of `signed_in_account`.
_RECORDS = text("""
    SELECT u.id AS user_id, u.role, u.name, u.email, p.id AS patient_id, d.id AS dentist_id, d.profession,
        patients_of(u.id) AS patients, u.language
    FROM users u LEFT JOIN patients p ON p.user_id = u.id LEFT JOIN dentists d ON d.user_id = u.id
    WHERE u.id = ANY (CAST(:ids AS uuid[]))
""")


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
    """An account, or a visitor without one, as a valid access token proves it, and until when (aware UTC)."""

    actor: Actor
    expires_at: datetime


def issue(session: Session, user: User) -> Tokens:
    """Begin a sign-in of the account, with its first pair of tokens."""
    address, user_agent = callers.current()
    now = datetime.now(UTC)
    sign_in = AuthSession(
        id=new_id(),
        user_id=user.id,
        refresh_id=uuid.uuid4(),
        created_at=now,
        expires_at=_refresh_expiry(now),
        address=address,
        user_agent=user_agent,
    )
    session.add(sign_in)
    session.flush()
    return _tokens(actor_of(session, user, sign_in.id), sign_in)


def issue_to_visitor() -> tuple[str, int]:
    """An access token for somebody without an account, and for how many seconds it is good; no row says that it is."""
    seconds = settings().access_token_seconds
    return signatures.sign_visitor(uuid.uuid4(), seconds=seconds), seconds


def refresh(session: Session, token: str) -> Tokens:
    """Exchange a refresh token for a new pair; it works once, and using it again ends its sign-in.

    Within `REFRESH_REUSE_SECONDS` of its use it gives the same successor again, for the first answer may be lost on the
    way. Raises Unauthorized, TokenExpired or AccountDisabled. The revocation of a reused token's sign-in must be
    committed even so: the caller commits before it lets the refusal through.
    """
    claims = signatures.read(token, "refresh")
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
    now = datetime.now(UTC)
    if now >= sign_in.created_at + timedelta(days=settings().session_days):
        raise errors.Unauthorized("This session has lasted as long as one may; sign in again.")
    if sign_in.refresh_id == claims.token_id:
        sign_in.previous_refresh_id, sign_in.refresh_id = sign_in.refresh_id, uuid.uuid4()
        sign_in.refreshed_at = now
        sign_in.expires_at = _refresh_expiry(sign_in.created_at)
        session.flush()
    elif not _was_just_used(sign_in, claims.token_id, now):
        sign_in.revoked_at = datetime.now(UTC)
        session.flush()
        audit.note_surely(session, actor_of(session, user, sign_in.id), "token-reuse", "user", user.id)
        raise errors.Unauthorized("This refresh token was used before; sign in again.")
    return _tokens(actor_of(session, user, sign_in.id), sign_in)


def _was_just_used(sign_in: AuthSession, token_id: uuid.UUID, now: datetime) -> bool:
    """Whether a refresh token is the one that was used last, a moment ago, and its successor has not been used yet."""
    if sign_in.previous_refresh_id != token_id or sign_in.refreshed_at is None:
        return False
    return now - sign_in.refreshed_at < timedelta(seconds=settings().refresh_reuse_seconds)


def authenticate(session: Session, token: str, *, enrolling: bool = False) -> SignedIn:
    """Who a valid access token belongs to, and go on as that account, or as a visitor.

    Raises Unauthorized, TokenExpired or AccountDisabled, and the session acts as no account then; SecondFactorMissing
    where staff must have a second factor, unless they are about to set it up (`enrolling`). Without a look into the
    database where the process remembers the token: what was revoked elsewhere is refused within a second then.
    """
    # A refused token must not leave the account of the request before in force.
    row_security.become(session, row_security.NOBODY)
    remembered = services.find(current_app, RememberedSignIns)
    if remembered is None:
        return _looked_up(session, token, enrolling=enrolling)
    signed_in: SignedIn | None = remembered.find(token)
    if signed_in is not None and signed_in.expires_at > datetime.now(UTC):
        row_security.become(session, signed_in.actor)
        return signed_in
    generation = remembered.generation
    signed_in = _looked_up(session, token, enrolling=enrolling)
    # Who may be without the second factor that is asked of them proves nothing to the next request.
    has_proved_all = not enrolling or not settings().require_second_factor
    if has_proved_all and not signed_in.actor.is_visitor:
        for proof in (token, str(signed_in.actor.session_id)):
            remembered.keep(proof, signed_in, looked_up_in=generation)
    return signed_in


def _looked_up(session: Session, token: str, *, enrolling: bool) -> SignedIn:
    claims = signatures.read(token, "access")
    if claims.session_id is None:
        visitor = Actor(claims.subject, VISITOR, "", "")
        row_security.become(session, visitor)
        return SignedIn(visitor, claims.expires_at)
    # By itself: a write is stored in a transaction that it shares with others.
    found = one_call.alone(session, _SIGNED_IN, {"sign_in": str(claims.session_id)})
    if not found:
        raise errors.Unauthorized
    [row] = found
    if not row.active:
        raise errors.AccountDisabled
    if row.has_ended:
        raise errors.Unauthorized("This session has ended; sign in again.")
    actor = _actor(row, claims.session_id)
    row_security.become(session, actor)
    if not enrolling and second_factor.is_missing(session, actor):
        raise errors.SecondFactorMissing
    return SignedIn(actor, claims.expires_at)


def remembered_again(remembered: RememberedSignIns[SignedIn], actor: Actor) -> Actor | None:
    """The account behind an open socket, where the process remembers its sign-in with the role that it was opened with;
    None where it must be looked up again."""
    signed_in = remembered.find(str(actor.session_id))
    return signed_in.actor if signed_in is not None and signed_in.actor.role == actor.role else None


def looked_up_again(session: Session, actor: Actor) -> Actor:
    """The account behind an open socket as it is now; raises Unauthorized unless its sign-in still stands, with the
    role that it was opened with. A visitor's stands until the token expires."""
    row_security.become(session, actor)
    if actor.is_visitor:
        return actor
    sign_in = actor.session_id and str(actor.session_id)
    row = next(iter(one_call.execute(session, [_SIGNED_IN], {"sign_in": sign_in})), None)
    if row is None or row.has_ended or not row.active or row.role != actor.role:
        raise errors.Unauthorized("This session has ended; sign in again.")
    return _actor(row, actor.session_id)


def revoke(session: Session, actor: Actor) -> None:
    """End the actor's sign-in; its tokens are refused from the commit on."""
    session.execute(
        update(AuthSession)
        .where(AuthSession.id == actor.session_id, AuthSession.revoked_at.is_(None))
        .values(revoked_at=func.clock_timestamp())
    )


def revoke_all(session: Session, user_id: uuid.UUID, *, besides: uuid.UUID | None = None) -> None:
    """End every sign-in of an account, besides the one given; their tokens are refused from the commit on."""
    ended = update(AuthSession).where(AuthSession.user_id == user_id, AuthSession.revoked_at.is_(None))
    if besides is not None:
        ended = ended.where(AuthSession.id != besides)
    session.execute(ended.values(revoked_at=func.clock_timestamp()))


def page(session: Session, actor: Actor, *, after: str | None, limit: int) -> keyset.Page[AuthSession]:
    """The account's sign-ins that stand, the newest first; raises ValidationFailed for another list's cursor."""
    query = _NEWEST_FIRST.select(select(AuthSession), after=after, limit=limit).where(
        AuthSession.user_id == actor.user_id,
        AuthSession.revoked_at.is_(None),
        AuthSession.expires_at > func.clock_timestamp(),
        AuthSession.created_at > func.clock_timestamp() - timedelta(days=settings().session_days),
    )
    return _NEWEST_FIRST.page(session.scalars(query), limit=limit)


def end(session: Session, actor: Actor, sign_in: uuid.UUID) -> None:
    """End one of the account's own sign-ins; raises NotFound for any other, and for one that has ended."""
    ended = (
        update(AuthSession)
        .where(AuthSession.id == sign_in, AuthSession.user_id == actor.user_id, AuthSession.revoked_at.is_(None))
        .values(revoked_at=func.clock_timestamp())
        .returning(AuthSession.id)
    )
    if session.scalar(ended) is None:
        raise errors.NotFound


def prune(session: Session, *, limit: int) -> int:
    """Delete up to `limit` sign-ins whose refresh token has expired; returns how many."""
    ended = select(AuthSession.id).where(AuthSession.expires_at < func.clock_timestamp()).limit(limit)
    deleted = session.execute(delete(AuthSession).where(AuthSession.id.in_(ended)).returning(AuthSession.id))
    return len(deleted.all())


def actor_of(session: Session, user: User, session_id: uuid.UUID | None = None) -> Actor:
    """The account as rules see it, with the patient's and the dentist's record that belong to it, and its patients."""
    [actor] = actors_of(session, [user], session_id)
    return actor


def actors_of(session: Session, users: Sequence[User], session_id: uuid.UUID | None = None) -> list[Actor]:
    """The same for several accounts, in one query."""
    # What was added in this transaction is asked for too.
    session.flush()
    rows = session.execute(_RECORDS, {"ids": array_of(user.id for user in users)})
    found = {row.user_id: _actor(row, session_id) for row in rows}
    return [found[user.id] for user in users]


def _actor(row: Any, session_id: uuid.UUID | None) -> Actor:
    return Actor(
        row.user_id,
        row.role,
        row.name,
        row.email,
        row.patient_id,
        row.dentist_id,
        session_id,
        row.profession or DENTIST,
        OwnPatient.read(row.patients),
        language=row.language or settings().mail_language,
    )


def _refresh_expiry(began_at: datetime) -> datetime:
    """When a refresh token that is issued now expires: never after the end of its sign-in."""
    ends_at = began_at + timedelta(days=settings().session_days)
    return min(datetime.now(UTC) + timedelta(seconds=settings().refresh_token_seconds), ends_at)


def _tokens(actor: Actor, sign_in: AuthSession) -> Tokens:
    now = datetime.now(UTC)
    left = max(1.0, (sign_in.expires_at - now).total_seconds())
    ends_in = (sign_in.created_at + timedelta(days=settings().session_days) - now).total_seconds()
    seconds = max(1, min(settings().access_token_seconds, int(ends_in)))
    return Tokens(
        actor,
        signatures.sign("access", actor.user_id, sign_in.id, seconds=seconds, token_id=uuid.uuid4()),
        signatures.sign("refresh", actor.user_id, sign_in.id, seconds=left, token_id=sign_in.refresh_id),
        seconds,
    )
