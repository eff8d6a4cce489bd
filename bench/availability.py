"""How long `GET /api/availability` takes for 50 dentists and 31 days, over a million appointments.

The promises: statements take under 100 ms in the database, and where everybody works around the clock the processor
works for 300 ms at most.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event

from bench import large_practice
from bench.parts import Figure, tell
from dental_sync import create_app
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.local.embedded.temporary import temporary_servers
from dental_sync.records import demo

PROMISED_MILLISECONDS = 100.0
PROMISED_BY_PROCESSOR = 300.0
WARM_UP, ROUNDS = 3, 15


def main() -> None:
    """Print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--appointments", type=int, default=large_practice.APPOINTMENTS)
    tell(figures(parser.parse_args().appointments))


def figures(appointments: int = large_practice.APPOINTMENTS) -> list[Figure]:
    """Fill a database, and ask; then let everybody work around the clock, and ask again."""
    with temporary_servers() as servers:
        urls = large_practice.make(servers.postgres, appointments=appointments)
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
            engine = db.engine
        # Each request has a context of its own, as it has when it is served.
        ask = asker(app)
        found = [
            (f"free times of a month, among {appointments:,} appointments", measure(ask, engine)),
            ("three of them, by `limit`", measure(ask, engine, limit="3")),
        ]
        large_practice.work_around_the_clock(urls)
        found += [
            ("a month where everybody works around the clock", measure(ask, engine)),
            ("500 of them, by `limit`", measure(ask, engine, limit="500")),
        ]
        engine.dispose()
    return found


Ask = Callable[..., Any]


def asker(app: Any) -> Ask:
    """Asks for everybody's next month, with more parameters."""
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
    return lambda **more: client.get("/api/availability", query_string={**query, **more}, headers=headers)


def measure(ask: Ask, engine: Engine, **more: str) -> str:
    """Ask again and again; what it took, as medians: in the database, in all, and of our processor."""
    in_database, in_total, by_processor = [], [], []
    for number in range(WARM_UP + ROUNDS):
        with statements_of(engine) as took:
            started, processor = time.perf_counter(), time.process_time()
            answer = ask(**more)
            total, worked = time.perf_counter() - started, time.process_time() - processor
        assert answer.status_code == 200, answer.json
        if number >= WARM_UP:
            in_database.append(1000 * sum(took))
            in_total.append(1000 * total)
            by_processor.append(1000 * worked)
    median = statistics.median(in_database)
    assert median < PROMISED_MILLISECONDS, f"{median:.1f} ms in the database"
    worked = statistics.median(by_processor)
    assert worked < PROMISED_BY_PROCESSOR, f"{worked:.1f} ms of the processor"
    return (
        f"{len(answer.json['slots']):,} times in {len(answer.data):,} bytes: {median:.1f} ms in the database (worst of "
        f"{ROUNDS} {max(in_database):.1f}), {worked:.1f} ms of the processor, "
        f"{statistics.median(in_total):.1f} ms in all"
    )


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
