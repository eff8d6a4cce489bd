"""Every setting, with its unit and its default: the environment is read here and nowhere else."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Literal, Self

AsyncMode = Literal["eventlet", "gevent", "threading"]

SHORTEST_SECRET_BYTES = 32
SHORTEST_METRICS_TOKEN = 16
HIGHEST_PORT = 65535
# Settings in which nothing means none; everywhere else zero is a slip.
_MAY_BE_ZERO = frozenset({"trusted_proxies", "cancel_cutoff_hours"})


class ConfigurationError(Exception):
    """The environment does not describe a system that may run; the message says which variable and why."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What the environment says. A field's environment variable is its name in capitals."""

    # Where the data is. Three roles of one database: the owner migrates, web and worker may only do their own work.
    # With one credential (a small hosting plan) web and worker fall back to the owner's: a weaker, documented mode.
    database_url: str
    web_database_url: str
    worker_database_url: str
    redis_url: str

    secret_key: str
    jwt_secret_key: str
    # Demo mode knows its secrets and may load the demo practice; everything else insists on real secrets.
    demo_mode: bool = False

    host: str = "127.0.0.1"
    port: int = 3000
    async_mode: AsyncMode = "eventlet"
    # Comma-separated origins whose pages may call, over REST and Socket.IO; `*` for all, empty for our own only.
    # No cookie is involved: a page can do no more than the token that it holds.
    cors_origins: str = ""
    # What a Prometheus must show as its bearer token to read /metrics; empty for no such address.
    metrics_token: str = ""
    # How many proxies in front of this process may name the caller's address (one on Heroku).
    trusted_proxies: int = 0
    log_level: str = "INFO"
    # Connections of one web process to the database, and to its WSGI server (Socket.IO clients included):
    # fewer where the machine allows fewer open files; who comes then waits until somebody goes.
    database_pool_size: int = 20
    max_connections: int = 20_000

    access_token_seconds: int = 900
    refresh_token_seconds: int = 30 * 24 * 3600

    # How long an HTTP call waits for the worker's decision before it answers 202.
    write_wait_seconds: float = 5.0
    # How long an idempotency key keeps its outcome.
    idempotency_hours: int = 24
    # A request that was tried this often without an outcome (its worker died each time) is rejected.
    write_attempts: int = 3

    heartbeat_seconds: float = 30.0
    # How often a web process looks at the head of the log for what Redis did not bring.
    look_seconds: float = 1.0
    # A process that has not renewed its registry entry for this long counts as dead.
    registry_ttl_seconds: float = 30.0
    log_retention_days: int = 7
    # How long a web process that was asked to stop gives its clients and requests; the host must not kill it sooner.
    drain_seconds: float = 20.0

    # Patients may reschedule and cancel until this long before the start.
    cancel_cutoff_hours: int = 24
    # How long a time is kept for somebody who has not decided, and how many times one patient may keep.
    hold_seconds: int = 300
    holds_per_patient: int = 3
    # The longest booking that a patient may make without naming a treatment.
    patient_booking_minutes: int = 120

    rate_limit_per_minute: int = 600
    login_limit_per_minute: int = 20
    # How long an HTTP connection may be silent, and each part of a request (address, headers, body) take to arrive.
    idle_seconds: float = 60.0
    # What one client may ask of the sockets.
    connections_per_account: int = 200
    socket_events_per_second: int = 50
    # Messages that may be queued for a client that does not read, before it is cut off (it resumes).
    client_queue_messages: int = 5_000
    max_body_bytes: int = 64 * 1024

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings; raises ConfigurationError when one is missing, malformed or unsafe."""
        values = os.environ if environment is None else environment
        fields: dict[str, object] = {}
        for field in dataclasses.fields(cls):
            text = values.get(field.name.upper(), "")
            if text:
                fields[field.name] = _parse(field, text)
        for required in ("database_url", "redis_url"):
            if required not in fields:
                raise ConfigurationError(f"{required.upper()} is not set")
        fields.setdefault("web_database_url", fields["database_url"])
        fields.setdefault("worker_database_url", fields["database_url"])
        if fields.get("demo_mode"):
            fields.setdefault("secret_key", "demo-" * 8)
            fields.setdefault("jwt_secret_key", "demo-jwt-" * 8)
        for secret in ("secret_key", "jwt_secret_key"):
            fields.setdefault(secret, "")
        settings = cls(**fields)  # type: ignore[arg-type]  # every field was parsed by its own type above
        settings.check()
        return settings

    def check(self) -> None:
        """Raise ConfigurationError for a combination that must not run."""
        if not self.redis_url.startswith(("redis://", "rediss://")):
            raise ConfigurationError("REDIS_URL must begin with redis:// or rediss://")
        if self.port > HIGHEST_PORT:
            raise ConfigurationError(f"PORT must be at most {HIGHEST_PORT}")
        if self.async_mode not in ("eventlet", "gevent", "threading"):
            raise ConfigurationError("ASYNC_MODE must be eventlet, gevent or threading")
        token = self.metrics_token
        if token and (len(token) < SHORTEST_METRICS_TOKEN or not all("!" <= letter <= "~" for letter in token)):
            raise ConfigurationError(
                f"METRICS_TOKEN must be at least {SHORTEST_METRICS_TOKEN} visible ASCII characters, without a space"
            )
        if self.demo_mode:
            return
        for name in ("secret_key", "jwt_secret_key"):
            secret = getattr(self, name)
            if len(secret.encode()) < SHORTEST_SECRET_BYTES or len(set(secret)) < 8 or secret.startswith("demo-"):
                raise ConfigurationError(
                    f"{name.upper()} must be a random secret of at least {SHORTEST_SECRET_BYTES} bytes outside demo "
                    'mode; make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
                )
        if self.secret_key == self.jwt_secret_key:
            raise ConfigurationError("SECRET_KEY and JWT_SECRET_KEY must differ")


def sqlalchemy_url(url: str) -> str:
    """Name the driver: hosts hand out postgres:// URLs, and SQLAlchemy 2.1 would take psycopg 3 for them."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg2"):
        raise ConfigurationError("a database URL must begin with postgresql://")
    return f"postgresql+psycopg2://{rest}"


def _parse(field: dataclasses.Field[object], text: str) -> object:
    kind = str(field.type)
    try:
        if kind == "bool":
            return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
        if kind == "int":
            return _number(field, int(text))
        if kind == "float":
            return _number(field, float(text))
    except (KeyError, ValueError):
        raise ConfigurationError(f"{field.name.upper()} is not a valid {kind}: {text!r}") from None
    return text


def _number(field: dataclasses.Field[object], value: float) -> float:
    smallest_excluded = -1 if field.name in _MAY_BE_ZERO else 0
    if not smallest_excluded < value < float("inf"):
        raise ValueError
    return value
