"""The demo practice: three dentists, twelve patients, and a diary for the two weeks around today."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from dental_sync.core.ids import new_id
from dental_sync.core.roles import ADMIN, CHATBOT, DENTIST, PATIENT, RECEPTIONIST
from dental_sync.storage.models import Appointment, Dentist, Practice, Treatment, WorkingHours
from dental_sync.storage.people_models import Patient, User

PASSWORD = "demo-password-1"  # noqa: S105 - it is meant to be known
TIME_ZONE = "Europe/Berlin"
COUNTRY = "DE"

DENTISTS = ("Dr. Anna Keller", "Dr. Ben Osei", "Dr. Carla Ruiz")
PATIENTS = (
    "Mia Schmidt",
    "Noah Becker",
    "Lina Hoffmann",
    "Elias Wagner",
    "Emma Fischer",
    "Paul Weber",
    "Sofia Braun",
    "Jonas Koch",
    "Clara Richter",
    "Felix Wolf",
    "Ida Neumann",
    "Oskar Zimmer",
)
TREATMENTS = (("Check-up", 30), ("Cleaning", 45), ("Filling", 60), ("Root canal", 90))
MORNING = (time(8), time(12))
AFTERNOON = (time(13), time(17))
# By how much those to come begin after the opening: what the zone is ahead of UTC in summer.
LATER_TO_COME = timedelta(hours=2)


def load(session: Session, now: datetime) -> bool:
    """Fill an empty database, by plain SQL and past the lane; False when there is an account already."""
    if session.scalar(select(User.id).limit(1)) is not None:
        return False
    session.execute(
        update(Practice).values(
            name="Dental Sync demo practice", time_zone=TIME_ZONE, country=COUNTRY, public_booking="book"
        )
    )
    # One hash for all: they share the password, and hashing is slow on purpose.
    password_hash = PasswordHasher().hash(PASSWORD)

    def account(email: str, name: str, role: str) -> User:
        user = User(id=new_id(), email=email, name=name, role=role, password_hash=password_hash)
        session.add(user)
        return user

    account("admin@demo.test", "Front Desk", ADMIN)
    account("desk@demo.test", "Reception", RECEPTIONIST)
    account("chatbot@demo.test", "Chatbot", CHATBOT)
    dentists = []
    for number, name in enumerate(DENTISTS, start=1):
        user = account(f"dentist{number}@demo.test", name, DENTIST)
        dentists.append(Dentist(id=new_id(), user_id=user.id, name=name, time_zone=TIME_ZONE))
    patients = []
    for number, name in enumerate(PATIENTS, start=1):
        user = account(f"patient{number}@demo.test", name, PATIENT)
        patients.append(Patient(id=new_id(), user_id=user.id, name=name, email=user.email))
    treatments = [Treatment(id=new_id(), name=name, duration_minutes=minutes) for name, minutes in TREATMENTS]
    session.flush()
    session.add_all([*dentists, *patients, *treatments])
    session.flush()
    session.add_all(
        WorkingHours(dentist_id=dentist.id, iso_weekday=weekday, starts=starts, ends=ends)
        for dentist in dentists
        for weekday in range(1, 6)
        for starts, ends in (MORNING, AFTERNOON)
    )
    appointments = _appointments([d.id for d in dentists], [p.id for p in patients], treatments, now)
    session.execute(insert(cast(Table, Appointment.__table__)), appointments)
    return True


def _appointments(
    dentists: list[uuid.UUID], patients: list[uuid.UUID], treatments: list[Treatment], now: datetime
) -> list[dict[str, Any]]:
    """A believable fortnight, the same for the same day: past ones are fulfilled, and now and then one was missed."""
    zone = ZoneInfo(TIME_ZONE)
    today = now.astimezone(zone).date()
    chance = random.Random(today.toordinal())  # noqa: S311 - demo data, not a secret
    busy_until = {patient: datetime.min.replace(tzinfo=UTC) for patient in patients}
    rows = []
    for day in (today + timedelta(days=offset) for offset in range(-7, 8)):
        if day.isoweekday() > 5:
            continue
        for dentist in dentists:
            for starts, ends in (MORNING, AFTERNOON):
                at = datetime.combine(day, starts, zone).astimezone(UTC)
                if day >= today:
                    # Within the same hours in UTC too: who tries the demo in another zone meets no booking in the way.
                    at += LATER_TO_COME
                close = datetime.combine(day, ends, zone).astimezone(UTC)
                while at < close:
                    treatment = chance.choice(treatments)
                    end = at + timedelta(minutes=treatment.duration_minutes)
                    free = [patient for patient in patients if busy_until[patient] <= at]
                    if end > close or not free or chance.random() < 0.4:
                        at += timedelta(minutes=30)
                        continue
                    patient = chance.choice(free)
                    busy_until[patient] = end
                    status = "booked"
                    if end < now:
                        status = "noshow" if chance.random() < 0.08 else "fulfilled"
                    rows.append(
                        {
                            "id": new_id(),
                            "patient_id": patient,
                            "dentist_id": dentist,
                            "treatment_id": treatment.id,
                            "starts_at": at,
                            "ends_at": end,
                            "status": status,
                        }
                    )
                    at = end
    return rows
