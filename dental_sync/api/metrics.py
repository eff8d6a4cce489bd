"""`GET /metrics` for a Prometheus, where METRICS_TOKEN is set: beside the API, without an account or a rate limit."""

from __future__ import annotations

import hmac
import time

from apiflask import APIFlask
from flask import Blueprint, Response, g, request

from dental_sync.api.requests import bearer_token
from dental_sync.core import callers, errors, services
from dental_sync.core.config import Settings
from dental_sync.core.redis import redis
from dental_sync.core.services import settings
from dental_sync.monitoring.health import HealthDatabase, examine
from dental_sync.monitoring.in_flight import RequestsInFlight
from dental_sync.monitoring.metrics import MEDIA_TYPE, HttpRequests, WebProcess
from dental_sync.sockets.connections import Connections
from dental_sync.sync.delivery import Delivery

# Flask's own kind: the API's document is about what is below /api.
blueprint = Blueprint("metrics", __name__)


def register(app: APIFlask) -> None:
    """Answer at /metrics and time every request; where no token is set there is no such address, and no cost."""
    if services.of(app, Settings).metrics_token:
        services.provide(app, HttpRequests())
        app.before_request(_begin)
        app.after_request(_count)
        app.register_blueprint(blueprint)


@blueprint.get("/metrics")
def metrics() -> Response:
    """What this process has to say; 200 also while the database or Redis is away, with what is known."""
    if settings().web_processes > 1 and not callers.came_by_own_port(request.environ):
        raise errors.NotFound("Each of WEB_PROCESSES answers this on a port of its own, the first on METRICS_PORT.")
    if not hmac.compare_digest(bearer_token().encode(), settings().metrics_token.encode()):
        raise errors.Unauthorized("The token of METRICS_TOKEN is needed.")
    delivery = services.current(Delivery)
    process = WebProcess(
        http_requests=services.current(HttpRequests),
        in_flight=services.current(RequestsInFlight).count,
        connections=services.current(Connections),
        delivery=delivery,
        health=examine(services.current(HealthDatabase), redis(), delivery),
    )
    return Response(process.text(), content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _begin() -> None:
    g.began_at = time.perf_counter()


def _count(response: Response) -> Response:
    rule = None if request.url_rule is None else request.url_rule.rule
    took = time.perf_counter() - g.began_at
    services.current(HttpRequests).answered(request.method, rule, response.status_code, took)
    return response
