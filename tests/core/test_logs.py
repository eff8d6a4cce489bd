"""What a line of the log says, and what it holds back."""

from __future__ import annotations

import dataclasses
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from redis import ConnectionError as RedisConnectionError
from redis import ResponseError
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from dental_sync.core import errors, logs
from dental_sync.core.config import ConfigurationError, Settings, sqlalchemy_url
from dental_sync.core.logs import JsonLines, Lines, TextLines, describe, facts
from dental_sync.local.embedded.postgres import DatabaseUrls
from tests.core.test_config import DEMO

# What somebody typed, which is to be in no log.
TYPED = "Ottilie-0171-5550199"


def record(message: str, *arguments: object, name: str = "dental_sync.test", **options: Any) -> logging.LogRecord:
    """As a logger makes it."""
    extra = options.pop("extra", {})
    made = logging.LogRecord(name, logging.WARNING, __file__, 1, message, arguments, options.get("exc_info"))
    vars(made).update(extra)
    return made


def raised(failure: BaseException) -> Any:
    """The exception as a handler gets it, with where it was raised."""
    try:
        raise failure
    except BaseException:
        return sys.exc_info()


def test_a_text_line_has_time_level_logger_message_and_facts() -> None:
    """What is None is left out, and what is no plain word is quoted, so that facts can be told apart."""
    line = TextLines().format(
        record("request", extra=facts(status=201, ms=3.14159, route="/api/x", gone=None, odd='a "b" c=d'))
    )
    time, level, logger, message, *rest = line.split(" ")
    assert time.endswith("Z")
    assert (level, logger, message) == ("WARNING", "dental_sync.test", "request")
    assert " ".join(rest) == r'status=201 ms=3.1 route=/api/x odd="a \"b\" c=d"'


def test_a_json_line_is_one_object() -> None:
    """With the same facts; an exception is a member of it, whatever lines it has."""
    found = json.loads(JsonLines().format(record("request", extra=facts(status=201), exc_info=raised(KeyError(TYPED)))))
    assert (found["level"], found["message"], found["status"]) == ("WARNING", "request", 201)
    assert found["exception"].startswith("Traceback")
    assert found["exception"].endswith("\nKeyError")


@pytest.mark.parametrize("lines", [TextLines, JsonLines])
@pytest.mark.parametrize(
    "forged", ["\n2026-01-01T00:00:00.000Z ERROR dental_sync x", "\r\nx", "\u2028x", "\x1b[2Jx", "\u202ex"]
)
def test_nothing_begins_a_line_of_its_own(lines: Callable[[], Lines], forged: str) -> None:
    """Nor moves the cursor of a terminal, nor turns the direction of writing."""
    line = lines().format(record("client %s left", forged, extra=facts(sid=forged)))
    assert line.isprintable()
    assert "client" in line


@pytest.mark.parametrize("lines", [TextLines, JsonLines])
@pytest.mark.parametrize(
    "failure",
    [
        ValueError(f"invalid literal for int(): {TYPED!r}"),
        KeyError(TYPED),
        RuntimeError(TYPED),
        ResponseError(f"unknown command, with args beginning with: {TYPED}"),
        FileNotFoundError(2, "No such file", TYPED),
        errors.ValidationFailed(TYPED),
    ],
)
def test_an_exception_says_where_it_was_raised_and_not_what_it_holds(
    lines: Callable[[], Lines], failure: Exception
) -> None:
    """As an argument, as the exception of the line, and as the cause of another one."""
    try:
        raise LookupError(TYPED) from failure
    except LookupError:
        chained = sys.exc_info()
    for made in (
        record("failed: %s", failure),
        record("failed", exc_info=raised(failure)),
        record("failed", exc_info=chained),
    ):
        line = lines().format(made)
        assert TYPED not in line
        assert type(failure).__name__ in line
    assert "test_logs.py" in line
    assert "LookupError" in line


def test_in_a_debugging_demo_an_exception_says_what_it_holds() -> None:
    """There it is a developer's own, and needed."""
    line = TextLines(with_texts=True).format(record("failed", exc_info=raised(ValueError(TYPED))))
    assert f"ValueError: {TYPED}" in line


def test_the_database_is_quoted_by_code_and_names(database: DatabaseUrls) -> None:
    """Its texts hold values, and DETAIL the whole row; what was in the way is in the name of the constraint."""
    statements = {
        "INSERT INTO chairs (id, name, kind) VALUES (gen_random_uuid(), :typed, NULL)": "SQLSTATE 23502 chairs kind",
        "SELECT CAST(:typed AS uuid)": "SQLSTATE 22P02",
        "INSERT INTO users (id, email, name, password_hash, role) SELECT gen_random_uuid(), u, u, u, 'patient' "
        "FROM unnest(ARRAY[CAST(:typed AS text), :typed]) AS u": "SQLSTATE 23505 users",
    }
    engine = create_engine(sqlalchemy_url(database.owner))
    for statement, told in statements.items():
        with engine.connect() as connection, pytest.raises(DBAPIError) as failed:
            connection.execute(text(statement), {"typed": TYPED})
        assert TYPED in str(failed.value)
        assert told in describe(failed.value)
        assert TYPED not in TextLines().format(record("failed: %s", failed.value, exc_info=raised(failed.value)))
    engine.dispose()


def test_that_a_server_is_away_is_said_in_full() -> None:
    """An operator needs the address and the reason, and nobody typed them."""
    with pytest.raises(DBAPIError) as away:
        create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/nowhere").connect()
    assert isinstance(away.value.orig, psycopg2.OperationalError)
    assert "port 1 failed: Connection refused" in describe(away.value)
    assert (
        describe(RedisConnectionError("Error 111 connecting to x:1."))
        == "ConnectionError: Error 111 connecting to x:1."
    )


def test_a_librarys_line_keeps_its_words_and_numbers_only() -> None:
    """What it was given may be anything; Celery's names of tasks are ours."""
    line = TextLines().format(
        record("got %s from %r after %d: %s", TYPED, {TYPED: 1}, 3, KeyError(TYPED), name="kombu.x")
    )
    assert "got … from '…' after 3: KeyError" in line
    line = TextLines().format(
        record("Task %(name)s: %(exc)s", {"name": "prune", "exc": TYPED}, name="celery.app.trace")
    )
    assert "Task prune: …" in line


@pytest.fixture
def log_as() -> Iterator[Callable[..., None]]:
    """Configure logging as a process does; undone at the end."""
    root, ours = logging.getLogger(), logging.getLogger("dental_sync")
    root_level, our_level, hooks = root.level, ours.level, (sys.excepthook, threading.excepthook)

    def configured(**changes: object) -> None:
        logs.configure(dataclasses.replace(Settings.from_environment(DEMO), **changes))

    yield configured
    for handler in [found for found in root.handlers if isinstance(found.formatter, Lines)]:
        root.removeHandler(handler)
    root.setLevel(root_level)
    ours.setLevel(our_level)
    sys.excepthook, threading.excepthook = hooks
    logging.getLogger("engineio.server").filters.clear()


def test_libraries_are_heard_from_warnings_on(log_as: Callable[..., None], capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever level they set for themselves: below it they write what they were given."""
    log_as(log_level="DEBUG")
    werkzeug = logging.getLogger("werkzeug.test")
    werkzeug.setLevel(logging.INFO)
    werkzeug.info('127.0.0.1 "GET /%s"', TYPED)
    werkzeug.warning("out of %s", "files")
    logging.getLogger("engineio.server").error(f"Invalid session {TYPED}")
    logging.getLogger("dental_sync.test").debug("ours")
    said = capfd.readouterr().err.splitlines()
    assert [line.partition(" ")[2] for line in said] == [
        "WARNING werkzeug.test out of …",
        "DEBUG dental_sync.test ours",
    ]


def test_what_nobody_caught_is_a_line_too(log_as: Callable[..., None], capfd: pytest.CaptureFixture[str]) -> None:
    """In a thread: Python would print the text of the exception."""
    log_as()

    def fail() -> None:
        raise ValueError(TYPED)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    said = capfd.readouterr().err
    assert "ERROR dental_sync.core.logs not caught" in said
    assert "ValueError" in said
    assert TYPED not in said


def test_the_start_is_one_line_and_each_notice_another(
    log_as: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    """With the level that an operator reads."""
    log_as()
    logs.say_start(Settings.from_environment({**DEMO, "REDIS_URL": "redis://cache.example"}), "web", address="x:1")
    started, role, redis, mail = capfd.readouterr().err.splitlines()
    assert "INFO" in started
    assert " started process=web pid=" in started
    assert "WARNING" in role
    assert "notice: One database role" in role
    assert "notice: REDIS_URL" in redis
    assert "notice: MAIL_URL" in mail


@pytest.mark.parametrize(("name", "text"), [("LOG_LEVEL", "info"), ("LOG_LEVEL", "TRACE"), ("LOG_FORMAT", "xml")])
def test_a_level_or_format_that_is_none_is_refused(name: str, text: str) -> None:
    """Before anything runs, and in words."""
    with pytest.raises(ConfigurationError, match=name):
        Settings.from_environment({**DEMO, name: text})
