"""The second factor of an account: codes of an app (TOTP, RFC 6238), and recovery codes for who has lost it.

A code works once: its time step is remembered, and a recovery code is forgotten when it is used. The secret is stored
as it is, for codes are computed from it; the worker cannot read it. Recovery codes are random, so a plain hash will do.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.services import settings
from dental_sync.storage.models import Practice
from dental_sync.storage.people_models import SecondFactor

RECOVERY_CODES = 10
# Letters and digits that are not taken for one another.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_RECOVERY_LENGTH = 10
_STEP_SECONDS = 30
# A clock may be half a minute wrong, either way.
_STEPS_BESIDE = 1


@dataclass(frozen=True, slots=True)
class Begun:
    """What an app needs: the secret, and the same as an address that an app reads from a picture."""

    secret: str
    uri: str


def is_set(session: Session, user_id: uuid.UUID) -> bool:
    """Whether the account has one that was confirmed."""
    return bool(those_with_one(session, [user_id]))


def is_missing(session: Session, actor: Actor) -> bool:
    """Whether the account has none although it must: with `REQUIRE_SECOND_FACTOR`, whoever works here."""
    return settings().require_second_factor and actor.works_here and not is_set(session, actor.user_id)


def those_with_one(session: Session, user_ids: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
    """The accounts among these that have one that was confirmed."""
    confirmed = SecondFactor.confirmed_at.is_not(None)
    return frozenset(session.scalars(select(SecondFactor.user_id).where(SecondFactor.user_id.in_(user_ids), confirmed)))


def state(session: Session, actor: Actor) -> tuple[datetime | None, int]:
    """Since when the account's counts, None where none does, and how many recovery codes are left."""
    factor = session.get(SecondFactor, actor.user_id)
    return (None, 0) if factor is None else (factor.confirmed_at, len(factor.recovery_hashes))


def begin(session: Session, actor: Actor) -> Begun:
    """Make a secret that counts once it is confirmed, in place of one that was not; raises SecondFactorSet."""
    factor = _locked(session, actor.user_id)
    if factor is not None and factor.confirmed_at is not None:
        raise errors.SecondFactorSet
    secret = pyotp.random_base32()
    if factor is None:
        session.add(SecondFactor(user_id=actor.user_id, secret=secret, last_step=0, recovery_hashes=[]))
    else:
        factor.secret = secret
    session.flush()
    issuer = session.scalar(select(Practice.name)) or "Dental Sync"
    return Begun(secret, pyotp.TOTP(secret).provisioning_uri(name=actor.email, issuer_name=issuer))


def confirm(session: Session, actor: Actor, code: str) -> list[str]:
    """Let it count from now on, and give the recovery codes, which are shown this once.

    Raises SecondFactorSet, and Forbidden for a wrong code or where none was begun.
    """
    factor = _locked(session, actor.user_id)
    if factor is not None and factor.confirmed_at is not None:
        raise errors.SecondFactorSet
    step = None if factor is None else _step_of(factor, _plain(code))
    if factor is None or step is None:
        raise errors.Forbidden("The code is wrong.")
    recovery = ["".join(secrets.choice(_LETTERS) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    factor.confirmed_at = datetime.now(UTC)
    factor.last_step = step
    factor.recovery_hashes = [_hash(code) for code in recovery]
    session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in recovery]


def check(session: Session, user_id: uuid.UUID, code: str | None) -> None:
    """Use up a code of the account; without a second factor any is right.

    Raises SecondFactorRequired without one, and for one that is wrong or was used.
    """
    factor = _locked(session, user_id)
    if factor is None or factor.confirmed_at is None:
        return
    if code is None:
        raise errors.SecondFactorRequired
    given = _plain(code)
    step = _step_of(factor, given)
    if step is not None:
        factor.last_step = step
    elif (used := _hash(given)) in factor.recovery_hashes:
        factor.recovery_hashes = [other for other in factor.recovery_hashes if other != used]
    else:
        raise errors.SecondFactorRequired("The code is wrong, or was used before.")
    session.flush()


def remove(session: Session, user_id: uuid.UUID) -> None:
    """Take it away, if there is one."""
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))


def _locked(session: Session, user_id: uuid.UUID) -> SecondFactor | None:
    query = select(SecondFactor).where(SecondFactor.user_id == user_id).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).one_or_none()


def _step_of(factor: SecondFactor, code: str) -> int | None:
    """The time step of which this is the code, and which is later than the last one that was used."""
    if not re.fullmatch(r"\d{6}", code, re.ASCII):
        return None
    totp, now = pyotp.TOTP(factor.secret), int(_seconds()) // _STEP_SECONDS
    for step in range(now - _STEPS_BESIDE, now + _STEPS_BESIDE + 1):
        if step > factor.last_step and hmac.compare_digest(totp.at(step * _STEP_SECONDS), code):
            return step
    return None


def _seconds() -> float:
    return time.time()


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).upper()


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
