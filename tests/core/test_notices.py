"""What is amiss by choice is said in a sentence, and nothing else is."""

from __future__ import annotations

import dataclasses

import pytest

from dental_sync.core.config import Settings
from dental_sync.core.notices import notices
from tests.core.test_config import REAL

MAIL = {"MAIL_URL": "smtp://mail.example", "PUBLIC_URL": "https://practice.example"}
SAFE = Settings.from_environment(
    {
        **REAL,
        "WEB_DATABASE_URL": "postgresql://web@localhost/practice",
        "WORKER_DATABASE_URL": "postgresql://worker@localhost/practice",
        **MAIL,
    }
)


def with_database(url: str) -> Settings:
    """Three roles at one address; `%` is the role."""
    owner, web, worker = (url.replace("%", role) for role in ("owner", "web", "worker"))
    return dataclasses.replace(SAFE, database_url=owner, web_database_url=web, worker_database_url=worker)


def test_where_nothing_is_amiss_nothing_is_said() -> None:
    """Three roles, on this machine."""
    assert notices(SAFE) == []


def test_one_database_role_is_said() -> None:
    """Once, and nothing about the addresses that were not given."""
    [said] = notices(Settings.from_environment({**REAL, **MAIL}))
    assert "One database role" in said


@pytest.mark.parametrize(
    "url",
    [
        "redis://cache.example:6379/0",
        "redis://:secret@10.0.0.7:6379/0",
        "redis://redis/0",
    ],
)
def test_a_redis_elsewhere_without_tls_is_said(url: str) -> None:
    """Everything that is told goes through it; the notice names neither host nor password."""
    [said] = notices(dataclasses.replace(SAFE, redis_url=url))
    assert said.startswith("REDIS_URL")
    assert "secret" not in said
    assert "cache.example" not in said


@pytest.mark.parametrize(
    "url", ["rediss://cache.example/0", "redis://127.0.0.1/0", "redis://[::1]/0", "redis://localhost"]
)
def test_a_redis_here_or_with_tls_is_not(url: str) -> None:
    """What does not leave the machine need not be encrypted."""
    assert notices(dataclasses.replace(SAFE, redis_url=url)) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://%@db.example/practice",
        "postgres://%:secret@db.example/practice?sslmode=prefer",
        "postgresql+psycopg2://%@db.example/practice?sslmode=disable",
        "postgresql://%@localhost,db.example/practice",
        "postgresql://%@/practice?host=db.example",
    ],
)
def test_a_database_elsewhere_without_tls_is_said(url: str) -> None:
    """For each of the three addresses; what only prefers TLS goes on without it."""
    said = notices(with_database(url))
    assert [sentence.split()[0] for sentence in said] == ["DATABASE_URL", "WEB_DATABASE_URL", "WORKER_DATABASE_URL"]
    assert "secret" not in " ".join(said)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://%@db.example/practice?sslmode=require",
        "postgresql://%@db.example/practice?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "postgresql://%@127.0.0.1:5432/practice",
        "postgresql://%@/practice?host=/var/run/postgresql",
        "postgresql://%@%2Fvar%2Frun%2Fpostgresql/practice",
    ],
)
def test_a_database_here_or_with_tls_is_not(url: str) -> None:
    """A socket in the file system is this machine too."""
    url = url.replace("%2F", "@2F")
    owner, web, worker = (url.replace("%", role).replace("@2F", "%2F") for role in ("owner", "web", "worker"))
    settings = dataclasses.replace(SAFE, database_url=owner, web_database_url=web, worker_database_url=worker)
    assert notices(settings) == []


def test_a_redis_that_is_not_verified_is_said_as_long_as_it_is_so() -> None:
    """TLS without a check hides nothing from whoever sits in between."""
    unverified = dataclasses.replace(SAFE, redis_url="rediss://cache.example", redis_tls_verify="none")
    [said] = notices(unverified)
    assert "REDIS_TLS_VERIFY" in said
    assert notices(dataclasses.replace(unverified, redis_tls_verify="ca")) == []


def test_mails_that_are_not_made_or_have_no_links_are_said() -> None:
    """Who has forgotten a password is helped by nobody; one of the two sentences is enough."""
    [said] = notices(dataclasses.replace(SAFE, mail_url="", public_url=""))
    assert said.startswith("MAIL_URL")
    [said] = notices(dataclasses.replace(SAFE, public_url=""))
    assert said.startswith("PUBLIC_URL")
