"""A commit that waits for its caller: what a function would commit is committed later, together with more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

_HELD = "dental_sync.commit_is_held"


@contextmanager
def held(session: Session) -> Iterator[None]:
    """Within it `commit` only writes to the database; who holds the commit must commit, or roll back."""
    session.info[_HELD] = True
    try:
        yield
    finally:
        del session.info[_HELD]


def commit(session: Session) -> None:
    """Commit, or where that is held write what there is."""
    if session.info.get(_HELD, False):
        session.flush()
    else:
        session.commit()
