"""Sign up, sign in, stay signed in, sign out."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field

from dental_sync.api import openapi, pages
from dental_sync.api.answers import TokensAnswer, UserAnswer
from dental_sync.api.invitations import count_try
from dental_sync.api.requests import WORKING_HERE, actor, bearer_token, token_auth
from dental_sync.core import callers, errors
from dental_sync.core.errors import Refusal
from dental_sync.core.extensions import db
from dental_sync.core.rate_limits import rate_limits
from dental_sync.core.services import settings
from dental_sync.core.wire_types import (
    Answer,
    Email,
    GivenPassword,
    Id,
    Instant,
    Line,
    Name,
    Nothing,
    Password,
    Shape,
    SignInName,
)
from dental_sync.records import accounts, audit, second_factor, tokens

blueprint = APIBlueprint("auth", __name__, tag="Accounts")


# Of the second factor's app, or a recovery code.
Code = Annotated[Line, Field(examples=["123456"])]


class Register(Shape):
    """A patient signs up."""

    email: Email
    password: Password
    name: Name
    phone: Line | None = None
    # A code that the practice handed over: the account is joined to the record that is there.
    invitation: Line | None = None


class Login(Shape):
    """Sign in; the password's length is not checked here."""

    email: SignInName
    password: GivenPassword
    code: Code | None = None


class SignInAnswer(Answer):
    """A sign-in of the own account: since when, when its tokens were last renewed, until when, and from where."""

    id: Id
    created_at: Instant
    refreshed_at: Instant | None = None
    expires_at: Instant
    current: bool
    address: Annotated[str, Field(examples=["203.0.113.7"])] | None = None
    user_agent: Annotated[str, Field(examples=["Mozilla/5.0"])] | None = None


class NewSecondFactor(Shape):
    """The own password, and a code of the app once it has the secret."""

    password: GivenPassword
    code: Code | None = None


class RemovedSecondFactor(Shape):
    """The own password, and a code of the app or a recovery code."""

    password: GivenPassword
    code: Code


class SecondFactorAnswer(Answer):
    """First what an app needs, then the recovery codes, each shown once."""

    secret: Annotated[str, Field(examples=["JBSWY3DPEHPK3PXP"])] | None = None
    uri: (
        Annotated[str, Field(examples=["otpauth://totp/Practice:anna%40example.test?secret=JBSWY3DPEHPK3PXP"])] | None
    ) = None
    recovery_codes: list[str] | None = None


class SecondFactorState(Answer):
    """Since when it is asked for, absent where there is none, and how many recovery codes were not used yet."""

    since: Instant | None = None
    recovery_codes_left: Annotated[int, Field(examples=[10])]


class ChangePassword(Shape):
    """The own password, replaced."""

    current: GivenPassword
    new: Password


@blueprint.post("/auth/register")
@blueprint.input(Register, arg_name="wish")
@openapi.answers(
    TokensAnswer,
    201,
    refuses=[
        errors.RegistrationClosed,
        errors.EmailTaken,
        errors.WeakPassword,
        errors.UnknownInvitation,
        errors.AlreadyJoined,
    ],
)
def register(wish: Register) -> tuple[dict[str, Any], int]:
    """Make a patient's account."""
    network = callers.network(request.remote_addr)
    rate_limits().check(settings().login_limit_per_minute, "register-from", network)
    if wish.invitation is not None:
        count_try()
    issued = accounts.register(db.session(), **wish.model_dump())
    audit.note_and_commit(db.session(), issued.actor, "register", "user", issued.actor.user_id)
    return issued.wire(), 201


@blueprint.post("/auth/login")
@blueprint.input(Login, arg_name="wish")
@openapi.answers(TokensAnswer, refuses=[errors.InvalidCredentials, errors.AccountDisabled, errors.SecondFactorRequired])
def login(wish: Login) -> dict[str, Any]:
    """Sign in."""
    issued = accounts.login(db.session(), email=wish.email, password=wish.password, code=wish.code)
    audit.note_surely(db.session(), issued.actor, "login", "user", issued.actor.user_id)
    db.session.commit()
    return issued.wire()


@blueprint.post("/auth/refresh")
@blueprint.input(Nothing, arg_name="_wish")
@openapi.answers(TokensAnswer, refuses=[errors.Unauthorized, errors.TokenExpired, errors.AccountDisabled])
def refresh(_wish: Nothing) -> dict[str, Any]:
    """Exchange the refresh token, sent as bearer, for a new pair."""
    try:
        issued = tokens.refresh(db.session(), bearer_token())
    except Refusal:
        # A token that was used twice has ended its session: that must stay.
        db.session.commit()
        raise
    db.session.commit()
    return issued.wire()


@blueprint.post("/auth/logout")
@blueprint.auth_required(token_auth)
@blueprint.input(Nothing, arg_name="_wish")
@openapi.answers(None, 204)
def logout(_wish: Nothing) -> tuple[str, int]:
    """End this session."""
    tokens.revoke(db.session(), actor())
    audit.note_and_commit(db.session(), actor(), "logout", "user", actor().user_id)
    return "", 204


@blueprint.post("/auth/password")
@blueprint.auth_required(token_auth)
@blueprint.input(ChangePassword, arg_name="wish")
@openapi.answers(None, 204, refuses=[errors.Forbidden, errors.WeakPassword])
def change_password(wish: ChangePassword) -> tuple[str, int]:
    """Set a new password, and end every other session."""
    accounts.change_password(db.session(), actor(), current=wish.current, new=wish.new)
    audit.note_and_commit(db.session(), actor(), "change-password", "user", actor().user_id)
    return "", 204


@blueprint.post("/auth/second-factor")
@blueprint.auth_required(token_auth, roles=WORKING_HERE)
@blueprint.input(NewSecondFactor, arg_name="wish")
@openapi.answers(SecondFactorAnswer, refuses=[errors.SecondFactorSet])
def set_second_factor(wish: NewSecondFactor) -> dict[str, Any]:
    """Set up a second factor: without `code` get a secret for an app, with a code of it let it count.

    The second call answers ten recovery codes, which are shown this once, and ends all other sessions.
    """
    if wish.code is None:
        begun = accounts.begin_second_factor(db.session(), actor(), password=wish.password)
        db.session.commit()
        return SecondFactorAnswer(secret=begun.secret, uri=begun.uri).wire()
    recovery = accounts.confirm_second_factor(db.session(), actor(), password=wish.password, code=wish.code)
    audit.note_and_commit(db.session(), actor(), "set-second-factor", "user", actor().user_id)
    return SecondFactorAnswer(recovery_codes=recovery).wire()


@blueprint.get("/auth/second-factor")
@blueprint.auth_required(token_auth, roles=WORKING_HERE)
@openapi.answers(SecondFactorState)
def get_second_factor() -> dict[str, Any]:
    """Since when I have a second factor, if I have one, and how many recovery codes are left."""
    since, left = second_factor.state(db.session(), actor())
    return SecondFactorState(since=since, recovery_codes_left=left).wire()


@blueprint.delete("/auth/second-factor")
@blueprint.auth_required(token_auth)
@blueprint.input(RemovedSecondFactor, arg_name="wish")
@openapi.answers(None, 204, refuses=[errors.Forbidden])
def remove_second_factor(wish: RemovedSecondFactor) -> tuple[str, int]:
    """Take the own second factor away."""
    accounts.remove_second_factor(db.session(), actor(), password=wish.password, code=wish.code)
    audit.note_and_commit(db.session(), actor(), "remove-second-factor", "user", actor().user_id)
    return "", 204


@blueprint.get("/auth/sessions")
@blueprint.auth_required(token_auth)
@blueprint.input(pages.Page, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[SignInAnswer])
def list_sessions(wanted: pages.Page) -> Response:
    """List my sessions that have not ended, the newest first; `current` is the one that asks."""
    found = tokens.page(db.session(), actor(), after=wanted.after, limit=wanted.limit)
    items = [
        SignInAnswer(
            id=row.id,
            created_at=row.created_at,
            refreshed_at=row.refreshed_at,
            expires_at=row.expires_at,
            current=row.id == actor().session_id,
            address=row.address,
            user_agent=row.user_agent,
        ).wire()
        for row in found.rows
    ]
    return pages.respond(items, found.next)


@blueprint.delete("/auth/sessions")
@blueprint.auth_required(token_auth)
@openapi.answers(None, 204)
def end_other_sessions() -> tuple[str, int]:
    """End all my sessions but this one: their tokens are dead at once, their sockets closed."""
    tokens.revoke_all(db.session(), actor().user_id, besides=actor().session_id)
    audit.note_and_commit(db.session(), actor(), "end-sessions", "user", actor().user_id)
    return "", 204


@blueprint.delete("/auth/sessions/<uuid:session_id>")
@blueprint.auth_required(token_auth)
@openapi.answers(None, 204)
def end_session(session_id: uuid.UUID) -> tuple[str, int]:
    """End one of my sessions, this one too: its tokens are dead at once, its sockets closed."""
    tokens.end(db.session(), actor(), session_id)
    audit.note_and_commit(db.session(), actor(), "end-session", "user", actor().user_id)
    return "", 204


@blueprint.get("/auth/me")
@blueprint.auth_required(token_auth)
@openapi.answers(UserAnswer)
def me() -> dict[str, Any]:
    """Say who I am."""
    return actor().wire()
