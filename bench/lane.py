"""What a batch of the lane costs: messages to PostgreSQL, and processor of the lane and of PostgreSQL.

In this process, without Celery and Redis: requests are stored, and what is measured is deciding and committing them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from datetime import timedelta

import psutil
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from bench.parts import Figure, tell
from dental_sync import create_app
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.ids import new_id
from dental_sync.core.instants import format_instant
from dental_sync.local.embedded.temporary import temporary_servers
from dental_sync.writes import lane
from tests import plain_sql
from tests.conftest import a_free_monday
from tests.practice import make_template

WARM_UP, BATCHES = 5, 60
STORE = text("""
    INSERT INTO write_requests (id, sender_id, action, body, method, path, body_hash)
    SELECT CAST(:id AS uuid), id, 'book', CAST(:body AS jsonb), 'POST', '/api/appointments', ''
    FROM users WHERE email = 'admin@demo.test'
""")


def main() -> None:
    """Print what each batch has cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=BATCHES)
    tell(figures(parser.parse_args().batches))


def figures(batches: int = BATCHES) -> list[Figure]:
    """Decide batches of one booking and of many."""
    with temporary_servers() as servers:
        urls = servers.postgres.create_database("lane", make_template(servers.postgres))
        settings = Settings(
            database_url=urls.owner,
            web_database_url=urls.web,
            worker_database_url=urls.worker,
            redis_url=servers.redis.url,
            secret_key="a secret of the benchmark, long enough",
            jwt_secret_key="another secret of the benchmark",
        )
        assert servers.postgres.process is not None
        postgres = psutil.Process(servers.postgres.process.pid)
        with plain_sql.connect(urls.owner) as front_desk, create_app(settings, process="worker").app_context():
            wishes = free_times(front_desk)
            found = [
                measure(front_desk, settings, postgres, wishes, size=size, batches=number)
                for size, number in ((1, batches), (32, max(1, batches // 4)))
            ]
            db.engine.dispose()
    return found


def measure(
    front_desk: Session, settings: Settings, postgres: psutil.Process, wishes: Iterator[str], *, size: int, batches: int
) -> Figure:
    """Decide so many batches of that size, after some that are not counted."""
    sent = [0]
    event.listen(db.engine, "before_cursor_execute", lambda *_: sent.__setitem__(0, sent[0] + 1))
    lanes = databases = 0.0
    for number in range(-WARM_UP, batches):
        front_desk.execute(STORE, [{"id": str(new_id()), "body": next(wishes)} for _ in range(size)])
        front_desk.commit()
        if number == 0:
            sent[0], lanes, databases = 0, 0.0, 0.0
        database_began, lane_began = processor_seconds(postgres), time.process_time()
        batch = lane.run_batch(db.session(), settings)
        lanes += time.process_time() - lane_began
        databases += processor_seconds(postgres) - database_began
        assert batch is not None
        assert {outcome["status"] for outcome in batch.outcomes.values()} == {201}
    return (
        f"the lane, {size} booking{'s' if size > 1 else ''} a batch",
        f"{sent[0] / batches:.1f} messages to PostgreSQL, {1000 * lanes / batches:.1f} ms of the lane's processor, "
        f"{1000 * databases / batches:.1f} ms of PostgreSQL's",
    )


def free_times(front_desk: Session) -> Iterator[str]:
    """Bodies that book, each for a patient of its own."""
    dentists = front_desk.scalars(text("SELECT id FROM dentists ORDER BY name LIMIT 2")).all()
    treatment = front_desk.scalar(text("SELECT id FROM treatments WHERE name = 'Check-up'"))
    made = text("INSERT INTO patients (name) SELECT 'New' FROM generate_series(1, 4000) RETURNING id")
    patients = iter(front_desk.scalars(made).all())
    front_desk.commit()
    monday = a_free_monday(weeks=2)
    for day in (monday + timedelta(weeks=n // 5, days=n % 5) for n in range(250)):
        for half_hour in range(6):
            for dentist in dentists:
                wish = {"dentistId": str(dentist), "patientId": str(next(patients)), "treatmentId": str(treatment)}
                yield json.dumps({**wish, "startsAt": format_instant(day + half_hour * timedelta(minutes=30))})


def processor_seconds(postgres: psutil.Process) -> float:
    """What the server's processes have used that are there."""
    return sum(sum(child.cpu_times()[:2]) for child in postgres.children(recursive=True))


if __name__ == "__main__":
    main()
