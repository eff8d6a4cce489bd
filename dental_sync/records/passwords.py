"""Passwords: hashed and compared in turn (`core/blocking.py`), while the caller's session holds no connection.

Hashing takes a tenth of a second of a processor and may wait for seconds. A transaction that stayed open meanwhile
would keep its connection from everybody else, and PostgreSQL ends it after five seconds. So both functions end the
caller's transaction first; what was read before must be compared again by who writes.
"""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from dental_sync.core.blocking import run_in_turn

_hasher = PasswordHasher()
# Compared when there is no such account, so that the time of the answer does not tell.
NOBODYS_HASH = _hasher.hash("nobody has this password")


def hash_password(session: Session, password: str) -> str:
    """The Argon2id hash (RFC 9106) to store. Ends the transaction.

    Raises Unavailable when too many hash at once, and RuntimeError when something waits to be written.
    """
    _let_go_of_the_connection(session)
    return run_in_turn(_hasher.hash, password)


def is_right(session: Session, password_hash: str | None, password: str) -> bool:
    """Whether this is the password; None is the hash of an account that does not exist. Ends the transaction.

    Raises Unavailable when too many hash at once, and RuntimeError when something waits to be written.
    """
    _let_go_of_the_connection(session)
    return run_in_turn(_matches, NOBODYS_HASH if password_hash is None else password_hash, password)


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(password_hash)


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
