"""A past of any size, by plain SQL: what triggers and the lane would do is done here, or it would take days."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import psycopg2

from bench import practice

AT_ONCE = 250_000

# From yesterday backwards, each half hour of each dentist. Every constraint and every index is at work.
APPOINTMENTS = """
    ALTER TABLE appointments DISABLE TRIGGER USER;
    WITH dentist AS (SELECT id, name, row_number() OVER (ORDER BY id) - 1 AS number FROM dentists),
    patient AS (SELECT id, name, row_number() OVER (ORDER BY id) - 1 AS number FROM patients),
    made AS (
        INSERT INTO appointments (patient_id, patient_name, dentist_id, dentist_name, starts_at, ends_at, status,
            buffer_before_minutes, buffer_after_minutes, claimed_from, claimed_to)
        SELECT patient.id, patient.name, dentist.id, dentist.name, begin, begin + interval '30 minutes', 'fulfilled',
            0, 0, begin, begin + interval '30 minutes'
        FROM generate_series(%(from)s::bigint, %(to)s::bigint - 1) AS n
            CROSS JOIN LATERAL (SELECT now()::date - (1 + n / %(dentists)s) * interval '30 minutes' AS begin) AS at
            JOIN dentist ON dentist.number = n %% %(dentists)s
            JOIN patient ON patient.number = n %% %(patients)s
        RETURNING id, dentist_id, claimed_from, claimed_to
    )
    INSERT INTO claims (owner_id, owner_kind, resource_id, during)
    SELECT id, 'appointment', dentist_id, tstzrange(claimed_from, claimed_to) FROM made;
    ALTER TABLE appointments ENABLE TRIGGER USER;
"""

# Copies of the last booking's message, each of another patient, dentist and time.
MESSAGES = """
    WITH last AS (SELECT * FROM sync_events WHERE type = 'appointment:created' ORDER BY position DESC LIMIT 1),
    dentist AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM dentists),
    patient AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM patients)
    INSERT INTO sync_events (position, type, channels, payload, occurred_at)
    SELECT log_head.position + 1 + n - %(from)s, last.type,
        ARRAY['appointments:all', 'appointments:dentist:' || dentist.id, 'appointments:patient:' || patient.id],
        jsonb_set(last.payload, '{appointment}', (last.payload -> 'appointment')
            || jsonb_build_object('startsAt', begin, 'endsAt', begin + interval '30 minutes')),
        last.occurred_at
    FROM log_head CROSS JOIN last CROSS JOIN generate_series(%(from)s::bigint, %(to)s::bigint - 1) AS n
        CROSS JOIN LATERAL (SELECT now()::date - (1 + n / %(dentists)s) * interval '30 minutes' AS begin) AS at
        JOIN dentist ON dentist.number = n %% %(dentists)s
        JOIN patient ON patient.number = n %% %(patients)s;
    UPDATE log_head SET position = position + %(to)s - %(from)s;
"""


def appointments(superuser_url: str, count: int) -> None:
    """Let so many appointments lie in the past of `practice.make`'s practice, where there are none yet."""
    _in_parts(superuser_url, APPOINTMENTS, count)


def messages(superuser_url: str, count: int) -> None:
    """Let the log have so many more rows; nothing may run meanwhile, and somebody must have booked before."""
    _in_parts(superuser_url, MESSAGES, count)


def _in_parts(url: str, statement: str, count: int) -> None:
    """Run a statement for the numbers from 0 up to `count`; each part is committed, so that none fills the memory."""
    with closing(psycopg2.connect(url)) as connection:
        for begin in range(0, count, AT_ONCE):
            values: dict[str, Any] = {"from": begin, "to": min(count, begin + AT_ONCE)}
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, {**values, "dentists": practice.DENTISTS, "patients": practice.PATIENTS})
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
