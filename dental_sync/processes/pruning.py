"""Deleting what is past its retention, in short steps: by the housekeeper's task, and by `dental-sync prune`."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.records import tokens
from dental_sync.sync import log
from dental_sync.writes import requests

# Rows that one step deletes: short transactions, whatever has piled up.
ROWS_AT_ONCE = 5_000


def prune(session: Session, settings: Settings) -> dict[str, int]:
    """Delete all that is past its retention, committing after each step; returns how many of what."""
    days = settings.log_retention_days
    steps: dict[str, Callable[[], int]] = {
        "messages": lambda: log.prune(session, retention_days=days, limit=ROWS_AT_ONCE),
        "write requests": lambda: requests.prune(session, retention_days=days, limit=ROWS_AT_ONCE),
        "sign-ins": lambda: tokens.prune(session, limit=ROWS_AT_ONCE),
    }
    deleted = dict.fromkeys(steps, 0)
    for what, step in steps.items():
        while count := step():
            session.commit()
            deleted[what] += count
    session.commit()
    return deleted
