"""One's own account: name, phone, language, the address to sign in with, and a password that was forgotten."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from apiflask import APIBlueprint
from flask import request
from pydantic import Field

from dental_sync.api import openapi
from dental_sync.api.answers import UserAnswer
from dental_sync.api.requests import actor, token_auth
from dental_sync.core import callers, errors
from dental_sync.core.extensions import db
from dental_sync.core.rate_limits import rate_limits
from dental_sync.core.services import settings
from dental_sync.core.wire_types import Changes, Email, GivenPassword, Language, Line, Name, Password, Shape, SignInName
from dental_sync.records import audit, forgotten, own_account, tokens

blueprint = APIBlueprint("own_account", __name__, tag="Accounts")

# An hour, of one account: mails go to whatever address it names.
ADDRESSES = 10

MailedCode = Annotated[Line, Field(examples=["7Q4M-2KXD-9VTA-3HJN"])]


class OwnChanges(Changes):
    """What is to be different about the own account, and the record that belongs to it."""

    clearable: ClassVar[frozenset[str]] = frozenset({"phone"})

    name: Name | None = None
    phone: Line | None = None
    language: Language | None = None


class NewAddress(Shape):
    """The address to sign in with from now on, and the own password."""

    email: Email
    password: GivenPassword


class ConfirmedAddress(Shape):
    """The code that was mailed to the new address."""

    code: MailedCode


class Forgotten(Shape):
    """The address of the account whose password is not known."""

    email: SignInName


class ResetPassword(Shape):
    """The account's address, the code that was mailed or handed over, and the password from now on."""

    email: SignInName
    code: MailedCode
    password: Password


@blueprint.patch("/auth/me")
@blueprint.auth_required(token_auth)
@blueprint.input(OwnChanges, arg_name="wish")
@openapi.answers(UserAnswer)
def change_me(wish: OwnChanges) -> dict[str, Any]:
    """Change my name, my phone or the language in which I am written to.

    A new name reaches the own record and every appointment; the phone is a patient's.
    """
    values = wish.values()
    own_account.change(db.session(), actor(), values)
    audit.note_and_commit(
        db.session(), actor(), "change-account", "user", actor().user_id, details={"columns": sorted(values)}
    )
    return tokens.looked_up_again(db.session(), actor()).wire()


@blueprint.post("/auth/email")
@blueprint.auth_required(token_auth)
@blueprint.input(NewAddress, arg_name="wish")
@openapi.answers(None, 202, refuses=[errors.Forbidden])
def ask_for_address(wish: NewAddress) -> tuple[str, int]:
    """Have a code mailed to another address, to sign in with that from now on; it lives 30 minutes.

    The answer is the same where the address is somebody else's: nothing is mailed then.
    """
    rate_limits().check_hour(ADDRESSES, "own-address", str(actor().user_id))
    own_account.ask_for_address(db.session(), actor(), address=wish.email, password=wish.password)
    return "", 202


@blueprint.post("/auth/email/confirm")
@blueprint.auth_required(token_auth)
@blueprint.input(ConfirmedAddress, arg_name="wish")
@openapi.answers(UserAnswer, refuses=[errors.UnknownCode, errors.EmailTaken])
def confirm_address(wish: ConfirmedAddress) -> dict[str, Any]:
    """Sign in with the new address from now on; the former one gets a mail that says so."""
    own_account.confirm_address(db.session(), actor(), wish.code)
    audit.note_and_commit(db.session(), actor(), "change-address", "user", actor().user_id)
    return tokens.looked_up_again(db.session(), actor()).wire()


@blueprint.post("/auth/forgotten")
@blueprint.input(Forgotten, arg_name="wish")
@openapi.answers(None, 202)
def forgotten_password(wish: Forgotten) -> tuple[str, int]:
    """Have a code mailed with which another password is set; it lives 30 minutes.

    The answer is the same, and takes as long, whether there is such an account or not.
    """
    _count_call("forgotten-from")
    forgotten.ask(db.session(), wish.email)
    return "", 202


@blueprint.post("/auth/reset")
@blueprint.input(ResetPassword, arg_name="wish")
@openapi.answers(None, 204, refuses=[errors.UnknownCode, errors.WeakPassword])
def reset_password(wish: ResetPassword) -> tuple[str, int]:
    """Set a password with a code that was mailed, or handed over as an invitation.

    Every session of the account ends, and nobody is signed in by it: a second factor stays required.
    """
    _count_call("reset-from")
    forgotten.reset(db.session(), **wish.model_dump())
    db.session.commit()
    return "", 204


def _count_call(kind: str) -> None:
    """Nobody has signed in: bounded by the address, as registering is."""
    rate_limits().check(settings().login_limit_per_minute, kind, callers.network(request.remote_addr))
