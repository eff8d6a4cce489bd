"""Ask for the metrics as a Prometheus does."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask

from tests.conftest import METRICS_TOKEN, a_free_monday
from tests.scraped import Scraped

MONDAY = a_free_monday()


def ask(app: APIFlask, token: str | None = METRICS_TOKEN) -> Any:
    """The answer to a scrape."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    # Buffered: a request is in flight until its answer is closed.
    return app.test_client().get("/metrics", headers=headers, buffered=True)


def scrape(app: APIFlask) -> Scraped:
    """What is said, which must be said well."""
    answer = ask(app)
    assert answer.status_code == 200, answer.text
    return Scraped(answer.text)
