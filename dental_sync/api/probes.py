"""What a supervisor and a load balancer ask: is this process to be restarted, and is it to get calls."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, jsonify

from dental_sync.api import openapi
from dental_sync.api.answers import LiveAnswer, ReadyAnswer
from dental_sync.core import services
from dental_sync.monitoring.health import HealthDatabase, RecentReadiness, why_unready
from dental_sync.sockets.connections import Connections
from dental_sync.sync.delivery import Delivery

blueprint = APIBlueprint("probes", __name__, tag="Sync")


@blueprint.get("/live")
@openapi.answers(LiveAnswer)
def live() -> Response:
    """Whether this process turns: no answer means that it is to be restarted.

    Nothing else is looked at: a restart brings no database back.
    """
    return _probed({"status": "live"}, 200)


@blueprint.get("/ready")
@openapi.answers(ReadyAnswer)
@openapi.answers(ReadyAnswer, 503)
def ready() -> Response:
    """Whether this process should be sent calls: 503 while it starts, stops, is behind, or has no database.

    Without Redis it is ready: calls are answered 202.
    """
    database, delivery = services.current(HealthDatabase), services.current(Delivery)
    reasons = services.current(RecentReadiness).get(lambda: why_unready(database, delivery))
    if services.current(Connections).is_draining:
        reasons = ["this process is stopping"]
    return _probed({"status": "unready" if reasons else "ready", "reasons": reasons}, 503 if reasons else 200)


def _probed(body: dict[str, object], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
