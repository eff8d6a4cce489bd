"""One's own account: its name, its language, and the address that it signs in with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dental_sync.core import errors, services
from dental_sync.core.actor import Actor
from dental_sync.records import account_codes, account_mails, accounts, audit, password_checks
from dental_sync.records.sign_in_pace import SignInPace
from dental_sync.storage import locks, one_row, row_security
from dental_sync.storage.people_models import AccountCode, Patient, User


def change(session: Session, actor: Actor, values: Mapping[str, Any]) -> None:
    """Change `name`, `phone` or `language`, of the account and of the record that belongs to it.

    Raises ValidationFailed for the phone of who acts as no patient: there is no record that has one.
    """
    record = actor.own_patient_id
    if "phone" in values and record is None:
        wrong: errors.FieldError = {
            "pointer": "/phone",
            "detail": "is kept in a patient's record, and this account has none",
        }
        raise errors.ValidationFailed(errors=[wrong])
    if "name" in values:
        accounts.rename(session, actor.user_id, values["name"])
    if "language" in values:
        one_row.change(session, User, actor.user_id, {"language": values["language"]})
    if record is not None:
        known = {name: value for name, value in values.items() if name != "name"}
        if known:
            one_row.change(session, Patient, record, known)
        audit.note(session, actor, "change", "patient", record, details={"columns": sorted(values)})


def ask_for_address(session: Session, actor: Actor, *, address: str, password: str) -> None:
    """Mail a code to another address, with which it becomes the account's; commits.

    Nothing is mailed to the address of somebody else's account, and the asker is not told: not by the answer, and not
    by the time that it takes. Raises Forbidden for a wrong password, and RateLimited after three mails to the address
    within an hour, or when the password was wrong too often.
    """
    compared = password_checks.compared(session, actor, password)
    with services.current(SignInPace).evenly():
        row_security.become(session, row_security.SYSTEM)
        wait = account_codes.count_mail(session, address)
        whose = password_checks.account_of(session, address)
        row_security.become(session, actor)
        if wait is not None:
            session.rollback()
            raise errors.RateLimited(
                "Three codes were mailed to this address within an hour; try again later.",
                headers={"Retry-After": str(math.ceil(wait.total_seconds()))},
            )
        user = password_checks.locked_unless_replaced(session, actor, compared)
        handed = account_codes.make(session, user.id, "address", new_address=address)
        if whose in (None, user.id):
            account_mails.confirm_address(session, user, address, handed)
        audit.note_and_commit(session, actor, "ask-for-address", "user", user.id)


def confirm_address(session: Session, actor: Actor, code: str) -> None:
    """Let the address to which the code was mailed be the account's, from the commit on; the former one is told.

    It may be the one that the account has, which is confirmed then. The own record has it too, where it had the former
    one. Raises UnknownCode, and EmailTaken where somebody else has
    the address meanwhile: who has the code reads its mail, and may know.
    """
    key = (AccountCode.user_id == actor.user_id, AccountCode.purpose == "address")
    address = session.scalar(select(AccountCode.new_address).where(*key)) or ""
    # Whoever makes an account of this address waits there too, where nobody is named.
    locks.turn(session, "address", address.casefold())
    right = account_codes.find(session, actor.user_id, ("address",), code)
    if right.new_address != address:
        # Another one was asked for at this moment.
        raise errors.UnknownCode
    row_security.become(session, row_security.SYSTEM)
    whose = password_checks.account_of(session, address)
    row_security.become(session, actor)
    if whose not in (None, actor.user_id):
        raise errors.EmailTaken
    locks.tables_to_write(session, User, Patient, AccountCode)
    session.execute(select(Patient.id).where(Patient.user_id == actor.user_id).with_for_update(key_share=True))
    user = password_checks.locked(session, actor.user_id)
    former = user.email
    account_codes.use_up(session, right)
    user.email, user.email_confirmed_at = address, datetime.now(UTC)
    try:
        session.flush()
    except IntegrityError:
        # Two spellings that only PostgreSQL takes for one.
        session.rollback()
        raise errors.EmailTaken from None
    own = update(Patient).where(Patient.user_id == user.id, func.lower(Patient.email) == func.lower(former))
    session.execute(own.values(email=address), execution_options={"synchronize_session": False})
    if whose is None:
        account_mails.address_changed(session, user, former)
