"""Dental Sync keeps a dental practice's diary true on every screen at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

# Nothing is imported before an app is made: wsgi.py patches the standard library first.
if TYPE_CHECKING:
    from apiflask import APIFlask

    from dental_sync.core.blocking import Offload
    from dental_sync.core.config import Settings


def create_app(
    settings: Settings | None = None,
    *,
    process: Literal["web", "worker"] = "web",
    offload: Offload | None = None,
    tasks_at_once: int = 1,
) -> APIFlask:
    """Make the app: of a web process with its doors, or of a worker with its tasks.

    `offload` says how work that holds the processor is done where the process is evented; None does it at once.
    `tasks_at_once` says how many tasks a worker does at a time. Raises ConfigurationError.
    """
    from apiflask import APIFlask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from dental_sync.core import engines
    from dental_sync.core.config import Settings
    from dental_sync.core.version import VERSION

    settings = settings or Settings.from_environment()
    app = APIFlask(__name__, title="Dental Sync", version=VERSION, docs_path=None, spec_path="/api/openapi.json")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        JWT_SECRET_KEY=settings.jwt_secret_key,
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(seconds=settings.access_token_seconds),
        JWT_REFRESH_TOKEN_EXPIRES=timedelta(seconds=settings.refresh_token_seconds),
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        SQLALCHEMY_DATABASE_URI=engines.url_of(settings, process),
        SQLALCHEMY_ENGINE_OPTIONS=engines.options(settings, process, tasks_at_once=tasks_at_once),
        OPENAPI_VERSION="3.1.0",
    )

    from dental_sync.core import extensions, logs, services
    from dental_sync.core.blocking import Offload, Places
    from dental_sync.core.idle_connections import Losses, ping_what_may_be_dead
    from dental_sync.core.json_bytes import OrjsonProvider
    from dental_sync.core.no_sessions import NoSessions
    from dental_sync.core.rate_limits import RateLimits
    from dental_sync.core.redis import connect_redis, tls_options
    from dental_sync.queries.public_times import SharedTimes
    from dental_sync.records.sign_in_pace import SignInPace

    # Flask's own would write down the path.
    app.log_exception = lambda exc_info: logs.log_uncaught(exc_info[1])  # type: ignore[method-assign]
    app.json = OrjsonProvider(app)
    app.session_interface = NoSessions()
    services.provide(app, settings)
    services.provide(app, Offload() if offload is None else offload)
    services.provide(app, Places())
    losses = Losses()
    services.provide(app, losses)
    redis = connect_redis(settings.redis_url, connections=settings.redis_pool_size, **tls_options(settings))
    services.provide(app, redis)
    services.provide(app, RateLimits())
    services.provide(app, SignInPace())
    services.provide(app, SharedTimes())
    extensions.db.init_app(app)
    with app.app_context():
        ping_what_may_be_dead(extensions.db.engine, losses)
    extensions.jwt.init_app(app)

    from dental_sync.processes import celery_settings

    celery_settings.configure(settings)
    if process == "worker":
        from dental_sync.processes import tasks

        tasks.bind(app)
    if process == "web":
        from dental_sync.processes import web
        from dental_sync.processes.caller_address import CallerAddress
        from dental_sync.processes.forwarded_prefix import ForwardedPrefix

        web.bind(app, settings)
        caller_address = CallerAddress(app.wsgi_app, settings.trusted_proxies)
        services.provide(app, caller_address)
        app.wsgi_app = ForwardedPrefix(  # type: ignore[method-assign]
            ProxyFix(caller_address, *[settings.trusted_proxies] * 2), settings.trusted_proxies
        )
    return app
