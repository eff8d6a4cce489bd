"""Settings that cannot mean what they say, or that contradict each other: refused at start, and not found out at night.

Each sentence names the setting and repeats no value that may be a secret.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import psycopg2
from email_validator import EmailNotValidError, validate_email
from psycopg2.extensions import parse_dsn

if TYPE_CHECKING:
    from dental_sync.core.config import Settings

# What code that knows no settings goes by. Health calls a process unhealthy that is behind for so long.
LOOK_BELOW_SECONDS = 5
# The watch over the sockets renews what is due once a second.
SHORTEST_REGISTRY_SECONDS = 2
# A replay waits while 200 messages are queued for its client, so that it never fills half of the queue.
SHORTEST_QUEUE_MESSAGES = 400
# What docs/protocol.md promises to take.
SMALLEST_BODY_BYTES = 65_536
SHORTEST_METRICS_TOKEN = 16
HIGHEST_PORT = 65_535
# Beyond it a number is a slip: each takes 100 MiB and ten connections to PostgreSQL.
MOST_WEB_PROCESSES = 64
# A slip of the keyboard must not cost a practice its past.
SHORTEST_APPOINTMENT_DAYS = 365
# No appointment is longer.
LONGEST_BOOKING_MINUTES = 720

DATABASE_SCHEMES = ("postgres", "postgresql", "postgresql+psycopg2")
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# A name or an address; nothing that would end a header's list.
_HOST = re.compile(r"[a-z0-9._:-]+")


def contradictions(settings: Settings) -> Iterator[str]:
    """A sentence for each."""
    for name in ("database_url", "web_database_url", "worker_database_url"):
        yield from _database_url(name.upper(), getattr(settings, name))
    yield from _redis_url(settings)
    yield from _redis_tls(settings)
    yield from _origins(settings)
    yield from _mail(settings)
    yield from _web_processes(settings)
    yield from _words(settings)
    yield from _numbers(settings)


def _database_url(name: str, url: str) -> Iterator[str]:
    scheme, _, rest = url.partition("://")
    if scheme not in DATABASE_SCHEMES:
        yield f"{name}: a database URL must begin with postgresql://"
        return
    try:
        parts = parse_dsn(f"postgresql://{rest}")
    except psycopg2.Error:
        yield f"{name} is not a URL that libpq can read"
        return
    if not parts.get("dbname"):
        yield f"{name} must end with /, and the name of the database"
    if any(not port.isdecimal() for port in parts.get("port", "5432").split(",")):
        yield f"{name}: the port must be a number"


def _redis_url(settings: Settings) -> Iterator[str]:
    address = urlsplit(settings.redis_url)
    if address.scheme not in ("redis", "rediss"):
        yield "REDIS_URL must begin with redis:// or rediss://"
        return
    if address.query or address.fragment:
        yield (
            "REDIS_URL must be without ? and #, because the three libraries that read it understand parameters "
            "differently; for TLS there are REDIS_TLS_VERIFY and REDIS_CA_FILE"
        )
    number = address.path.removeprefix("/")
    if number and not number.isdecimal():
        yield "REDIS_URL: after the host there can only be /, and the number of a database"
    try:
        has_host = bool(address.hostname) and address.port != 0
    except ValueError:
        has_host = False
    if not has_host:
        yield "REDIS_URL must name a host, and a port that is a number"


def _redis_tls(settings: Settings) -> Iterator[str]:
    verify, file = settings.redis_tls_verify, settings.redis_ca_file
    if verify not in ("full", "ca", "none"):
        yield "REDIS_TLS_VERIFY must be full, ca or none"
    if not settings.redis_url.startswith("rediss://") and (verify != "full" or file):
        yield "REDIS_TLS_VERIFY and REDIS_CA_FILE mean nothing for redis://, which is without TLS; use rediss://"
    if not file:
        return
    if verify == "none":
        yield "REDIS_CA_FILE says whom to trust, and REDIS_TLS_VERIFY=none to trust everybody: set one of them"
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ValueError):
        yield f"REDIS_CA_FILE: {file!r} cannot be read as certificates in PEM"


def _origins(settings: Settings) -> Iterator[str]:
    origins = settings.origins
    for origin in origins if isinstance(origins, list) else []:
        if origin == "*":
            yield "CORS_ORIGINS: * stands for all of them, and must be alone"
        elif not _is_origin(origin):
            yield f"CORS_ORIGINS: {_no_origin(origin)}"
    for origin in settings.framers:
        if not _is_origin(origin):
            yield f"FRAME_ANCESTORS: {_no_origin(origin)}"


def _no_origin(text: str) -> str:
    return (
        f"{text!r} is not an origin as browsers send it, such as https://portal.example or http://127.0.0.1:5173: "
        "in lower case, without a path, a / at the end, or the scheme's own port"
    )


def _is_origin(text: str) -> bool:
    try:
        address = urlsplit(text)
        port = address.port
    except ValueError:
        return False
    if (
        address.scheme not in _DEFAULT_PORTS
        or not _HOST.fullmatch(name := address.hostname or "")
        or port == _DEFAULT_PORTS[address.scheme]
    ):
        return False
    host = f"[{name}]" if ":" in name else name
    return text == f"{address.scheme}://{host}" + ("" if port is None else f":{port}")


def _mail(settings: Settings) -> Iterator[str]:
    if settings.mail_url and not (_is_folder(settings.mail_url) or _names_host(settings.mail_url, "smtp", "smtps")):
        yield (
            "MAIL_URL must be smtp:// or smtps:// with a host, a port where it is another than usual, and user and "
            "password where they are needed, what is special in those written as in a URL (%40 for @); or file: and a "
            "folder"
        )
    if settings.sms_url and not (_is_folder(settings.sms_url) or _names_host(settings.sms_url, "https", "http")):
        yield "SMS_URL must be https:// with a host (http:// on this machine), or file: and a folder"
    if settings.public_url and not _names_host(settings.public_url, "https", "http", is_base=True):
        yield "PUBLIC_URL must be https:// (or http://) with a host, without ? and #: links begin with it"
    if settings.mail_from:
        try:
            validate_email(settings.mail_from, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            yield "MAIL_FROM must be an e-mail address alone, such as practice@example.org"


def _is_folder(url: str) -> bool:
    address = _read(url)
    return address is not None and address.scheme == "file" and bool(address.path) and not address.netloc


def _names_host(url: str, *schemes: str, is_base: bool = False) -> bool:
    """Whether it is of one of these schemes, and a host; what is typed by somebody else goes there by TLS."""
    address = _read(url)
    if address is None or address.scheme not in schemes or not address.hostname or address.fragment:
        return False
    if is_base:
        return not address.query and not address.username
    if address.scheme.startswith("smtp"):
        return not address.query and address.path in ("", "/")
    return address.scheme == "https" or address.hostname in _THIS_MACHINE


def _read(url: str) -> SplitResult | None:
    try:
        address = urlsplit(url)
        return None if address.port == 0 else address
    except ValueError:
        return None


def _web_processes(settings: Settings) -> Iterator[str]:
    if settings.port > HIGHEST_PORT:
        yield f"PORT must be at most {HIGHEST_PORT}"
    token = settings.metrics_token
    if token and (len(token) < SHORTEST_METRICS_TOKEN or not all("!" <= letter <= "~" for letter in token)):
        yield f"METRICS_TOKEN must be at least {SHORTEST_METRICS_TOKEN} visible ASCII characters, without a space"
    if settings.web_processes == 1:
        return
    if settings.web_processes > MOST_WEB_PROCESSES:
        yield f"WEB_PROCESSES must be at most {MOST_WEB_PROCESSES}; more are more machines"
    if settings.async_mode != "eventlet":
        yield "WEB_PROCESSES needs ASYNC_MODE=eventlet: the other servers hand no connection on to another process"
    metrics = range(settings.metrics_port, settings.metrics_port + settings.web_processes)
    if settings.port in metrics or metrics[-1] > HIGHEST_PORT:
        yield "METRICS_PORT, and a port after it for each of WEB_PROCESSES, must be below 65536 and not be PORT"


def _words(settings: Settings) -> Iterator[str]:
    if settings.async_mode not in ("eventlet", "gevent", "threading"):
        yield "ASYNC_MODE must be eventlet, gevent or threading"
    if settings.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        yield "LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL"
    if settings.mail_language not in ("de", "en"):
        yield "MAIL_LANGUAGE must be de or en"
    if settings.log_format not in ("text", "json"):
        yield "LOG_FORMAT must be text or json"


def _numbers(settings: Settings) -> Iterator[str]:
    if settings.refresh_token_seconds < settings.access_token_seconds:
        yield "REFRESH_TOKEN_SECONDS must not be below ACCESS_TOKEN_SECONDS: a sign-in ends with its refresh token"
    if settings.idempotency_hours > 24 * settings.log_retention_days:
        yield "IDEMPOTENCY_HOURS must not be above LOG_RETENTION_DAYS, after which outcomes are deleted"
    if 0 < settings.appointment_retention_days < SHORTEST_APPOINTMENT_DAYS:
        yield f"APPOINTMENT_RETENTION_DAYS must be 0, or {SHORTEST_APPOINTMENT_DAYS} or more: what is deleted is gone"
    if settings.look_seconds >= LOOK_BELOW_SECONDS:
        yield f"LOOK_SECONDS must be below {LOOK_BELOW_SECONDS}: a process that is so far behind counts as unhealthy"
    if settings.registry_ttl_seconds < SHORTEST_REGISTRY_SECONDS:
        yield f"REGISTRY_TTL_SECONDS must be at least {SHORTEST_REGISTRY_SECONDS}: entries are renewed once a second"
    if settings.client_queue_messages < SHORTEST_QUEUE_MESSAGES:
        yield (
            f"CLIENT_QUEUE_MESSAGES must be at least {SHORTEST_QUEUE_MESSAGES}: a replay would cut off who reads well"
        )
    if settings.max_body_bytes < SMALLEST_BODY_BYTES:
        yield f"MAX_BODY_BYTES must be at least {SMALLEST_BODY_BYTES}: clients are promised that it is taken"
    if settings.patient_booking_minutes > LONGEST_BOOKING_MINUTES:
        yield f"PATIENT_BOOKING_MINUTES must be at most {LONGEST_BOOKING_MINUTES}: no appointment is longer"
