"""How long `GET /api/availability` takes for 50 dentists and 31 days, over a million appointments.

The promise is about the time that statements take in the database: under 100 ms.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event

from bench import large_practice
from dental_sync import create_app
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.local.embedded.temporary import temporary_servers
from dental_sync.records import demo

PROMISED_MILLISECONDS = 100.0
WARM_UP, ROUNDS = 3, 15


def main() -> None:
    """Fill a database, ask, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--appointments", type=int, default=large_practice.APPOINTMENTS)
    appointments = parser.parse_args().appointments
    with temporary_servers() as servers:
        started = time.perf_counter()
        urls = large_practice.make(servers.postgres, appointments=appointments)
        print(
            f"{appointments} appointments of {large_practice.DENTISTS} dentists "
            f"in {time.perf_counter() - started:.0f} s"
        )
        settings = Settings(
            database_url=urls.owner,
            web_database_url=urls.web,
            worker_database_url=urls.worker,
            redis_url=servers.redis.url,
            demo_mode=True,
            secret_key="a secret of the benchmark, and of nobody else",
            jwt_secret_key="another secret of the benchmark, long enough",
            async_mode="threading",
            rate_limit_per_minute=600_000,
        )
        app = create_app(settings, process="web")
        with app.app_context():
            measure(app, db.engine)
            db.engine.dispose()


def measure(app: Any, engine: Engine) -> None:
    """Ask for everybody's next month again and again, and for the next three times in it."""
    client = app.test_client()
    login = client.post("/api/auth/login", json={"email": "chatbot@demo.test", "password": demo.PASSWORD})
    headers = {"Authorization": f"Bearer {login.json['accessToken']}"}
    treatments = client.get("/api/treatments", headers=headers).json["items"]
    check_up = next(treatment["id"] for treatment in treatments if treatment["name"] == "Check-up")
    start = datetime.now(UTC)
    query = {
        "from": format_instant(start),
        "to": format_instant(start + timedelta(days=31)),
        "treatmentId": check_up,
    }
    for more in ({}, {"limit": "3"}):
        in_database, in_total = [], []
        slots = 0
        for number in range(WARM_UP + ROUNDS):
            with statements_of(engine) as took:
                started = time.perf_counter()
                answer = client.get("/api/availability", query_string={**query, **more}, headers=headers)
                total = time.perf_counter() - started
            assert answer.status_code == 200, answer.json
            slots = len(answer.json["slots"])
            if number >= WARM_UP:
                in_database.append(1000 * sum(took))
                in_total.append(1000 * total)
        median = statistics.median(in_database)
        print(f"{slots} free times listed, median and worst of {ROUNDS}:")
        print(
            f"  in the database {median:7.1f} ms {max(in_database):7.1f} ms"
            f"  (promised: under {PROMISED_MILLISECONDS:.0f})"
        )
        print(f"  in all          {statistics.median(in_total):7.1f} ms {max(in_total):7.1f} ms")
        assert median < PROMISED_MILLISECONDS, "the promise is broken"


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[float]]:
    """Seconds that each statement took, from sending it until its whole result had arrived."""
    took: list[float] = []
    began: list[float] = []

    def before(*_: object) -> None:
        began.append(time.perf_counter())

    def after(*_: object) -> None:
        took.append(time.perf_counter() - began.pop())

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield took
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


if __name__ == "__main__":
    main()
