"""Sign up, sign in, stay signed in, sign out."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import request

from dental_sync.api import openapi
from dental_sync.api.answers import TokensAnswer, UserAnswer
from dental_sync.api.requests import actor, bearer_token, token_auth
from dental_sync.core import errors
from dental_sync.core.errors import Refusal
from dental_sync.core.extensions import db
from dental_sync.core.rate_limits import rate_limits
from dental_sync.core.services import settings
from dental_sync.core.wire_types import Email, Name, Nothing, Password, Shape, Text
from dental_sync.records import accounts, audit, tokens

blueprint = APIBlueprint("auth", __name__, tag="Accounts")


class Register(Shape):
    """A patient signs up."""

    email: Email
    password: Password
    name: Name
    phone: Text | None = None


class Login(Shape):
    """Sign in; the password's length is not checked here."""

    email: Text
    password: Text


class ChangePassword(Shape):
    """The own password, replaced."""

    current: Text
    new: Password


@blueprint.post("/auth/register")
@blueprint.input(Register, arg_name="wish")
@openapi.answers(TokensAnswer, 201, refuses=[errors.EmailTaken])
def register(wish: Register) -> tuple[dict[str, Any], int]:
    """Make a patient's account."""
    _limit_sign_ins()
    issued = accounts.register(db.session(), email=wish.email, password=wish.password, name=wish.name, phone=wish.phone)
    audit.note_and_commit(db.session(), issued.actor, "register", "user", issued.actor.user_id)
    return issued.wire(), 201


@blueprint.post("/auth/login")
@blueprint.input(Login, arg_name="wish")
@openapi.answers(TokensAnswer, refuses=[errors.InvalidCredentials, errors.AccountDisabled])
def login(wish: Login) -> dict[str, Any]:
    """Sign in."""
    _limit_sign_ins(wish.email.lower())
    issued = accounts.login(db.session(), email=wish.email, password=wish.password)
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
@openapi.answers(None, 204, refuses=[errors.Forbidden])
def change_password(wish: ChangePassword) -> tuple[str, int]:
    """Set a new password, and end every other session."""
    _limit_sign_ins(str(actor().user_id))
    accounts.change_password(db.session(), actor(), current=wish.current, new=wish.new)
    audit.note_and_commit(db.session(), actor(), "change-password", "user", actor().user_id)
    return "", 204


@blueprint.get("/auth/me")
@blueprint.auth_required(token_auth)
@openapi.answers(UserAnswer)
def me() -> dict[str, Any]:
    """Say who I am."""
    return actor().wire()


def _limit_sign_ins(account: str | None = None) -> None:
    """Guessing passwords is slow, from one address and against one account."""
    limit = settings().login_limit_per_minute
    rate_limits().check(limit, "sign-in-from", request.remote_addr or "")
    if account is not None:
        rate_limits().check(limit, "sign-in-to", account)
