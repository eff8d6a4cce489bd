"""A web process: its doors, its end of the message queue, and the threads that keep it true."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from apiflask import APIFlask
from flask_cors import CORS

from dental_sync import api
from dental_sync.api.headers import SafeHeaders
from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.engines import one_apart
from dental_sync.core.extensions import db, socketio
from dental_sync.core.idle_connections import Losses
from dental_sync.core.logs import say_start
from dental_sync.core.rate_limits import RateLimits
from dental_sync.core.redis import redis, tls_options
from dental_sync.core.version import VERSION
from dental_sync.monitoring.health import HealthDatabase, RecentHealth, RecentReadiness
from dental_sync.monitoring.in_flight import RequestsInFlight
from dental_sync.monitoring.limits import too_many
from dental_sync.monitoring.request_log import RequestLog
from dental_sync.processes import memory
from dental_sync.processes.drain import LAST_CALLS_SECONDS, Door, close_and_finish, drain
from dental_sync.records.remembered_sign_ins import RememberedSignIns
from dental_sync.records.tokens import SignedIn
from dental_sync.sockets import (
    handlers,  # noqa: F401 - importing sockets registers its events
    transport,
)
from dental_sync.sockets.admission import Admission
from dental_sync.sockets.connections import Connections
from dental_sync.sockets.noting import Followings
from dental_sync.sockets.subscriptions import Registry
from dental_sync.sync.delivery import DatabaseLog, Delivery
from dental_sync.sync.message_queue import QueueManager
from dental_sync.writes import ringing
from dental_sync.writes.alternatives import Alternatives
from dental_sync.writes.bell import Bell, wake_lane
from dental_sync.writes.intake import Intake
from dental_sync.writes.waiting import Waiting

logger = logging.getLogger(__name__)

# Response headers that a page of another origin may read.
HEADERS_FOR_PAGES = [
    "ETag",
    "Link",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
    "X-Server-Request-ID",
]

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A release starts its web processes within this time, and each registers once a second.
OTHERS_START_SECONDS = 5.0

# The contract: messages up to 1 MB are answered. A little room for the frame around them.
LARGEST_MESSAGE_BYTES = 1_000_000 + 4_096


def bind(app: APIFlask, settings: Settings) -> None:
    """Hang the REST and Socket.IO doors on the app; nothing runs yet."""
    api.register(app)
    origins = settings.origins
    if origins is not None:
        CORS(app, origins=origins, resources=r"/api/*", expose_headers=HEADERS_FOR_PAGES, max_age=3600)
    with app.app_context():
        registry = Registry(redis(), ttl_seconds=settings.registry_ttl_seconds)
    connections = Connections(app, registry, settings)
    admission = Admission(
        services.of(app, RateLimits),
        transports_per_address=settings.transports_per_address,
        sessions_per_minute=settings.rate_limit_per_minute,
    )
    waiting = Waiting()
    queue = QueueManager(settings.redis_url, waiting.resolve, **tls_options(settings))
    transport.use()
    socketio.init_app(
        app,
        async_mode=settings.async_mode,
        client_manager=queue,
        cors_allowed_origins=origins,
        cors_credentials=False,
        max_http_buffer_size=LARGEST_MESSAGE_BYTES,
        manage_session=False,
        # sockets/pings.py minds them.
        monitor_clients=False,
        http_compression=False,
        # Given one, a library adds no handler of its own, which would write past ours (core/logs.py).
        logger=logging.getLogger("socketio.server"),
        engineio_logger=logging.getLogger("engineio.server"),
        serializer=transport.StrictPacket,
        json=transport.CarefulJson,
    )
    transport.bind(
        socketio.server,
        packets_per_second=transport.PACKETS_PER_EVENT * settings.socket_events_per_second,
        client_queue_messages=settings.client_queue_messages,
        admission=admission,
    )
    in_flight = RequestsInFlight(without_frame_compression(admission.before(app.wsgi_app)))
    app.wsgi_app = RequestLog(SafeHeaders(in_flight))  # type: ignore[method-assign]
    losses = services.of(app, Losses)
    with app.app_context():
        for_clients = DatabaseLog(db.engine)
        followings = Followings(db.engine)
    queue.delivery = Delivery(
        DatabaseLog(one_apart(settings, losses, purpose="delivery")),
        connections,
        look_seconds=settings.look_seconds,
        for_clients=for_clients,
        forget_sign_ins=lambda: services.of(app, RememberedSignIns).forget(),
    )
    remembered = RememberedSignIns[SignedIn](queue.delivery.seconds_since_all_was_known)
    health = HealthDatabase(one_apart(settings, losses, purpose="health"))

    def ring() -> None:
        with app.app_context():
            wake_lane()

    bell = Bell(ring, socketio.start_background_task)
    with app.app_context():
        intake = Intake(db.engine, lambda: services.of(app, Bell).ring(), idempotency_hours=settings.idempotency_hours)
    recent = (RecentHealth(), RecentReadiness())
    of_sockets = (registry, connections, followings, admission, queue.delivery)
    calls = (remembered, waiting, intake, bell, Alternatives())
    own = (in_flight, *of_sockets, health, *recent, *calls)
    for service in own:
        services.provide(app, service)
    ringing.ring_after_commits(db.session)


def without_frame_compression(serve: WSGIApplication) -> WSGIApplication:
    """Keep WebSocket clients from negotiating permessage-deflate (RFC 7692).

    It doubles processor and memory per connection, for messages of a few hundred bytes.
    """

    def serve_plain(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return serve(environ, start_response)

    return serve_plain


def start(app: APIFlask) -> None:
    """Start delivering: from here on the process follows the log."""
    settings = services.of(app, Settings)
    address = f"{settings.host}:{settings.port}"
    say_start(settings, "web", version=VERSION, address=address, asyncMode=settings.async_mode)
    memory.settle()
    delivery = services.of(app, Delivery)
    connections = services.of(app, Connections)
    if not socketio.server.manager_initialized:
        socketio.server.manager.initialize()
        socketio.server.manager_initialized = True
    socketio.start_background_task(delivery.run)
    socketio.start_background_task(connections.watch, delivery)
    socketio.start_background_task(say_what_does_not_fit, app)


def say_what_does_not_fit(app: APIFlask) -> None:
    """Log once which servers take fewer connections than all processes may have, when all of them have started."""
    time.sleep(OTHERS_START_SECONDS)
    settings, database = services.of(app, Settings), services.of(app, HealthDatabase)
    web_processes = max(1, len(services.of(app, Registry).processes()))
    with app.app_context():
        found = too_many(database, redis(), settings, web_processes)
    for sentence in found:
        logger.warning("%s (docs/deploying.md, How connections add up)", sentence)


def stop(app: APIFlask) -> None:
    """Return when the process may end: its clients have left and its requests are answered, or it took too long."""
    settings = services.of(app, Settings)
    # Several stop one after the other, within the time that one has.
    seconds = settings.drain_seconds / settings.web_processes
    in_flight = services.of(app, RequestsInFlight)
    drain(services.of(app, Connections), in_flight, seconds=seconds)
    door = services.find(app, Door)
    if door is not None:
        close_and_finish(door, in_flight, seconds=min(seconds, LAST_CALLS_SECONDS / settings.web_processes))
