"""That a transaction has given others work, which they are woken for once it was committed (writes/ringing.py)."""

from __future__ import annotations

from sqlalchemy.orm import Session

_HAS_WORK = "dental_sync.has_work"


def there_is_work(session: Session) -> None:
    """Ring after the commit of this transaction, whatever else it writes."""
    session.info[_HAS_WORK] = True


def forget(session: Session) -> bool:
    """Whether there was work; from now on there is none."""
    return bool(session.info.pop(_HAS_WORK, False))
