"""Accounts: who may sign in, with which password, as what. What signing in gives is in `tokens`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.ids import new_id
from dental_sync.core.roles import ADMIN, DENTIST, PATIENT
from dental_sync.records import (
    account_codes,
    account_mails,
    codes,
    invitations,
    password_checks,
    passwords,
    second_factor,
    sign_in_pace,
    tokens,
)
from dental_sync.storage import keyset, locks, one_row, row_security
from dental_sync.storage.models import Dentist, Practice
from dental_sync.storage.people_models import Patient, User

_BY_ID = keyset.Keyset(keyset.by_id(User.id))


def register(
    session: Session, *, email: str, password: str, name: str, phone: str | None, invitation: str | None = None
) -> tokens.Tokens:
    """Make a patient's account and sign in; with an invitation it is joined to the record that is there.

    Raises RegistrationClosed, EmailTaken, UnknownInvitation, AlreadyJoined, and Unavailable when too many sign in at
    once.
    """
    row_security.become(session, row_security.SYSTEM)
    if invitation is None and session.scalar(select(Practice.new_patients)) == "closed":
        raise errors.RegistrationClosed
    user = _new_user(session, email=email, password=password, name=name, role=PATIENT, is_vouched_for=False)
    if invitation is not None:
        invitations.accept(session, user.id, invitation)
        session.refresh(user)
        if phone is not None:
            _add_phone(session, user, phone)
    # Whoever was invited as a guardian has a record too, and may come as a patient.
    if session.scalar(select(Patient.id).where(Patient.user_id == user.id)) is None:
        session.add(Patient(user_id=user.id, name=name, phone=phone, email=email))
        session.flush()
    return tokens.issue(session, user)


def _add_phone(session: Session, user: User, phone: str) -> None:
    """Let the record that was joined have the number that was typed, where the practice knows none."""
    row_security.become(session, tokens.actor_of(session, user))
    locks.tables_to_write(session, Patient)
    own = update(Patient).where(Patient.user_id == user.id, Patient.phone.is_(None)).values(phone=phone)
    session.execute(own, execution_options={"synchronize_session": False})
    row_security.become(session, row_security.SYSTEM)


def login(session: Session, *, email: str, password: str, code: str | None = None) -> tokens.Tokens:
    """Sign in; an account with a second factor needs a code of it too.

    Raises InvalidCredentials; where the password was right, AccountDisabled or SecondFactorRequired; RateLimited when
    too many attempts have failed, and Unavailable when too many sign in at once.
    """
    row_security.become(session, row_security.SYSTEM)
    locks.table_to_search(session, User)
    user = with_address(session, email)
    compared = user.password_hash if user is not None else None
    key = sign_in_pace.key_of(None if user is None else user.id, email)
    password_checks.take_a_turn(session, key)
    match = passwords.compare(session, compared, password)
    if match is passwords.Match.WRONG or user is None or compared is None:
        password_checks.failed(key, None if user is None else user.id)
        raise errors.InvalidCredentials
    is_to_be_renewed = match is passwords.Match.AS_TYPED or passwords.is_outdated(compared)
    renewed = passwords.hash_password(session, password) if is_to_be_renewed else None
    user = password_checks.locked(session, user.id)
    if user.password_hash != compared:
        # Another one was set while this one was compared.
        raise errors.InvalidCredentials
    if not user.active:
        raise errors.AccountDisabled
    try:
        second_factor.check(session, user.id, code)
    except errors.SecondFactorRequired:
        if code is not None:
            password_checks.failed(key, user.id)
        raise
    if renewed is not None:
        user.password_hash = renewed
    return tokens.issue(session, user)


def change_password(session: Session, actor: Actor, *, current: str, new: str) -> None:
    """Set a new password and end all other sessions.

    Raises WeakPassword, Forbidden when `current` is wrong, or was replaced meanwhile, RateLimited when it was wrong too
    often, and Unavailable when too many sign in at once.
    """
    password_checks.check_is_strong(session, new, actor.email)
    compared = password_checks.compared(session, actor, current)
    replacement = passwords.hash_password(session, new)
    password_checks.locked_unless_replaced(session, actor, compared).password_hash = replacement
    tokens.revoke_all(session, actor.user_id, besides=actor.session_id)


def begin_second_factor(session: Session, actor: Actor, *, password: str) -> second_factor.Begun:
    """Make a secret for the account's app; raises SecondFactorSet, and for a wrong password as `change_password`."""
    password_checks.locked_unless_replaced(session, actor, password_checks.compared(session, actor, password))
    return second_factor.begin(session, actor)


def confirm_second_factor(session: Session, actor: Actor, *, password: str, code: str) -> list[str]:
    """Let it count, end all other sessions, and give the recovery codes; raises as `begin_second_factor`, and
    Forbidden for a wrong code."""
    password_checks.locked_unless_replaced(session, actor, password_checks.compared(session, actor, password))
    try:
        recovery = second_factor.confirm(session, actor, code)
    except errors.Forbidden:
        password_checks.failed(sign_in_pace.key_of(actor.user_id, ""), actor.user_id)
        raise
    tokens.revoke_all(session, actor.user_id, besides=actor.session_id)
    return recovery


def remove_second_factor(session: Session, actor: Actor, *, password: str, code: str) -> None:
    """Take it away; raises Forbidden for a wrong password or code."""
    password_checks.locked_unless_replaced(session, actor, password_checks.compared(session, actor, password))
    try:
        second_factor.check(session, actor.user_id, code)
    except errors.SecondFactorRequired:
        password_checks.failed(sign_in_pace.key_of(actor.user_id, ""), actor.user_id)
        raise errors.Forbidden("The code is wrong, or was used before.") from None
    second_factor.remove(session, actor.user_id)


def create_user(
    session: Session, *, email: str, password: str | None, name: str, role: str, profession: str | None = None
) -> User:
    """Make an account of any role, with the patient's or dentist's record that belongs to it; raises EmailTaken.

    The practice knows whose account it is, and whose address. Without a password nobody can sign in before one is set
    with a code: see `invite`.
    """
    user = _new_user(session, email=email, password=password, name=name, role=role, is_vouched_for=True)
    _ensure_record(session, user, profession or DENTIST)
    return user


def invite(session: Session, user_id: uuid.UUID) -> codes.Handed:
    """A code with which somebody sets the account's password within seven days, in place of the last one; it is mailed
    to the account's address too.

    Raises NotFound, and NotActive.
    """
    if session.get(User, user_id) is None:
        raise errors.NotFound
    user = password_checks.locked(session, user_id)
    if not user.active:
        raise errors.NotActive
    handed = account_codes.make(session, user_id, "invitation")
    account_mails.invited(session, user, handed)
    return handed


def rename(session: Session, user_id: uuid.UUID, name: str) -> None:
    """Give an account another name, and the records that belong to it, and so every appointment."""
    locks.what_a_name_reaches(session, account=user_id)
    for table, account in ((User, User.id), (Patient, Patient.user_id), (Dentist, Dentist.user_id)):
        session.execute(update(table).where(account == user_id).values(name=name))


def update_user(session: Session, user_id: uuid.UUID, changes: Mapping[str, Any]) -> User:
    """Change `active`, `role`, `password` or `name`, or take away the second factor; all but the name end every session
    of the account.

    Raises NotFound, LastAdmin when no admin would be left, and Unavailable when too many sign in at once.
    """
    new_password = changes.get("password")
    if new_password is not None:
        named = session.get(User, user_id)
        password_checks.check_is_strong(session, new_password, "" if named is None else named.email)
    password_hash = None if new_password is None else passwords.hash_password(session, new_password)
    user = _locked_with_the_admins(session, user_id)
    if user is None:
        raise errors.NotFound
    before = (user.active, user.role)
    if changes.get("name") is not None:
        rename(session, user.id, changes["name"])
    if changes.get("active") is not None:
        user.active = changes["active"]
    if changes.get("role") is not None:
        user.role = changes["role"]
    if password_hash is not None:
        user.password_hash = password_hash
    session.flush()
    if before == (True, ADMIN) and before != (user.active, user.role):
        _check_an_admin_is_left(session)
    if before != (user.active, user.role):
        _ensure_record(session, user)
    loses_factor = changes.get("second_factor") is False
    if loses_factor:
        second_factor.remove(session, user.id)
    if before != (user.active, user.role) or password_hash is not None or loses_factor:
        tokens.revoke_all(session, user.id)
    return user


def page(
    session: Session, *, q: str | None, roles: Sequence[str] | None, after: str | None, limit: int
) -> keyset.Page[User]:
    """The accounts of some roles in the name or address of which each word of `q` is, in the order of their ids.

    Raises ValidationFailed for another list's cursor.
    """
    query = _BY_ID.select(select(User), after=after, limit=limit)
    if q:
        # It holds what somebody typed.
        locks.table_to_search(session, User)
        query = query.where(User.id.in_(select(func.accounts_found(q))))
    if roles is not None:
        query = query.where(User.role.in_(roles))
    return _BY_ID.page(session.scalars(query), limit=limit)


def get(session: Session, user_id: uuid.UUID) -> User:
    """One account; raises NotFound."""
    return one_row.get(session, User, user_id)


def admins(session: Session) -> list[User]:
    """The accounts that administer the practice, in the order of their addresses; those that are switched off too."""
    return list(session.scalars(select(User).where(User.role == ADMIN).order_by(func.lower(User.email))))


def with_address(session: Session, email: str) -> User | None:
    """The account with this address; None where there is none.

    PostgreSQL lower-cases both sides: Python lower-cases some letters differently and would miss the account.
    """
    return session.scalar(select(User).where(User.id == func.account_of(email)))


def user_wire(session: Session, user: User) -> dict[str, Any]:
    """An account as admins see it."""
    [wire] = users_wire(session, [user])
    return wire


def users_wire(session: Session, users: Sequence[User]) -> list[dict[str, Any]]:
    """Several accounts as admins see them, with two queries for all."""
    with_factor = second_factor.those_with_one(session, [user.id for user in users])
    return [
        {**actor.wire(), "active": user.active, "secondFactor": user.id in with_factor}
        for user, actor in zip(users, tokens.actors_of(session, users), strict=True)
    ]


def _locked_with_the_admins(session: Session, user_id: uuid.UUID) -> User | None:
    """The account, locked together with every admin's: all in one order, so that two admins who remove each other at
    the same moment take turns instead of each holding what the other needs."""
    concerned = (User.id == user_id) | ((User.role == ADMIN) & User.active)
    query = select(User).where(concerned).order_by(User.id).with_for_update().execution_options(populate_existing=True)
    return next((user for user in session.scalars(query) if user.id == user_id), None)


def _check_an_admin_is_left(session: Session) -> None:
    if session.scalar(select(User.id).where(User.role == ADMIN, User.active).limit(1)) is None:
        raise errors.LastAdmin


def _new_user(
    session: Session, *, email: str, password: str | None, name: str, role: str, is_vouched_for: bool
) -> User:
    password_hash = passwords.NONE
    if password is not None:
        password_checks.check_is_strong(session, password, email)
        password_hash = passwords.hash_password(session, password)
    # The insert says who it is: it must not wait for another one of the same address, and must not fail, for PostgreSQL
    # writes a statement that does into its log. So who comes second waits here, where nobody is named.
    locks.turn(session, "address", email.casefold())
    locks.tables_to_write(session, User, Patient, Dentist)
    known_since = datetime.now(UTC) if is_vouched_for else None
    facts = {"id": new_id(), "email": email, "name": name, "role": role, "password_hash": password_hash, "active": True}
    facts |= {"email_confirmed_at": known_since, "vouched_at": known_since}
    made = session.scalar(insert(User).values(facts).on_conflict_do_nothing().returning(User.id))
    if made is None:
        session.rollback()
        raise errors.EmailTaken
    return session.get_one(User, made)


def _ensure_record(session: Session, user: User, profession: str = DENTIST) -> None:
    """Make a patient's record for a patient and a diary for a dentist; a former dentist takes no bookings.

    A diary that is there already keeps its profession.
    """
    if user.role == PATIENT and session.scalar(select(Patient.id).where(Patient.user_id == user.id)) is None:
        session.add(Patient(user_id=user.id, name=user.name, email=user.email))
    dentist = session.scalar(select(Dentist).where(Dentist.user_id == user.id))
    is_working = user.active and user.role == DENTIST
    if dentist is not None:
        dentist.active = is_working
    elif is_working:
        # Without a zone of their own: the database fills in the practice's, which may change at this moment.
        session.add(Dentist(user_id=user.id, name=user.name, time_zone=null(), profession=profession))
    session.flush()
