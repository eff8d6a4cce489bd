"""Deleting what is past its retention, in short steps: by the housekeeper's task, and by `dental-sync prune`."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.mail import outbox
from dental_sync.records import account_codes, audit, invitations, merging, past, tokens
from dental_sync.sync import log
from dental_sync.writes import kept_answers, reminding, requests

logger = logging.getLogger(__name__)

# Rows that one step deletes: short transactions, whatever has piled up.
ROWS_AT_ONCE = 5_000


def prune(session: Session, settings: Settings) -> dict[str, int]:
    """Delete all that is past its retention, committing after each step; returns how many of what."""
    days = settings.log_retention_days
    steps: dict[str, Callable[[], int]] = {
        "messages": lambda: log.prune(session, retention_days=days, limit=ROWS_AT_ONCE),
        "write requests": lambda: requests.prune(session, retention_days=days, limit=ROWS_AT_ONCE),
        "kept answers": lambda: kept_answers.prune(session, hours=settings.idempotency_hours, limit=ROWS_AT_ONCE),
        "notes of merges": lambda: merging.prune(session, retention_days=days, limit=ROWS_AT_ONCE),
        "sign-ins": lambda: tokens.prune(session, limit=ROWS_AT_ONCE),
        "mails": lambda: outbox.prune(session, retention_days=settings.mail_retention_days, limit=ROWS_AT_ONCE),
        "reminders": lambda: reminding.prune(session, limit=ROWS_AT_ONCE),
        "codes": lambda: account_codes.prune(session, limit=ROWS_AT_ONCE),
        "invitations": lambda: invitations.prune(session, limit=ROWS_AT_ONCE),
        "appointments": lambda: past.prune_appointments(
            session, retention_days=settings.appointment_retention_days, limit=ROWS_AT_ONCE
        ),
        "absences": lambda: past.prune_absences(
            session, retention_days=settings.absence_retention_days, limit=ROWS_AT_ONCE
        ),
        "audit entries": lambda: _prune_audit(session, settings.audit_retention_days),
    }
    deleted = dict.fromkeys(steps, 0)
    for what, step in steps.items():
        while count := step():
            session.commit()
            deleted[what] += count
    session.commit()
    return deleted


def _prune_audit(session: Session, retention_days: int) -> int:
    if not retention_days:
        return 0
    try:
        return audit.prune(session, retention_days=retention_days, limit=ROWS_AT_ONCE)
    except ProgrammingError as refusal:
        # Until the owner's next migration the database keeps it for as long as it was told then.
        session.rollback()
        logger.warning("AUDIT_RETENTION_DAYS: %s", str(refusal.orig).partition("\n")[0])
        return 0
