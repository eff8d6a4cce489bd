"""Writers past the app: what a migration, a colleague in psql, or another program does to the same database."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.config import sqlalchemy_url
from dental_sync.core.late_begin import LateBegin
from dental_sync.storage import row_security

# Long enough for a busy machine; only a test that fails waits for it.
PATIENCE_SECONDS = 20.0

BOOK = text("""
    INSERT INTO appointments (
        patient_id, dentist_id, treatment_id, chair_id, assistant_id, starts_at, ends_at, status, layers)
    VALUES (:patient_id, :dentist_id, :treatment_id, :chair_id, :assistant_id, :starts_at, :ends_at, :status, :layers)
    RETURNING id
""")


@contextmanager
def connect(url: str, who: Actor | row_security.Identity = row_security.NOBODY) -> Iterator[Session]:
    """A session with the rights of the URL's role; commit what others are to see.

    With the web role it is `who` that acts, and nobody sees nothing.
    """
    # What waits for ever in a broken build is to fail, and not to hang.
    engine = create_engine(
        sqlalchemy_url(url),
        connect_args={"options": "-c statement_timeout=30s", "connection_factory": LateBegin},
    )
    try:
        with Session(engine) as session:
            row_security.become(session, who)
            yield session
    finally:
        engine.dispose()


def book(
    session: Session,
    patient_id: uuid.UUID,
    dentist_id: uuid.UUID,
    starts_at: datetime,
    *,
    minutes: int = 30,
    treatment_id: uuid.UUID | None = None,
    chair_id: uuid.UUID | None = None,
    assistant_id: uuid.UUID | None = None,
    status: str = "booked",
    layers: str = "(,)",
) -> uuid.UUID:
    """Insert an appointment, with `layers` "empty" a forced one; the caller commits, or does not."""
    booked: uuid.UUID = session.execute(
        BOOK,
        {
            "patient_id": patient_id,
            "dentist_id": dentist_id,
            "treatment_id": treatment_id,
            "chair_id": chair_id,
            "assistant_id": assistant_id,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=minutes),
            "status": status,
            "layers": layers,
        },
    ).scalar_one()
    return booked


def until_blocked(session: Session, sessions: int = 1) -> None:
    """Return once that many other sessions wait for a lock; of other roles' sessions no more than that can be seen."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    waiting = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
    while session.execute(waiting).scalar_one() < sessions:
        assert time.monotonic() < deadline, f"fewer than {sessions} sessions wait for a lock"
        time.sleep(0.005)
