"""Appointments as a table, for another program or a spreadsheet: all that are in the practice's lists, by start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from dental_sync.records import csv_text

COLUMNS = (
    *("id", "status", "startsAt", "endsAt", "patientId", "patientName", "dentistName", "assistantName"),
    *("treatments", "chair", "reason", "confirmation", "createdAt", "cancelledAt", "cancelledBy", "cancelReason"),
)

# What was entered in error is gone for everybody, and clinical notes are read one by one.
_ALL = text("""
    SELECT a.id, a.status, a.starts_at, a.ends_at, a.patient_id, a.patient_name, a.dentist_name, a.assistant_name,
        (SELECT string_agg(t.name, ' + ' ORDER BY place)
            FROM unnest(coalesce(a.treatment_ids, ARRAY[a.treatment_id])) WITH ORDINALITY AS named (id, place)
            JOIN treatments t ON t.id = named.id) AS treatments,
        c.name AS chair, a.reason, a.confirmation, a.created_at, a.cancelled_at, a.cancelled_by, a.cancel_reason,
        d.time_zone
    FROM appointments a JOIN dentists d ON d.id = a.dentist_id LEFT JOIN chairs c ON c.id = a.chair_id
    WHERE a.status <> 'entered-in-error' ORDER BY a.starts_at, a.id
""").execution_options(yield_per=1_000)


def write(session: Session, file: IO[bytes], *, separator: str, exact: bool) -> None:
    """Write all appointments; times are the wall clock's in the dentist's zone, with its offset from UTC (RFC 3339)."""
    csv_text.write(file, COLUMNS, map(_fields, session.execute(_ALL)), separator=separator, exact=exact)


def _fields(row: Row[Any]) -> Iterator[str]:
    zone = ZoneInfo(row.time_zone)
    values: Sequence[Any] = row[:-1]
    for value in values:
        if isinstance(value, datetime):
            yield value.astimezone(zone).isoformat("T", "seconds")
        else:
            yield "" if value is None else str(value)
