"""The practice that is measured: 50 dentists who work round the clock, 200 patients, five admins, all signed in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import update
from sqlalchemy.orm import Session

from dental_sync import create_app
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.ids import new_id
from dental_sync.core.roles import ADMIN, DENTIST, PATIENT
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.records import tokens
from dental_sync.storage import row_security, schema
from dental_sync.storage.models import Dentist, Practice, Treatment, WorkingHours
from dental_sync.storage.people_models import Patient, User

DATABASE = "bench"
DENTISTS, PATIENTS, ADMINS = 50, 200, 5
# More than any run takes: tokens are not what is measured.
TOKEN_SECONDS = 24 * 3600
DAYS_AHEAD = 3000

Accounts = list[dict[str, Any]]


@dataclass(frozen=True)
class Signed:
    """Who calls, by role: each with the record's `id` and a `token`."""

    patients: Accounts
    dentists: Accounts
    admins: Accounts
    treatment: str


def first_time() -> datetime:
    """From when on is booked: a midnight, beyond every notice."""
    return datetime.combine(datetime.now(UTC).date() + timedelta(days=3), time(0), UTC)


def make(servers: TemporaryServers, name: str = DATABASE) -> Signed:
    """Make the database with everybody in it, and sign them in."""
    urls = servers.postgres.create_database(name)
    schema.upgrade(urls.owner, urls.web, urls.worker)
    settings = Settings(
        database_url=urls.owner,
        web_database_url=urls.owner,
        worker_database_url=urls.worker,
        redis_url=servers.redis.url,
        secret_key=servers.passwords.secret_key,
        jwt_secret_key=servers.passwords.jwt_secret_key,
        one_database_role=True,
        access_token_seconds=TOKEN_SECONDS,
        async_mode="threading",
    )
    with create_app(settings).app_context():
        session = db.session()
        row_security.become(session, row_security.SYSTEM)
        signed = _fill(session)
        session.commit()
        db.engine.dispose()
    return signed


def _fill(session: Session) -> Signed:
    session.execute(update(Practice).values(name="Bench", time_zone="UTC", furthest_advance_days=DAYS_AHEAD))
    treatment = Treatment(id=new_id(), name="Check-up", duration_minutes=30)
    session.add(treatment)
    password_hash = PasswordHasher().hash("nobody signs in with it")

    def accounts(role: str, count: int) -> list[User]:
        users = [
            User(id=new_id(), email=f"{role}{n}@bench.test", name=f"{role} {n}", role=role, password_hash=password_hash)
            for n in range(1, count + 1)
        ]
        session.add_all(users)
        session.flush()
        return users

    patients = {Patient(id=new_id(), user_id=user.id, name=user.name): user for user in accounts(PATIENT, PATIENTS)}
    dentists = {
        Dentist(id=new_id(), user_id=user.id, name=user.name, time_zone="UTC"): user
        for user in accounts(DENTIST, DENTISTS)
    }
    admins = accounts(ADMIN, ADMINS)
    session.add_all([*patients, *dentists])
    session.flush()
    session.add_all(
        WorkingHours(dentist_id=dentist.id, iso_weekday=day, starts=time(0), ends=time(0), ends_next_day=True)
        for dentist in dentists
        for day in range(1, 8)
    )
    session.flush()

    def signed_in(who: uuid.UUID, user: User) -> dict[str, Any]:
        return {"id": str(who), "token": tokens.issue(session, user).access_token}

    return Signed(
        patients=[signed_in(patient.id, user) for patient, user in patients.items()],
        dentists=[signed_in(dentist.id, user) for dentist, user in dentists.items()],
        admins=[signed_in(user.id, user) for user in admins],
        treatment=str(treatment.id),
    )
