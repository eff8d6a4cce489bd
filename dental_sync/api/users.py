"""Accounts as admins keep them."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal, Self

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, field_validator, model_validator

from dental_sync.api import openapi, pages
from dental_sync.api.answers import AccountAnswer
from dental_sync.api.invitations import InvitationAnswer
from dental_sync.api.requests import ADMINS, actor, token_auth
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.core.roles import ROLES, Profession, Role, has_profession
from dental_sync.core.wire_types import Changes, Email, Line, Name, Password, Shape, Word
from dental_sync.records import accounts, audit

blueprint = APIBlueprint("users", __name__, tag="Accounts")


class NewUser(Shape):
    """An account of any role; a dentist's may say which profession it is.

    Without a password somebody sets it with the invitation that is answered.
    """

    email: Email
    name: Name
    role: Role
    password: Password | None = None
    profession: Profession | None = None

    @model_validator(mode="after")
    def _has_a_diary(self) -> Self:
        if self.profession is not None and not has_profession(self.role):
            raise ValueError("profession is for the role dentist")
        return self


class UserChanges(Changes):
    """What is to be different about an account."""

    active: bool | None = None
    role: Role | None = None
    password: Password | None = None
    name: Name | None = None
    second_factor: Literal[False] | None = None


class NewAccountAnswer(AccountAnswer):
    """The account, and what is handed over where it has no password yet, shown this once."""

    invitation: InvitationAnswer | None = None


class Search(pages.Page):
    """Which accounts to list; several roles are separated by commas."""

    q: Annotated[Line | None, Field(description="Words, each a part of the name or of the e-mail address.")] = None
    role: Word | None = None

    @field_validator("role")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and not set(value.split(",")) <= set(ROLES):
            raise ValueError("must be one or more of " + ", ".join(ROLES))
        return value


@blueprint.get("/users")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(Search, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[AccountAnswer])
def list_users(wanted: Search) -> Response:
    """List and search accounts, in the order of their ids."""
    roles = wanted.role.split(",") if wanted.role else None
    found = accounts.page(db.session(), roles=roles, **wanted.model_dump(exclude={"role"}))
    items = accounts.users_wire(db.session(), found.rows)
    audit.note_read(db.session(), actor(), "list", "user", [user.id for user in found.rows])
    return pages.respond(items, found.next)


@blueprint.post("/users")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(NewUser, arg_name="wish")
@openapi.answers(NewAccountAnswer, 201, refuses=[errors.EmailTaken, errors.WeakPassword])
def create_user(wish: NewUser) -> tuple[dict[str, Any], int]:
    """Make an account; without a password it is invited, and nobody can sign in before one was set with the code.

    A repeat with the same `Idempotency-Key` answers the account without the code, which is kept nowhere.
    """
    user = accounts.create_user(db.session(), **wish.model_dump())
    invited = {} if wish.password is not None else {"invitation": _invite(user.id)}
    audit.note_and_commit(db.session(), actor(), "create-account", "user", user.id, details={"role": wish.role})
    return {**accounts.user_wire(db.session(), user), **invited}, 201


@blueprint.get("/users/<uuid:user_id>")
@blueprint.auth_required(token_auth, roles=ADMINS)
@openapi.answers(AccountAnswer)
def get_user(user_id: uuid.UUID) -> dict[str, Any]:
    """One account, also when it is switched off."""
    shown = accounts.user_wire(db.session(), accounts.get(db.session(), user_id))
    audit.note_read(db.session(), actor(), "read", "user", user_id)
    return shown


@blueprint.patch("/users/<uuid:user_id>")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(UserChanges, arg_name="wish")
@openapi.answers(AccountAnswer, refuses=[errors.LastAdmin, errors.WeakPassword])
def update_user(user_id: uuid.UUID, wish: UserChanges) -> dict[str, Any]:
    """Deactivate, change the role, set a password, rename; all but the last close the account's sockets."""
    changes = wish.values()
    user = accounts.update_user(db.session(), user_id, changes)
    # What was changed, without the value of a new password.
    audit.note_and_commit(
        db.session(), actor(), "change-account", "user", user.id, details={"columns": sorted(changes)}
    )
    return accounts.user_wire(db.session(), user)


@blueprint.post("/users/<uuid:user_id>/invitation")
@blueprint.auth_required(token_auth, roles=ADMINS)
@openapi.answers(InvitationAnswer, 201, refuses=[errors.NotActive])
def invite_user(user_id: uuid.UUID) -> tuple[dict[str, Any], int]:
    """Let somebody set the password of an account, within seven days, with a code; the account's last one ends."""
    invitation = _invite(user_id)
    audit.note_and_commit(db.session(), actor(), "invite-account", "user", user_id)
    return invitation, 201


def _invite(user_id: uuid.UUID) -> dict[str, Any]:
    return InvitationAnswer.model_validate(accounts.invite(db.session(), user_id)).wire()
