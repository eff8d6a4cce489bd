"""The settings: what the environment may say, and what must not run."""

from __future__ import annotations

import dataclasses
import secrets

import pytest

from dental_sync import create_app
from dental_sync.core.config import ConfigurationError, Settings, sqlalchemy_url
from dental_sync.core.secret_strength import is_strong

REAL = {
    "DATABASE_URL": "postgresql://owner@localhost/practice",
    "REDIS_URL": "redis://localhost",
    "SECRET_KEY": "Zq8-tF3_xW0kLm5vB7nC2sD9hJ4gP6rY1u",
    "JWT_SECRET_KEY": "aQ2wS4eD6rF8tG0yH1uJ3iK5oL7pZ9xC",
    "ONE_DATABASE_ROLE": "1",
}
DEMO = {"DATABASE_URL": REAL["DATABASE_URL"], "REDIS_URL": REAL["REDIS_URL"], "DEMO_MODE": "1"}


def test_real_secrets_and_two_addresses_are_enough() -> None:
    """Everything else has a default; with one credential web and worker use the owner's."""
    settings = Settings.from_environment(REAL)
    assert settings.web_database_url == settings.worker_database_url == REAL["DATABASE_URL"]
    assert not settings.demo_mode
    assert settings.port == 3000
    assert settings.write_wait_seconds == 5
    assert settings.cancel_cutoff_hours == 24
    assert settings.heartbeat_seconds == 30
    assert settings.max_body_bytes == 64 * 1024


def test_each_role_has_its_own_credential_where_they_are_given() -> None:
    """Owner, web and worker."""
    settings = Settings.from_environment(
        {**REAL, "WEB_DATABASE_URL": "postgresql://web@x/y", "WORKER_DATABASE_URL": "postgresql://worker@x/y"}
    )
    assert settings.web_database_url == "postgresql://web@x/y"
    assert settings.worker_database_url == "postgresql://worker@x/y"


def test_one_role_for_everything_must_be_asked_for_outside_demo_mode() -> None:
    """It is a weaker mode that nobody should get because a variable was forgotten; in demo mode nothing is at stake."""
    forgotten = {name: value for name, value in REAL.items() if name != "ONE_DATABASE_ROLE"}
    with pytest.raises(ConfigurationError, match="ONE_DATABASE_ROLE=1"):
        Settings.from_environment(forgotten)
    roles = {"WEB_DATABASE_URL": "postgresql://web@x/y", "WORKER_DATABASE_URL": "postgresql://worker@x/y"}
    assert not Settings.from_environment({**forgotten, **roles}).has_one_database_role
    assert Settings.from_environment(DEMO).has_one_database_role


@pytest.mark.parametrize("missing", ["DATABASE_URL", "REDIS_URL"])
def test_without_an_address_nothing_runs(missing: str) -> None:
    """The message names the variable; an empty one counts as missing."""
    for environment in ({k: v for k, v in REAL.items() if k != missing}, {**REAL, missing: ""}):
        with pytest.raises(ConfigurationError, match=missing):
            Settings.from_environment(environment)


def test_a_short_token_is_refused_in_demo_mode_too() -> None:
    """Whoever sets one means to keep others out; and what was refused is not repeated in the log."""
    with pytest.raises(ConfigurationError, match="METRICS_TOKEN") as refused:
        Settings.from_environment({**DEMO, "METRICS_TOKEN": "open-sesame"})
    assert "open-sesame" not in str(refused.value)


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY", "JWT_SECRET_KEY_PREVIOUS"])
@pytest.mark.parametrize(
    "weak",
    [
        "",
        "changeme",
        "x" * 31,
        "Zq8-tF3_xW0kLm5vB7nC2sD9hJ4gP6r",  # 31 bytes
        "a" * 64,
        "abcabcab" * 8,
        "correct-horse-battery-staple " * 3,
        "Dental-Practice-2026! dental-practice-2026!",
        "changeme0 changeme1 changeme2 changeme3 changeme4",
        "demo-" * 8,
        "demo-Zq8-tF3_xW0kLm5vB7nC2sD9hJ4gP6rY1u",
    ],
)
def test_outside_demo_mode_a_weak_secret_is_refused(name: str, weak: str) -> None:
    """Missing, short, of few letters, of words said again, or the demo's: the app does not start with it."""
    if name == "JWT_SECRET_KEY_PREVIOUS" and not weak:
        return  # there was none before
    with pytest.raises(ConfigurationError, match=f"^{name} must be a random secret"):
        Settings.from_environment({**REAL, name: weak})


def test_the_two_secrets_must_differ() -> None:
    """What signs cookies must not sign tokens."""
    with pytest.raises(ConfigurationError, match="must differ"):
        Settings.from_environment({**REAL, "JWT_SECRET_KEY": REAL["SECRET_KEY"]})


def test_a_random_secret_is_accepted_of_whatever_kind() -> None:
    """As the ways of making one that people find give it: base64, hexadecimal, a password manager's words."""
    for _ in range(300):
        for secret in (secrets.token_urlsafe(48), secrets.token_hex(32), secrets.token_urlsafe(32)):
            assert is_strong(secret), secret
    assert is_strong("walnut-Sphere-quarry-7-lemon-Tundra-velvet-91-orbit")


def test_the_former_key_must_be_another_one() -> None:
    """Or it would be no change of keys."""
    with pytest.raises(ConfigurationError, match="must differ"):
        Settings.from_environment({**REAL, "JWT_SECRET_KEY_PREVIOUS": REAL["JWT_SECRET_KEY"]})
    former = "mN4bV6cX8zL0kJ2hG5fD7sA9pO1iU3yT"
    assert Settings.from_environment({**REAL, "JWT_SECRET_KEY_PREVIOUS": former}).jwt_secret_key_previous == former


def test_demo_mode_knows_its_secrets() -> None:
    """`make run` works as it is; given secrets win."""
    settings = Settings.from_environment(DEMO)
    assert settings.demo_mode
    assert settings.secret_key != settings.jwt_secret_key
    assert Settings.from_environment({**DEMO, "SECRET_KEY": "mine"}).secret_key == "mine"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("DEMO_MODE", "true", True),
        ("DEMO_MODE", "0", False),
        ("PORT", "8080", 8080),
        ("WRITE_WAIT_SECONDS", "0.5", 0.5),
        ("RATE_LIMIT_PER_MINUTE", "600000", 600_000),
        ("TRUSTED_PROXIES", "1", 1),
        ("TRUSTED_PROXIES", "0", 0),
        ("CANCEL_CUTOFF_HOURS", "0", 0),
        ("REMINDER_HOURS", "0", 0),
        ("MAIL_URL", "smtps://me%40x:p%2Fw@mail.example:465", "smtps://me%40x:p%2Fw@mail.example:465"),
        ("MAIL_URL", "file:var/mail", "file:var/mail"),
        ("MAIL_URL", "file:///var/mail", "file:///var/mail"),
        ("SMS_URL", "https://me:pw@texts.example/v1?from=1", "https://me:pw@texts.example/v1?from=1"),
        ("PUBLIC_URL", "https://practice.example/dental/", "https://practice.example/dental/"),
        ("ASYNC_MODE", "threading", "threading"),
        ("METRICS_TOKEN", "sixteen-letters!", "sixteen-letters!"),
        ("METRICS_TOKEN", "", ""),
    ],
)
def test_a_setting_is_read_as_what_it_is(name: str, text: str, value: object) -> None:
    """A yes, a number, a word; no proxy and no cut-off are numbers too."""
    assert getattr(Settings.from_environment({**REAL, name: text}), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DEMO_MODE", "yes"),
        ("DEMO_MODE", "2"),
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "80.5"),
        ("WRITE_WAIT_SECONDS", "nan"),
        ("WRITE_WAIT_SECONDS", "inf"),
        ("WRITE_WAIT_SECONDS", "0"),
        ("WRITE_WAIT_SECONDS", "five"),
        ("TRUSTED_PROXIES", "-1"),
        ("LOG_RETENTION_DAYS", "0"),
        ("ASYNC_MODE", "asyncio"),
        ("METRICS_TOKEN", "fifteen-letters"),
        ("METRICS_TOKEN", "sixteen letters!"),
        ("METRICS_TOKEN", "sixteen-letters\n"),
        ("METRICS_TOKEN", "sechzehn-zeichenä"),
        ("REDIS_URL", "unix:///tmp/redis.sock"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://host:port"),
        ("REDIS_URL", "redis://host/practice"),
        ("DATABASE_URL", "postgresql://owner@localhost:port/practice"),
        ("DATABASE_URL", "postgresql://owner@localhost"),
        ("DATABASE_URL", "postgresql://owner@localhost/practice?sslmodus=x"),
        ("WORKER_DATABASE_URL", "mysql://owner@localhost/practice"),
        ("MAIL_URL", "mail.example"),
        ("MAIL_URL", "http://mail.example"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_URL", "smtp://mail.example:port"),
        ("MAIL_URL", "smtp://[mail.example"),
        ("MAIL_URL", "smtp://mail.example/inbox"),
        ("MAIL_URL", "file:"),
        ("MAIL_URL", "file://folder"),
        ("MAIL_FROM", "Practice <practice@example.org>"),
        ("MAIL_FROM", "practice"),
        ("MAIL_LANGUAGE", "fr"),
        ("SMS_URL", "http://texts.example/send"),
        ("SMS_URL", "https://"),
        ("SMS_URL", "smtp://texts.example"),
        ("PUBLIC_URL", "practice.example"),
        ("PUBLIC_URL", "https://practice.example/?page=1"),
        ("LOG_LEVEL", "LOUD"),
        ("PORT", " 3000"),
        ("JWT_SECRET_KEY", REAL["JWT_SECRET_KEY"] + "\n"),
        # What would fail at night, where it is added to a date.
        ("LOG_RETENTION_DAYS", "1000000"),
        ("ACCESS_TOKEN_SECONDS", "1" + 20 * "0"),
        ("MAX_CONNECTIONS", "1" + 20 * "0"),
    ],
)
def test_a_malformed_setting_is_refused_by_name(name: str, text: str) -> None:
    """Nobody finds out at night that a number was none."""
    with pytest.raises(ConfigurationError, match=name):
        Settings.from_environment({**REAL, name: text})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_hosts_may_spell_the_database_url_as_they_do(scheme: str) -> None:
    """The driver is ours to name."""
    assert sqlalchemy_url(f"{scheme}://web:pw@host:1/db") == "postgresql+psycopg2://web:pw@host:1/db"


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:///practice.db", "localhost", "", "postgresql+psycopg://x/y"])
def test_another_database_is_refused(url: str) -> None:
    """Triggers and exclusion constraints are PostgreSQL's; the app does not start with anything else."""
    with pytest.raises(ConfigurationError, match="postgresql://"):
        sqlalchemy_url(url)
    settings = dataclasses.replace(Settings.from_environment(DEMO), web_database_url=url)
    with pytest.raises(ConfigurationError):
        create_app(settings)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        # Celery, redis-py and the message queue would each read it in their own way.
        ({"REDIS_URL": "rediss://host:6379/0?ssl_cert_reqs=none"}, ["REDIS_URL", "REDIS_TLS_VERIFY"]),
        # They mean something with TLS only.
        ({"REDIS_TLS_VERIFY": "none"}, ["REDIS_TLS_VERIFY", "rediss://"]),
        ({"REDIS_CA_FILE": "/etc/redis.pem"}, ["REDIS_CA_FILE", "rediss://"]),
        ({"REDIS_URL": "rediss://host", "REDIS_TLS_VERIFY": "off"}, ["REDIS_TLS_VERIFY"]),
        ({"REDIS_URL": "rediss://host", "REDIS_CA_FILE": "/nowhere.pem"}, ["REDIS_CA_FILE"]),
        ({"REDIS_URL": "rediss://host", "REDIS_CA_FILE": __file__}, ["REDIS_CA_FILE"]),
        (
            {"ACCESS_TOKEN_SECONDS": "3600", "REFRESH_TOKEN_SECONDS": "60"},
            ["ACCESS_TOKEN_SECONDS", "REFRESH_TOKEN_SECONDS"],
        ),
        ({"APPOINTMENT_RETENTION_DAYS": "30"}, ["APPOINTMENT_RETENTION_DAYS", "365"]),
        ({"IDEMPOTENCY_HOURS": "169"}, ["IDEMPOTENCY_HOURS", "LOG_RETENTION_DAYS"]),
        ({"LOOK_SECONDS": "5"}, ["LOOK_SECONDS"]),
        ({"REGISTRY_TTL_SECONDS": "1"}, ["REGISTRY_TTL_SECONDS"]),
        ({"CLIENT_QUEUE_MESSAGES": "399"}, ["CLIENT_QUEUE_MESSAGES"]),
        ({"MAX_BODY_BYTES": "65535"}, ["MAX_BODY_BYTES"]),
        ({"PATIENT_BOOKING_MINUTES": "721"}, ["PATIENT_BOOKING_MINUTES"]),
        ({"WEB_PROCESSES": "2", "ASYNC_MODE": "threading"}, ["WEB_PROCESSES", "ASYNC_MODE"]),
        ({"WEB_PROCESSES": "65"}, ["WEB_PROCESSES"]),
        ({"WEB_PROCESSES": "2", "METRICS_PORT": "2999"}, ["METRICS_PORT", "PORT"]),
        ({"WEB_PROCESSES": "2", "METRICS_PORT": "65535"}, ["METRICS_PORT"]),
    ],
)
def test_a_setting_that_cannot_mean_what_it_says_is_refused(changes: dict[str, str], names: list[str]) -> None:
    """Alone, or beside another one; the message names all that are concerned."""
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_environment({**DEMO, **changes})
    assert [name for name in names if name not in str(refused.value)] == []


@pytest.mark.parametrize(
    "origin",
    [
        "https://portal.example/",
        "https://portal.example/app",
        "https://portal.example:443",
        "http://portal.example:80",
        "https://Portal.example",
        "portal.example",
        "ftp://portal.example",
        "https://",
        "https://portal.example:port",
        "https://*.portal.example",
        "*",
        "null",
        "https://portal.example;img-src",
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    """It would allow nothing, in silence; a star beside others would allow everything."""
    for name in ("CORS_ORIGINS", "FRAME_ANCESTORS"):
        with pytest.raises(ConfigurationError, match=name):
            Settings.from_environment({**DEMO, name: f"https://desk.example, {origin}"})


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", None),
        (",", None),
        ("*", "*"),
        ("https://portal.example", ["https://portal.example"]),
        (
            "https://a.example, http://127.0.0.1:5173,http://[::1]:8080 ,",
            ["https://a.example", "http://127.0.0.1:5173", "http://[::1]:8080"],
        ),
    ],
)
def test_origins_are_separated_by_commas_and_blanks(text: str, origins: object) -> None:
    """A blank after a comma is no part of an origin: with it the second one never matched."""
    assert Settings.from_environment({**DEMO, "CORS_ORIGINS": text}).origins == origins
