"""Passwords: hashed and compared in turn (`core/blocking.py`), while the caller's session holds no connection.

Hashing takes a tenth of a second of a processor and may wait for seconds. A transaction that stayed open meanwhile
would keep its connection from everybody else, and PostgreSQL ends it after five seconds. So both functions end the
caller's transaction first; what was read before must be compared again by who writes.
"""

from __future__ import annotations

import base64
import enum
import os
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from sqlalchemy.orm import Session

from dental_sync.core.blocking import run_in_turn

_hasher = PasswordHasher()

# In the place of a hash: no password was set yet, and none is right.
NONE = "!"


def hash_password(session: Session, password: str) -> str:
    """The Argon2id hash (RFC 9106) to store. Ends the transaction.

    Raises Unavailable when too many hash at once, and RuntimeError when something waits to be written.
    """
    _let_go_of_the_connection(session)
    return run_in_turn(_hasher.hash, _normal(password))


class Match(enum.Enum):
    """What comparing a password has found; AS_TYPED was stored before passwords were normalised."""

    WRONG = "wrong"
    RIGHT = "right"
    AS_TYPED = "as typed"


def is_right(session: Session, password_hash: str | None, password: str) -> bool:
    """Whether this is the password; None is the hash of an account that does not exist. Ends the transaction.

    Raises Unavailable when too many hash at once, and RuntimeError when something waits to be written.
    """
    return compare(session, password_hash, password) is not Match.WRONG


def compare(session: Session, password_hash: str | None, password: str) -> Match:
    """Whether this is the password, like `is_right`, and whether its hash should be made anew from its normal form."""
    _let_go_of_the_connection(session)
    return run_in_turn(_compare, _nobodys_hash() if password_hash in (None, NONE) else password_hash, password)


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(password_hash)


def _nobodys_hash() -> str:
    """What is compared where there is no account, or no password yet, so that the time of the answer does not tell.

    Random bytes, which take as long to compare with as a hash, and no time to make.
    """
    salt, digest = os.urandom(_hasher.salt_len), os.urandom(_hasher.hash_len)
    costs = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${_unpadded(salt)}${_unpadded(digest)}"


def _unpadded(text: bytes) -> str:
    return base64.b64encode(text).rstrip(b"=").decode()


def _normal(password: str) -> str:
    """As RFC 8265 has it: one keyboard types an umlaut as one character, another one as two."""
    return unicodedata.normalize("NFC", password)


def _compare(password_hash: str, password: str) -> Match:
    normal = _normal(password)
    if _matches(password_hash, normal):
        return Match.RIGHT
    return Match.AS_TYPED if normal != password and _matches(password_hash, password) else Match.WRONG


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        # Caught in the thread that hashes: gevent would print what crosses to another one.
        return False


def _let_go_of_the_connection(session: Session) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("a password is hashed before anything is written")
    session.commit()
