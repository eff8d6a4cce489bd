"""A practice with 50 dentists and a million appointments, in a database of its own."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session

from dental_sync.core.config import sqlalchemy_url
from dental_sync.local.embedded.postgres import DatabaseUrls, Postgres
from dental_sync.records import demo
from dental_sync.storage import schema

DENTISTS = 50
APPOINTMENTS = 1_000_000
# Of the sixteen half hours of a day so many are taken, and the diary is this full for that many days to come.
TAKEN_A_DAY = 13
DAYS_AHEAD = 90

# What the triggers would fill in is filled in here, or a million rows would take half an hour; every constraint and
# every index is at work as always.
FILL = """
    ALTER TABLE appointments DISABLE TRIGGER USER;

    INSERT INTO dentists (name, time_zone)
    SELECT 'Dr. Number ' || n, 'Europe/Berlin'
    FROM generate_series(1, :dentists - (SELECT count(*) FROM dentists)) AS n;

    INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends)
    SELECT dentists.id, weekday, starts, ends
    FROM dentists, generate_series(1, 5) AS weekday,
        (VALUES (time '08:00', time '12:00'), ('13:00', '17:00')) AS shift (starts, ends)
    WHERE NOT EXISTS (SELECT FROM working_hours WHERE dentist_id = dentists.id);

    INSERT INTO patients (name) SELECT 'Patient Number ' || n FROM generate_series(1, 10000) AS n;

    -- Around midday of the practice's clock; a patient comes back when all the others have been there.
    WITH dentist AS (SELECT id, name, row_number() OVER (ORDER BY id) - 1 AS number FROM dentists),
    patient AS (SELECT id, name, row_number() OVER (ORDER BY id) - 1 AS number FROM patients
        WHERE name LIKE 'Patient Number %'),
    day AS (SELECT day, row_number() OVER (ORDER BY day DESC) - 1 AS number
        FROM generate_series(current_date - 4000, current_date + :days_ahead, interval '1 day') AS day
        WHERE extract(isodow FROM day) < 6),
    taken AS (
        SELECT dentist.id AS dentist_id, dentist.name AS dentist_name, day.number * 16 + slot AS slot_number,
            dentist.number AS dentist_number,
            (day.day + time '08:00' + slot * interval '30 minutes'
                + CASE WHEN slot >= 8 THEN interval '1 hour' ELSE interval '0' END)::timestamp
                AT TIME ZONE 'Europe/Berlin' AS starts_at
        FROM day, dentist, generate_series(0, 15) AS slot
        WHERE (slot * 7 + dentist.number + day.number * 3) % 16 < :taken_a_day
        ORDER BY day.number, slot, dentist.number
        LIMIT :appointments
    )
    INSERT INTO appointments (patient_id, patient_name, dentist_id, dentist_name, starts_at, ends_at, status,
        buffer_before_minutes, buffer_after_minutes, claimed_from, claimed_to)
    SELECT patient.id, patient.name, dentist_id, dentist_name, starts_at, starts_at + interval '30 minutes',
        CASE WHEN starts_at < now() THEN 'fulfilled' ELSE 'booked' END, 0, 0,
        starts_at, starts_at + interval '30 minutes'
    FROM taken JOIN patient ON patient.number = (slot_number * :dentists + dentist_number) % 10000
    ORDER BY starts_at;

    INSERT INTO claims (owner_id, owner_kind, resource_id, during)
    SELECT id, 'appointment', dentist_id, tstzrange(claimed_from, claimed_to) FROM appointments ORDER BY starts_at;

    ALTER TABLE appointments ENABLE TRIGGER USER;
    ANALYZE;
"""


def make(postgres: Postgres, name: str = "large_practice", appointments: int = APPOINTMENTS) -> DatabaseUrls:
    """Make the database; minutes for a million appointments."""
    urls = postgres.create_database(name)
    schema.upgrade(urls.owner, urls.web, urls.worker)
    engine = create_engine(sqlalchemy_url(urls.owner))
    with Session(engine) as session:
        demo.load(session, datetime.now(UTC))
        session.execute(text("DELETE FROM appointments"))
        session.execute(text("DELETE FROM changes"))
        session.commit()
    with engine.begin() as connection:
        _fill(connection, appointments)
    engine.dispose()
    return urls


def work_around_the_clock(urls: DatabaseUrls) -> None:
    """Let everybody there work day and night, every day."""
    engine = create_engine(sqlalchemy_url(urls.owner))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM working_hours"))
        connection.execute(
            text(
                "INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends, ends_next_day)"
                " SELECT id, weekday, '00:00', '00:00', true FROM dentists, generate_series(1, 7) AS weekday"
            )
        )
    engine.dispose()


def _fill(connection: Connection, appointments: int) -> None:
    values = {
        "dentists": DENTISTS,
        "appointments": appointments,
        "taken_a_day": TAKEN_A_DAY,
        "days_ahead": DAYS_AHEAD,
    }
    for statement in FILL.split(";\n"):
        if statement.strip():
            names = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), names)
