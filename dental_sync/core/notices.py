"""What is amiss by choice, one sentence each: said by each process when it starts and in `/api/sync/health`.

A notice names no host, account or secret, because anybody may read health.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from psycopg2.extensions import parse_dsn

from dental_sync.core.config import Settings

# libpq's `prefer` and `allow` go on without TLS where the other side does not offer it.
_TLS_MODES = frozenset({"require", "verify-ca", "verify-full"})


def notices(settings: Settings) -> list[str]:
    """The sentences for these settings, in a fixed order; empty where nothing is amiss. Nothing is connected to."""
    return [
        *_one_database_role(settings),
        *_database_without_tls(settings),
        *_redis_without_tls(settings),
        *_no_mail(settings),
    ]


def _one_database_role(settings: Settings) -> Iterator[str]:
    if settings.has_one_database_role:
        yield (
            "One database role does everything: row-level security does not restrict the app, and the audit trail can "
            "be changed; set WEB_DATABASE_URL and WORKER_DATABASE_URL."
        )


def _database_without_tls(settings: Settings) -> Iterator[str]:
    for name in ("database_url", "web_database_url", "worker_database_url"):
        url = getattr(settings, name)
        # Where it is the owner's because it is not set, it was said already.
        if (name == "database_url" or url != settings.database_url) and not _database_is_safe(url):
            yield (
                f"{name.upper()} names another machine and does not require TLS; add ?sslmode=verify-full, or "
                "?sslmode=require where its certificate cannot be checked."
            )


def _redis_without_tls(settings: Settings) -> Iterator[str]:
    address = urlsplit(settings.redis_url)
    if address.scheme == "redis" and not is_this_machine(address.hostname or ""):
        yield "REDIS_URL names another machine and is without TLS; use rediss://."
    if address.scheme == "rediss" and settings.redis_tls_verify == "none":
        yield (
            "REDIS_TLS_VERIFY=none: whoever sits between here and Redis can read and change all that goes there; set "
            "REDIS_CA_FILE instead."
        )


def _no_mail(settings: Settings) -> Iterator[str]:
    if not settings.mail_url:
        yield (
            "MAIL_URL is not set: no mails are made, neither about appointments nor with codes for who has forgotten a "
            "password."
        )
    elif not settings.public_url:
        yield "PUBLIC_URL is not set: mails carry codes and no links."


def _database_is_safe(url: str) -> bool:
    parts = parse_dsn("postgresql://" + url.partition("://")[2])
    # Several hosts are tried in their order.
    hosts = parts.get("hostaddr", parts.get("host", "")).split(",")
    return parts.get("sslmode") in _TLS_MODES or all(is_this_machine(host) for host in hosts)


def is_this_machine(host: str) -> bool:
    """A socket in the file system, or a name or address of loopback."""
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
