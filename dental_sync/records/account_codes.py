"""The codes of accounts: for a forgotten password, for another address, and for the first password of who was invited.

An account has one open code of each kind; a new one replaces it. It works once, and ends with whatever makes it
dangerous to leave open: another password, another address, an account that is switched off (the trigger `end_codes`).
The account's row is always locked before its codes, so that whoever changes either takes turns there.
"""

from __future__ import annotations

import hmac
import unicodedata
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Literal

from sqlalchemy import case, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.services import settings
from dental_sync.records import codes
from dental_sync.storage.people_models import AccountCode, CodeMails, User

Purpose = Literal["reset", "address", "invitation"]

# Of what is mailed; what is handed over is an invitation.
MAILED_VALID = timedelta(minutes=30)
_PAGES = {"reset": "password", "address": "address", "invitation": "password"}
MOST_TRIES = 5
MOST_MAILS, MAILS_WITHIN = 3, timedelta(hours=1)
# With either a password is set.
FOR_A_PASSWORD: Sequence[Purpose] = ("reset", "invitation")


def make(session: Session, user_id: uuid.UUID, purpose: Purpose, *, new_address: str | None = None) -> codes.Handed:
    """Make a code, in the place of the account's last one for the same; the caller has locked the account's row."""
    valid = timedelta(days=settings().invitation_days) if purpose == "invitation" else MAILED_VALID
    handed = codes.make(_PAGES[purpose], datetime.now(UTC) + valid)
    key = (AccountCode.user_id == user_id, AccountCode.purpose == purpose)
    made = {"code_hash": codes.digest(handed.code), "expires_at": handed.expires_at, "wrong_tries": 0}
    # What the statement with the address could wait for is waited for before it is sent: see storage/locks.py.
    session.execute(insert(AccountCode).values(user_id=user_id, purpose=purpose, **made).on_conflict_do_nothing())
    session.execute(select(AccountCode.user_id).where(*key).with_for_update()).one()
    session.execute(
        update(AccountCode).where(*key).values(**made, new_address=new_address),
        execution_options={"synchronize_session": False},
    )
    return handed


def find(session: Session, user_id: uuid.UUID | None, purposes: Sequence[Purpose], code: str) -> AccountCode:
    """The account's open code that this is, locked with its others; the account's row is locked too.

    A wrong try is counted and committed. Raises UnknownCode, also where there is no such account.
    """
    given, right = codes.digest(code), None
    for row in _locked(session, user_id, purposes):
        # An invitation is no part of anybody's mail: if strangers could use up its tries, they would end it.
        may_be_tried = row.purpose == "invitation" or row.wrong_tries < MOST_TRIES
        is_open = may_be_tried and row.expires_at > datetime.now(UTC)
        if hmac.compare_digest(row.code_hash, given) and is_open:
            right = row
    if right is not None:
        return right
    session.execute(
        update(AccountCode)
        .where(AccountCode.user_id == user_id, AccountCode.purpose.in_(purposes), AccountCode.wrong_tries < MOST_TRIES)
        .values(wrong_tries=AccountCode.wrong_tries + 1),
        execution_options={"synchronize_session": False},
    )
    session.commit()
    raise errors.UnknownCode


def use_up(session: Session, code: AccountCode) -> None:
    """Let a code that was found be gone, from the commit on."""
    session.delete(code)
    session.flush()


def count_mail(session: Session, address: str) -> timedelta | None:
    """Count a mail with a code to an address, as the process itself; None where it may be sent, else how long not yet.

    Counted also where the address is nobody's, so that nobody can tell.
    """
    now = datetime.now(UTC)
    is_over = CodeMails.since <= now - MAILS_WITHIN
    first = insert(CodeMails).values(address_digest=_digest(address), since=now, mails=1)
    further = {
        "since": case((is_over, now), else_=CodeMails.since),
        "mails": case((is_over, 1), else_=func.least(CodeMails.mails + 1, MOST_MAILS + 1)),
    }
    counted = first.on_conflict_do_update(index_elements=[CodeMails.address_digest], set_=further)
    since, mails = session.execute(counted.returning(CodeMails.since, CodeMails.mails)).one()
    return None if mails <= MOST_MAILS else since + MAILS_WITHIN - now


def prune(session: Session, *, limit: int) -> int:
    """Delete up to `limit` codes that have expired, and as many counts of mails that are over; returns how many."""
    key = tuple_(AccountCode.user_id, AccountCode.purpose)
    expired = select(AccountCode.user_id, AccountCode.purpose).where(AccountCode.expires_at < func.clock_timestamp())
    over = select(CodeMails.address_digest).where(CodeMails.since < func.clock_timestamp() - MAILS_WITHIN)
    codes_gone = session.execute(
        delete(AccountCode).where(key.in_(expired.limit(limit))).returning(AccountCode.purpose)
    )
    counts = delete(CodeMails).where(CodeMails.address_digest.in_(over.limit(limit)))
    return len(codes_gone.all()) + len(session.execute(counts.returning(CodeMails.since)).all())


def _locked(session: Session, user_id: uuid.UUID | None, purposes: Sequence[Purpose]) -> Sequence[AccountCode]:
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    query = select(AccountCode).where(AccountCode.user_id == user_id, AccountCode.purpose.in_(purposes))
    query = query.order_by(AccountCode.purpose).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).all()


def _digest(address: str) -> bytes:
    """Keyed, so that nobody who reads the table can try addresses."""
    folded = unicodedata.normalize("NFC", address).casefold().encode()
    return blake2b(folded, key=settings().secret_key.encode()[:64], digest_size=16).digest()
