"""`GET /metrics` for a Prometheus, where METRICS_TOKEN is set: beside the API, without an account or a rate limit."""

from __future__ import annotations

import hmac
import time

from apiflask import APIFlask
from flask import Blueprint, Response, current_app, g, request

from dental_sync.api.requests import bearer_token
from dental_sync.core import errors
from dental_sync.core.extensions import db, redis, settings
from dental_sync.monitoring.health import examine
from dental_sync.monitoring.metrics import MEDIA_TYPE, HttpRequests, WebProcess

# Flask's own kind: the API's document is about what is below /api.
blueprint = Blueprint("metrics", __name__)


def register(app: APIFlask) -> None:
    """Answer at /metrics and time every request; where no token is set there is no such address, and no cost."""
    if app.extensions["settings"].metrics_token:
        app.extensions["http_requests"] = HttpRequests()
        app.before_request(_begin)
        app.after_request(_count)
        app.register_blueprint(blueprint)


@blueprint.get("/metrics")
def metrics() -> Response:
    """What this process has to say; 200 also while the database or Redis is away, with what is known."""
    if not hmac.compare_digest(bearer_token().encode(), settings().metrics_token.encode()):
        raise errors.Unauthorized("The token of METRICS_TOKEN is needed.")
    found = current_app.extensions
    process = WebProcess(
        http_requests=found["http_requests"],
        in_flight=found["in_flight"].count,
        connections=found["connections"],
        delivery=found["delivery"],
        health=examine(db.session(), redis(), found["delivery"]),
    )
    return Response(process.text(), content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _begin() -> None:
    g.began_at = time.perf_counter()


def _count(response: Response) -> Response:
    requests: HttpRequests = current_app.extensions["http_requests"]
    rule = None if request.url_rule is None else request.url_rule.rule
    requests.answered(request.method, rule, response.status_code, time.perf_counter() - g.began_at)
    return response
