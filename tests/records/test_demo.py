"""The demo practice is what the contract says, on every day of the year."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.records import demo
from dental_sync.storage import schema
from tests import plain_sql

BERLIN = ZoneInfo("Europe/Berlin")
# A working day, a weekend, both clock changes, and the turn of the year.
DAYS = [
    datetime(2025, 11, 12, 10, 30, tzinfo=UTC),
    datetime(2025, 11, 16, 10, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
    datetime(2025, 10, 26, 1, 30, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 30, tzinfo=UTC),
]


@pytest.fixture(scope="module")
def bare(servers: TemporaryServers) -> Iterator[DatabaseUrls]:
    """Migrated, and nothing in it."""
    urls = servers.postgres.create_database("practice_without_demo")
    schema.upgrade(urls.owner, urls.web, urls.worker)
    yield urls
    servers.postgres.drop_database("practice_without_demo")


@pytest.fixture
def session(bare: DatabaseUrls) -> Iterator[Session]:
    """One transaction, which is rolled back."""
    with plain_sql.connect(bare.owner) as session:
        yield session


def appointments(session: Session) -> list[Any]:
    """All of them, by start."""
    return list(session.execute(text("SELECT * FROM appointments ORDER BY starts_at, id")).all())


def test_the_accounts_of_the_contract_are_there(session: Session) -> None:
    """An admin, a receptionist, a chatbot, three dentists, twelve patients, one password for all."""
    assert demo.load(session, DAYS[0])
    accounts = session.execute(text("SELECT email, role, active, password_hash FROM users")).all()
    expected = {"admin@demo.test": "admin", "desk@demo.test": "receptionist", "chatbot@demo.test": "chatbot"}
    expected |= {f"dentist{n}@demo.test": "dentist" for n in range(1, 4)}
    expected |= {f"patient{n}@demo.test": "patient" for n in range(1, 13)}
    assert {account.email: account.role for account in accounts} == expected
    assert all(account.active for account in accounts)
    for password_hash in {account.password_hash for account in accounts}:
        assert PasswordHasher().verify(password_hash, "demo-password-1")
    assert session.scalar(text("SELECT count(*) FROM patients JOIN users ON users.id = user_id")) == 12
    assert session.scalar(text("SELECT count(*) FROM dentists JOIN users ON users.id = user_id")) == 3


def test_hours_and_treatments_are_those_of_the_contract(session: Session) -> None:
    """Berlin, Monday to Friday, eight to twelve and one to five; four treatments without buffers or approval."""
    demo.load(session, DAYS[0])
    assert session.scalar(text("SELECT time_zone FROM practice")) == "Europe/Berlin"
    hours = session.execute(text("SELECT d.name, h.* FROM working_hours h JOIN dentists d ON d.id = dentist_id")).all()
    weekly = Counter((row.name, row.iso_weekday, str(row.starts), str(row.ends)) for row in hours)
    windows = [("08:00:00", "12:00:00"), ("13:00:00", "17:00:00")]
    assert weekly == Counter(
        (name, day, *window) for name in demo.DENTISTS for day in range(1, 6) for window in windows
    )
    assert all(row.valid_from is None and row.valid_to is None for row in hours)
    treatments = session.execute(text("SELECT name, duration_minutes FROM treatments")).all()
    assert dict(treatments) == {"Check-up": 30, "Cleaning": 45, "Filling": 60, "Root canal": 90}
    assert not session.scalar(
        text(
            "SELECT count(*) FROM treatments"
            " WHERE requires_approval OR buffer_before_minutes + buffer_after_minutes > 0"
        )
    )


@pytest.mark.parametrize("now", DAYS, ids=str)
def test_appointments_lie_in_the_two_weeks_around_today_within_the_hours(session: Session, now: datetime) -> None:
    """Enough of them to look at, for every dentist; each as long as its treatment."""
    demo.load(session, now)
    found = appointments(session)
    assert len(found) > 60
    assert len({row.dentist_id for row in found}) == 3
    durations = dict(session.execute(text("SELECT id, duration_minutes FROM treatments")).all())
    today = now.astimezone(BERLIN).date()
    for row in found:
        starts, ends = row.starts_at.astimezone(BERLIN), row.ends_at.astimezone(BERLIN)
        assert starts.date() == ends.date()
        assert abs(starts.date() - today) <= timedelta(days=7)
        assert starts.isoweekday() <= 5
        assert any(opens <= starts.time() and ends.time() <= closes for opens, closes in (demo.MORNING, demo.AFTERNOON))
        assert row.ends_at - row.starts_at == timedelta(minutes=durations[row.treatment_id])


@pytest.mark.parametrize("now", DAYS, ids=str)
def test_what_is_over_was_kept_or_missed_and_what_comes_is_booked(session: Session, now: datetime) -> None:
    """As a practice looks on any day."""
    demo.load(session, now)
    for row in appointments(session):
        assert row.status in (("fulfilled", "noshow") if row.ends_at < now else ("booked",))


@pytest.mark.parametrize("now", DAYS, ids=str)
def test_nobody_is_booked_twice_not_even_where_somebody_was_missed(session: Session, now: datetime) -> None:
    """Stricter than the constraints, which let a missed appointment's time go."""
    demo.load(session, now)
    for key in ("dentist_id", "patient_id"):
        by_owner = sorted(appointments(session), key=lambda row: (getattr(row, key), row.starts_at))
        for one, other in itertools.pairwise(by_owner):
            if getattr(one, key) == getattr(other, key):
                assert one.ends_at <= other.starts_at


@pytest.mark.parametrize("now", DAYS, ids=str)
def test_from_four_weeks_on_the_diary_is_empty(session: Session, now: datetime) -> None:
    """What outside clients book into: no appointment, closure or time off, for a year."""
    demo.load(session, now)
    for table in ("appointments", "closures", "time_off"):
        later = text(f"SELECT count(*) FROM {table} WHERE ends_at > :later")
        assert session.scalar(later, {"later": now + timedelta(weeks=4)}) == 0


def test_the_same_day_gives_the_same_fortnight(session: Session) -> None:
    """Two people who look at the demo on one day see one practice."""

    def fortnight() -> list[tuple[Any, ...]]:
        demo.load(session, DAYS[0])
        found = [(r.starts_at, r.ends_at, r.dentist_name, r.patient_name, r.status) for r in appointments(session)]
        session.rollback()
        return sorted(found)

    assert fortnight() == fortnight()


def test_a_practice_that_has_accounts_is_left_alone(session: Session) -> None:
    """Loading twice is loading once."""
    assert demo.load(session, DAYS[0]) is True
    before = len(appointments(session))
    assert demo.load(session, DAYS[0]) is False
    assert len(appointments(session)) == before
