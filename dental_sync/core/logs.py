"""What a process logs: one line for each thing that happened, as text or as JSON, and nothing that people typed.

A message of ours is written down as it is, so it must hold ids and words of ours only. What others wrote is not trusted
with that: an exception is named by its type and where it was raised, with its text only where that cannot hold data
(`describe`), and a library's message keeps its template, its numbers and its exceptions. Control characters are
escaped, so that nothing a caller sent can look like a line of its own.

Facts go beside the message: `logger.info("request", extra=facts(status=200))`.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import redis
from kombu.exceptions import OperationalError as BrokerAway

from dental_sync.core import request_ids
from dental_sync.core.config import Settings
from dental_sync.core.errors import Refusal
from dental_sync.core.instants import format_instant
from dental_sync.core.notices import notices

# The app's own loggers; every other one is a library's.
OURS = "dental_sync"
# Their text is made of words of theirs, of addresses and of numbers.
_WITHOUT_DATA = (BrokerAway, redis.ConnectionError, redis.TimeoutError)
_PLAIN = re.compile(r"[\x21\x23-\x3c\x3e-\x7e]+", re.ASCII)
_HELD_BACK = "…"

logger = logging.getLogger(__name__)


def configure(settings: Settings) -> None:
    """Log to standard error from here on, what was not caught included; LOG_LEVEL is for our own lines.

    Libraries are heard from WARNING on: below it they write down what they were given.
    """
    with_texts = settings.demo_mode and settings.log_level == "DEBUG"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter((JsonLines if settings.log_format == "json" else TextLines)(with_texts=with_texts))
    handler.addFilter(_is_ours_or_a_warning)
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, _level(settings)), force=True)
    logging.getLogger(OURS).setLevel(_level(settings))
    # Engine.IO says in its own words what the line of the request says, and quotes the query string while it does.
    logging.getLogger("engineio.server").addFilter(_is_about_an_exception)
    sys.excepthook = _log_what_ended_the_process
    threading.excepthook = lambda failure: log_uncaught(failure.exc_value)


def say_start(settings: Settings, process: str, **details: object) -> None:
    """The line at the start of a process, and one for each notice."""
    logger.info("started", extra=facts(process=process, pid=os.getpid(), **details))
    for sentence in notices(settings):
        logger.warning("notice: %s", sentence)


def facts(**named: object) -> dict[str, Any]:
    """The `extra` of a line with these facts; those that are None are left out."""
    return {"facts": named}


def log_uncaught(failure: BaseException | None) -> None:
    """The line about an exception that ended what it happened in."""
    if failure is not None:
        logger.error("not caught", exc_info=failure)


def describe(failure: BaseException) -> str:
    """An exception without what people typed: its type, and what is known not to hold any of that.

    An exception whose text is made of words of ours says so with an attribute `is_safe_to_log`.
    """
    name = type(failure).__name__
    if isinstance(failure, Refusal):
        return f"{name}: {failure.code}"
    by_database = _describe_by_database(failure)
    if by_database is not None:
        return f"{name}: {by_database}"
    if isinstance(failure, _WITHOUT_DATA) or getattr(failure, "is_safe_to_log", False):
        return f"{name}: {failure}"
    if isinstance(failure, OSError) and failure.errno is not None:
        return f"{name}: {os.strerror(failure.errno)}"
    return name


class Lines(logging.Formatter):
    """What both formats share: the facts of a record. `with_texts` lets exceptions say what they hold."""

    def __init__(self, *, with_texts: bool = False) -> None:
        super().__init__()
        self._with_texts = with_texts

    def message(self, record: logging.LogRecord) -> str:
        """The message, with exceptions described; of a library's arguments only those and its numbers are kept."""
        if not record.args:
            return str(record.msg).strip()
        # Python's warnings quote source code.
        keep_words = _is_ours(record) or record.name == "py.warnings"

        def shown(value: object) -> object:
            if isinstance(value, BaseException):
                return str(value) if self._with_texts else describe(value)
            return value if keep_words or isinstance(value, int | float) else _HELD_BACK

        safe: object = tuple(map(shown, record.args))
        if isinstance(record.args, Mapping):
            # `name` is the task's in what Celery says.
            safe = {key: value if key == "name" else shown(value) for key, value in record.args.items()}
        try:
            return (str(record.msg) % safe).strip()
        except (TypeError, ValueError):
            # A template that wants a number got something else.
            return str(record.msg).strip()

    def facts(self, record: logging.LogRecord) -> dict[str, object]:
        """What goes beside the message, the ids of the request that is being answered included."""
        named: dict[str, object] = dict(getattr(record, "facts", {}))
        ids = request_ids.current()
        if ids is not None:
            named.setdefault("requestId", ids.own)
            named.setdefault("callerRequestId", ids.callers)
        return {name: value for name, value in named.items() if value is not None}

    def trace(self, record: logging.LogRecord) -> str | None:
        """Where an exception came from, without what it holds."""
        failure = record.exc_info[1] if record.exc_info else None
        return None if failure is None else "\n".join(self._trace(failure, set()))

    def _trace(self, failure: BaseException, seen: set[int]) -> Iterator[str]:
        seen.add(id(failure))
        earlier = failure.__cause__ or (None if failure.__suppress_context__ else failure.__context__)
        if earlier is not None and id(earlier) not in seen:
            yield from self._trace(earlier, seen)
            yield "… which led to:"
        yield "Traceback (most recent call last):"
        for frame in traceback.format_tb(failure.__traceback__):
            yield frame.rstrip("\n")
        said = f"{type(failure).__name__}: {failure}" if self._with_texts else describe(failure)
        yield on_one_line(said)


class TextLines(Lines):
    """`time level logger message name=value …`, and below it, indented, where an exception came from."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, or the lines."""
        named = "".join(f" {name}={_as_word(value)}" for name, value in self.facts(record).items())
        line = f"{_time(record)} {record.levelname} {record.name} {on_one_line(self.message(record))}{named}"
        trace = self.trace(record)
        return line if trace is None else f"{line}\n{trace}".replace("\n", "\n    ")


class JsonLines(Lines):
    """One JSON object: `time`, `level`, `logger`, `message`, the facts, and `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
            **self.facts(record),
        }
        trace = self.trace(record)
        if trace is not None:
            line["exception"] = trace
        return json.dumps(line, default=str)


def on_one_line(text: str) -> str:
    """Escape what would begin another line, move the cursor or turn the direction of writing."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _as_word(value: object) -> str:
    text = f"{value:.1f}" if isinstance(value, float) else str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def _describe_by_database(failure: BaseException) -> str | None:
    # Beat has no database: imported for its log, the library would be a third of its memory.
    if "sqlalchemy" not in sys.modules:
        return None
    from dental_sync.core import database_failures

    return database_failures.describe(failure)


def _level(settings: Settings) -> int:
    return logging.getLevelNamesMapping()[settings.log_level]


def _time(record: logging.LogRecord) -> str:
    return format_instant(datetime.fromtimestamp(record.created, UTC))


def _is_ours_or_a_warning(record: logging.LogRecord) -> bool:
    # A library may set a level of its own.
    return record.levelno >= logging.WARNING or _is_ours(record)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] == OURS


def _is_about_an_exception(record: logging.LogRecord) -> bool:
    return record.exc_info is not None


def _log_what_ended_the_process(
    _kind: type[BaseException], failure: BaseException, _trace: TracebackType | None
) -> None:
    if isinstance(failure, KeyboardInterrupt):
        return
    log_uncaught(failure)
