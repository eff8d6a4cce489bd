"""Dental Sync keeps a dental practice's diary true on every screen at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

# Nothing is imported before an app is made: wsgi.py patches the standard library first.
if TYPE_CHECKING:
    from apiflask import APIFlask

    from dental_sync.core.config import Settings

# A transaction that is left open must not stop the log, and a lock that is not to be had is an answer too.
_SESSION_OPTIONS = (
    "-c timezone=UTC -c idle_in_transaction_session_timeout=5s -c lock_timeout=5s -c statement_timeout=30s"
)


# The worker says once and for all who acts; a web process says it in each transaction (storage/row_security.py).
_PROCESS_OPTIONS = {"web": "", "worker": " -c dental_sync.role=worker"}


def create_app(
    settings: Settings | None = None,
    *,
    process: Literal["web", "worker"] = "web",
    offload: Callable[..., Any] | None = None,
) -> APIFlask:
    """Make the app: of a web process with its doors, or of a worker with its tasks.

    `offload` runs work that holds the processor in a thread, where the process is evented; None does it at once.
    Raises ConfigurationError.
    """
    from apiflask import APIFlask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from dental_sync.core.config import Settings, sqlalchemy_url

    settings = settings or Settings.from_environment()
    app = APIFlask(__name__, title="Dental Sync", version="0.1.0", docs_path=None, spec_path="/api/openapi.json")
    url = settings.web_database_url if process == "web" else settings.worker_database_url
    app.config.update(
        SECRET_KEY=settings.secret_key,
        JWT_SECRET_KEY=settings.jwt_secret_key,
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(seconds=settings.access_token_seconds),
        JWT_REFRESH_TOKEN_EXPIRES=timedelta(seconds=settings.refresh_token_seconds),
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        SQLALCHEMY_DATABASE_URI=sqlalchemy_url(url),
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": settings.database_pool_size if process == "web" else 2,
            "max_overflow": 0,
            "pool_timeout": 5,
            "pool_use_lifo": True,
            "connect_args": {
                "connect_timeout": 5,
                "options": _SESSION_OPTIONS + _PROCESS_OPTIONS[process],
                "application_name": f"dental-sync {process}",
            },
        },
        OPENAPI_VERSION="3.1.0",
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of Flask's default provider

    from dental_sync.core import extensions, services
    from dental_sync.core.blocking import Offload
    from dental_sync.core.idle_connections import ping_what_was_idle
    from dental_sync.core.rate_limits import RateLimits
    from dental_sync.core.redis import connect_redis

    services.provide(app, settings)
    services.provide(app, Offload() if offload is None else Offload(offload))
    services.provide(app, connect_redis(settings.redis_url))
    services.provide(app, RateLimits())
    extensions.db.init_app(app)
    with app.app_context():
        ping_what_was_idle(extensions.db.engine)
    extensions.jwt.init_app(app)

    from dental_sync.processes import tasks

    tasks.configure(app, settings)
    if process == "web":
        from dental_sync.processes import web

        web.bind(app, settings)
        from dental_sync.processes.caller_address import CallerAddress

        caller_address = CallerAddress(app.wsgi_app, settings.trusted_proxies)
        services.provide(app, caller_address)
        app.wsgi_app = ProxyFix(caller_address, *[settings.trusted_proxies] * 2)  # type: ignore[method-assign]
    return app
