"""What a Prometheus reads of HTTP: each answer is counted by its route and timed, and two apps count for themselves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from apiflask import APIFlask

from dental_sync.monitoring.metrics import BUCKET_SECONDS, Durations, HttpRequests
from tests.conftest import Caller
from tests.monitoring.asked import scrape


def test_each_answer_is_counted_by_its_route_and_timed(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """By method, rule and status; refusals too, and the scrape before this one."""
    caller = sign_in("patient1")
    for _ in range(3):
        caller.get("/auth/me")
    app.test_client().get("/api/auth/me")
    app.test_client().put("/api/auth/me")
    first, second = scrape(app), scrape(app)
    me = {"method": "GET", "route": "/api/auth/me"}
    assert first("http_requests_total", **me, status="200") == 3
    assert first("http_requests_total", **me, status="401") == 1
    assert first("http_requests_total", method="PUT", route="other", status="405") == 1
    assert first("http_request_duration_seconds_count", **me) == 4
    assert first("http_request_duration_seconds_bucket", **me, le="+Inf") == 4
    assert 0 < (first("http_request_duration_seconds_sum", **me) or 0) < 4 * 5
    assert first("http_requests_total", method="GET", route="/metrics", status="200") is None
    assert second("http_requests_total", method="GET", route="/metrics", status="200") == 1


def test_a_call_that_takes_its_time_is_seen_to(app: APIFlask) -> None:
    """While it is being answered it is in flight, and afterwards among the slow ones."""
    asked, answer = threading.Event(), threading.Event()

    def door() -> str:
        asked.set()
        answer.wait(10)
        time.sleep(0.06)
        return "at last"

    app.add_url_rule("/slow", view_func=door)
    assert scrape(app)("http_requests_in_flight") == 1
    caller = threading.Thread(target=lambda: app.test_client().get("/slow", buffered=True))
    caller.start()
    assert asked.wait(10)
    assert scrape(app)("http_requests_in_flight") == 2
    answer.set()
    caller.join()
    said = scrape(app)
    assert said("http_requests_in_flight") == 1
    slow = {"method": "GET", "route": "/slow"}
    assert said("http_request_duration_seconds_bucket", **slow, le="0.05") == 0
    assert said("http_request_duration_seconds_bucket", **slow, le="10.0") == 1
    assert (said("http_request_duration_seconds_sum", **slow) or 0) >= 0.06


def test_a_mistake_of_ours_is_counted_too(app: APIFlask) -> None:
    """500 is what an operator looks for first."""
    app.add_url_rule("/broken", view_func=lambda: 1 // 0)
    assert app.test_client().get("/broken").status_code == 500
    assert scrape(app)("http_requests_total", method="GET", route="/broken", status="500") == 1


def test_buckets_count_what_took_at_most_so_long() -> None:
    """Each with those below it, a bound itself included; what took longer than all of them is in the last."""
    durations = Durations()
    for seconds in (0.0, 0.005, 0.0051, 10.0, 99.0):
        durations.add(seconds)
    buckets = dict(durations.buckets())
    assert (buckets["0.005"], buckets["0.01"], buckets["5.0"], buckets["10.0"], buckets["+Inf"]) == (2, 3, 3, 4, 5)
    assert len(buckets) == len(BUCKET_SECONDS) + 1
    assert durations.seconds == pytest.approx(109.0101)


def test_what_callers_make_up_does_not_fill_the_memory() -> None:
    """A thousand methods and addresses are one."""
    requests = HttpRequests()
    for number in range(1000):
        requests.answered(f"MADE-UP-{number}", None, 405, 0.001)
    assert requests.answers == {("other", "other", 405): 1000}
    assert list(requests.durations) == [("other", "other")]


def test_two_apps_of_one_process_count_for_themselves(another_app: Callable[..., APIFlask]) -> None:
    """Nothing is shared between them, and either may be asked first."""
    one, other = another_app(), another_app()
    one.test_client().get("/api/auth/me")
    asked = {"method": "GET", "route": "/api/auth/me", "status": "401"}
    assert scrape(one)("http_requests_total", **asked) == 1
    assert scrape(other)("http_requests_total", **asked) is None
