"""Every setting, with its unit and its default: the environment is read here and nowhere else."""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Mapping
from typing import Literal, Self, TypeVar
from urllib.parse import unquote, urlsplit

from dental_sync.core.plausible import DATABASE_SCHEMES, contradictions
from dental_sync.core.secret_strength import SHORTEST_SECRET_BYTES, is_strong
from dental_sync.core.setting_values import value_of

_Value = TypeVar("_Value")


class ConfigurationError(Exception):
    """The environment does not describe a system that may run; the message says which variable and why."""


def _about(unit: str, meaning: str, *, zero: bool = False) -> dict[str, object]:
    """What docs/settings.md prints of a field. `zero`: nought means none; for other numbers it is an input error."""
    return {"unit": unit, "meaning": meaning, "zero": zero}


def _setting(default: _Value, unit: str, meaning: str, *, zero: bool = False) -> _Value:
    field: _Value = dataclasses.field(default=default, metadata=_about(unit, meaning, zero=zero))
    return field


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What the environment says. A field's environment variable is its name in capitals.

    Each field carries its unit and its meaning; `make docs` prints them into docs/settings.md.
    """

    # Three roles of one database: the owner migrates, web and worker may only do their own work.
    database_url: str = dataclasses.field(
        metadata=_about("URL", "The database (PostgreSQL 14 or newer), with the owner's credential. Required.")
    )
    web_database_url: str = dataclasses.field(
        metadata=_about("URL", "The same with the web role's credential; without it the owner's, a weaker mode.")
    )
    worker_database_url: str = dataclasses.field(
        metadata=_about("URL", "The same with the worker role's credential; without it the owner's, a weaker mode.")
    )
    one_database_role: bool = _setting(
        False,
        "0 or 1",
        "Outside demo mode: run with the owner's credential alone, although nothing then separates the processes.",
    )
    redis_url: str = dataclasses.field(
        metadata=_about("URL", "Redis: `redis://`, or `rediss://` with TLS; without parameters. Required.")
    )
    redis_tls_verify: Literal["full", "ca", "none"] = _setting(
        "full",
        "word",
        "What is checked of Redis' certificate, by all that connect to it: `full`: who signed it and for which host; "
        "`ca`: who signed it; `none`: nothing, so that whoever sits in between can read and change all of it.",
    )
    redis_ca_file: str = _setting(
        "", "file", "PEM file with who may have signed Redis' certificate, or that itself; empty: the machine's list."
    )
    redis_pool_size: int = _setting(
        3, "connections", "Redis connections of one process, beside those of its message queue and task queue."
    )

    secret_key: str = dataclasses.field(
        metadata=_about("text", "Flask's secret: random, 32 bytes or more. Required outside demo mode.")
    )
    jwt_secret_key: str = dataclasses.field(
        metadata=_about(
            "text", "Signs the tokens: random, 32 bytes or more, another than `SECRET_KEY`. Required likewise."
        )
    )
    jwt_secret_key_previous: str = _setting(
        "", "text", "The former `JWT_SECRET_KEY`: what it has signed holds until it expires; empty: there is none."
    )
    demo_mode: bool = _setting(
        False, "0 or 1", "Use published secrets where none are given, and allow loading the demo practice."
    )

    host: str = _setting("127.0.0.1", "address", "Where a web process listens; `0.0.0.0` for every interface.")
    port: int = _setting(3000, "TCP port", "Where a web process listens.")
    web_processes: int = _setting(
        1, "processes", "How many web processes `python wsgi.py` runs, all of them on `PORT`; limits are for each."
    )
    metrics_port: int = _setting(
        0,
        "TCP port",
        "With several `WEB_PROCESSES`: where the first of them answers `GET /metrics` and `GET /api/ready` for itself, "
        "the others on the ports after it; unless set, the port after `PORT`. With one process they are on `PORT`.",
    )
    async_mode: Literal["eventlet", "gevent", "threading"] = _setting(
        "eventlet", "word", "What a web process runs on: `eventlet`, `gevent` or `threading`."
    )
    # No cookie is involved: a page can do no more than the token that it holds.
    cors_origins: str = _setting(
        "",
        "list",
        "Comma-separated origins whose pages may call REST and Socket.IO, as browsers send them "
        "(`https://portal.example`); `*` for all, empty for our own only.",
    )
    frame_ancestors: str = _setting(
        "",
        "list",
        "Comma-separated origins whose pages may show `/book` in a frame, as browsers send them "
        "(`https://practice.example`); empty for none.",
    )
    public_url: str = _setting(
        "", "address", "Where people reach the practice's pages (`https://practice.example`): the base of every link."
    )
    mail_url: str = _setting(
        "",
        "URL",
        "How mails leave: `smtp://user:password@host:port` (with TLS where it is offered), `smtps://` (with TLS from "
        "the start), or `file:` and a folder, in which each is a file; empty: none are made.",
    )
    mail_from: str = _setting(
        "", "address", "Who mails are from; empty: `noreply` at the host of `PUBLIC_URL`. The name is the practice's."
    )
    mail_language: Literal["de", "en"] = _setting(
        "de", "word", "The language of mails to those of whom no language is known: `de` or `en`."
    )
    reminder_hours: int = _setting(
        24,
        "h",
        "How long before the start patients are reminded, by mail or, where they have no address, by `SMS_URL`; 0 for "
        "never.",
        zero=True,
    )
    sms_url: str = _setting(
        "",
        "URL",
        "How text messages leave: `https:`, where each one is posted as JSON, or `file:` and a folder; empty: none are "
        "made.",
    )
    mail_retention_days: int = _setting(
        30, "days", "How long is kept that a mail was sent, and when; to whom and what it said is deleted once it was."
    )
    metrics_token: str = _setting(
        "", "text", "Bearer token for `GET /metrics`, 16 visible ASCII characters or more; empty: no such address."
    )
    trusted_proxies: int = _setting(
        0,
        "proxies",
        "How many proxies in front of this process may name the caller's address (1 on Heroku), and in "
        "`X-Forwarded-Prefix` the path that it is served behind.",
        zero=True,
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = _setting(
        "INFO",
        "word",
        "The lowest level that is logged: `DEBUG`, `INFO` (a line for each request and write), `WARNING`, `ERROR`, "
        "`CRITICAL`. `DEBUG` in demo mode also logs the texts of exceptions, which may hold what people typed.",
    )
    log_format: Literal["text", "json"] = _setting(
        "text", "word", "How lines are logged: `text`, or `json` with one object a line."
    )
    database_pool_size: int = _setting(
        8,
        "connections",
        "Database connections of one web process for its callers; delivery and health have one more each.",
    )
    max_connections: int = _setting(
        20_000,
        "connections",
        "TCP connections of one web process, Socket.IO clients included; further ones wait until one is closed. "
        "Fewer where its limit of open files is low.",
    )
    transports_per_address: int = _setting(
        10_000,
        "connections",
        "Socket.IO connections of one address (IPv6: of one /64) to one web process; unless set, half of "
        "`MAX_CONNECTIONS`, for a practice behind one router is one address.",
    )

    access_token_seconds: int = _setting(900, "s", "How long an access token is valid.")
    refresh_token_seconds: int = _setting(
        30 * 24 * 3600, "s", "How long a refresh token is valid: signing in again is needed after this long an absence."
    )

    refresh_reuse_seconds: float = _setting(
        30.0,
        "s",
        "Within this time of its use a refresh token gives the same successor again, for an answer may be lost; later "
        "it ends its sign-in.",
        zero=True,
    )
    session_days: int = _setting(90, "days", "How long a sign-in lasts at most, however often it is used.")

    write_wait_seconds: float = _setting(
        5.0, "s", "How long a call waits for the worker's decision before it answers 202."
    )
    idempotency_hours: int = _setting(24, "h", "How long the outcome of an `Idempotency-Key` is kept.")
    write_attempts: int = _setting(
        3, "attempts", "A write request is refused (`write-failed`) when the worker died this often while applying it."
    )

    heartbeat_seconds: float = _setting(30.0, "s", "Time between two heartbeats to a subscribed client.")
    look_seconds: float = _setting(
        1.0, "s", "How often a web process looks at the head of the log for messages that Redis did not bring."
    )
    registry_ttl_seconds: float = _setting(
        30.0, "s", "A web process that has not renewed its registry entry for this long counts as dead."
    )
    log_retention_days: int = _setting(7, "days", "How long messages are kept; older positions need a snapshot.")
    audit_retention_days: int = _setting(
        3650,
        "days",
        "How long the audit trail keeps its entries (ten years), 0 for ever. A shorter time holds from the next "
        "`release` on: only the database's owner may shorten it.",
        zero=True,
    )
    appointment_retention_days: int = _setting(
        0,
        "days",
        "How long appointments are kept after their end, with their clinical notes; 0 for ever, otherwise a year or "
        "more. What the law says about clinical records is the practice's to know.",
        zero=True,
    )
    absence_retention_days: int = _setting(
        0,
        "days",
        "How long time off, closures and when chairs were away are kept after their end; 0 for ever.",
        zero=True,
    )
    invitation_days: int = _setting(7, "days", "How long the code of an invitation works; then it is deleted.")
    drain_seconds: float = _setting(
        20.0,
        "s",
        "How long a web process gives clients and requests after SIGTERM; the host must not kill it sooner.",
    )

    cancel_cutoff_hours: int = _setting(
        24, "h", "Patients may reschedule and cancel until this long before the start.", zero=True
    )
    hold_seconds: int = _setting(300, "s", "How long a hold keeps a time.")
    holds_per_patient: int = _setting(3, "holds", "How many times one patient may hold at once.")
    patient_booking_minutes: int = _setting(
        120, "min", "The longest booking that a patient may make without naming a treatment."
    )

    rate_limit_per_minute: int = _setting(
        600,
        "calls/min",
        "REST calls of one account, counted by each web process for itself; and, of one address (IPv6: of one /64), "
        "each kind of call without a sign-in: health, documents, refreshing, invalid tokens, new polling sessions.",
    )
    login_limit_per_minute: int = _setting(
        20,
        "calls/min",
        "Failed attempts to sign in to one account (ten times as many from one address); after that further ones from "
        "an address take turns, so that guessing is slow. Also the registrations from one address.",
    )
    require_second_factor: bool = _setting(
        False, "0 or 1", "Let staff do nothing before they have set up a second factor."
    )
    desk_offline: bool = _setting(
        False,
        "0 or 1",
        "Let the pages of the front desk and of admins keep what was seen on the device, to be read offline for seven "
        "days, as those of patients and dentists do.",
    )
    desk_lock_minutes: int = _setting(
        0,
        "min",
        "Cover the pages of who works here after so long without a key, a click or a touch, until the password is "
        "given again; 0 for never.",
        zero=True,
    )
    idle_seconds: float = _setting(
        60.0,
        "s",
        "How long an HTTP connection may be silent, and each part of a request (address, headers, body) take.",
    )
    connections_per_account: int = _setting(
        200, "connections", "Socket.IO connections of one account to one web process."
    )
    socket_events_per_second: int = _setting(50, "events/s", "Socket.IO events that one connection may send.")
    client_queue_messages: int = _setting(
        5_000, "messages", "A client that does not read is cut off when this many are queued for it; it resumes."
    )
    max_body_bytes: int = _setting(64 * 1024, "bytes", "The largest request body.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings; raises ConfigurationError when one is missing, malformed or unsafe."""
        values = os.environ if environment is None else environment
        fields: dict[str, object] = {}
        for field in dataclasses.fields(cls):
            text = values.get(field.name.upper(), "")
            # A blank may be part of a secret; elsewhere some libraries take it off, and others do not.
            is_blank = field.metadata["unit"] != "text" and text != text.strip()
            if is_blank or not text.isprintable():
                raise ConfigurationError(f"{field.name.upper()} begins or ends with a blank, or holds a line break")
            if not text:
                continue
            try:
                fields[field.name] = value_of(text, str(field.type), field.metadata["unit"], field.metadata["zero"])
            except ValueError:
                raise ConfigurationError(f"{field.name.upper()} is not a valid {field.type}: {text!r}") from None
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
        if isinstance(connections := fields.get("max_connections"), int):
            fields.setdefault("transports_per_address", max(1, connections // 2))
        if isinstance(port := fields.get("port", cls.port), int):
            fields.setdefault("metrics_port", port + 1)
        settings = cls(**fields)  # type: ignore[arg-type]  # every field was parsed by its own type above
        settings.check()
        return settings

    @property
    def has_one_database_role(self) -> bool:
        """Whether web and worker act with the owner's rights, which row-level security does not restrict."""
        return role_of(self.database_url) == role_of(self.web_database_url) == role_of(self.worker_database_url)

    @property
    def writes_to_people(self) -> bool:
        """Whether mails or text messages leave."""
        return bool(self.mail_url or self.sms_url)

    @property
    def origins(self) -> str | list[str] | None:
        """Whose pages may call: `*` for all, None for our own only."""
        named = _listed(self.cors_origins)
        return "*" if named == ["*"] else named or None

    @property
    def framers(self) -> list[str]:
        """Whose pages may show `/book` in a frame."""
        return _listed(self.frame_ancestors)

    def check(self) -> None:
        """Raise ConfigurationError for a combination that must not run."""
        for sentence in contradictions(self):
            raise ConfigurationError(sentence)
        if self.demo_mode:
            return
        for name in ("secret_key", "jwt_secret_key", "jwt_secret_key_previous"):
            secret = getattr(self, name)
            if not secret and name == "jwt_secret_key_previous":
                continue
            if not is_strong(secret) or secret.startswith("demo-"):
                raise ConfigurationError(
                    f"{name.upper()} must be a random secret of at least {SHORTEST_SECRET_BYTES} bytes outside demo "
                    'mode, without repetitions; make one with: python -c "import secrets; '
                    'print(secrets.token_urlsafe(48))"'
                )
        if len({self.secret_key, self.jwt_secret_key, self.jwt_secret_key_previous}) < 3:
            raise ConfigurationError("SECRET_KEY, JWT_SECRET_KEY and JWT_SECRET_KEY_PREVIOUS must differ")
        if self.has_one_database_role and not self.one_database_role:
            raise ConfigurationError(
                "web and worker would act as the database's owner, whom row-level security does not restrict: set "
                "WEB_DATABASE_URL and WORKER_DATABASE_URL to two roles of their own (docs/deploying.md), or accept it "
                "with ONE_DATABASE_ROLE=1"
            )


def misspelt() -> dict[str, str]:
    """Names in the environment that are nearly a setting's, each with that; they are ignored."""
    names = [field.name.upper() for field in dataclasses.fields(Settings)]
    alike = {name: difflib.get_close_matches(name, names, n=1, cutoff=0.87) for name in os.environ if name not in names}
    return {name: found[0] for name, found in alike.items() if found}


def role_of(url: str) -> str:
    """The role that a database URL names."""
    return unquote(urlsplit(url).username or "")


def sqlalchemy_url(url: str) -> str:
    """Name the driver: hosts hand out postgres:// URLs, and SQLAlchemy 2.1 would take psycopg 3 for them."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in DATABASE_SCHEMES:
        raise ConfigurationError("a database URL must begin with postgresql://")
    return f"postgresql+psycopg2://{rest}"


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
