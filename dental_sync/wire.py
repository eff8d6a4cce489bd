"""The types of the wire: what a JSON field, a query parameter or an event's payload may hold.

Pydantic's own conversions are too kind for a contract (a number as an instant, "yes" as a boolean), so shapes are
strict and every looser type is spelled out here. Nothing that passes can make PostgreSQL or JSON fail later.
"""

from __future__ import annotations

import functools
import re
import uuid
import zoneinfo
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from dental_sync.errors import FieldError
from dental_sync.schedule import parse_instant

LONGEST_TEXT = 500

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?", re.IGNORECASE)


class Shape(BaseModel):
    """A JSON object with camelCase keys that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


def _to_instant(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return parse_instant(value)


def to_uuid(value: object) -> uuid.UUID:
    """Read a UUID in its one canonical form (RFC 9562); raises ValueError."""
    if isinstance(value, uuid.UUID):
        return value
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError("must be a UUID")
    return uuid.UUID(value)


def _to_date(value: object) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise ValueError("must be a date such as 1980-12-31")
    return date.fromisoformat(value)


def storable(value: str) -> str:
    """Refuse with ValueError what PostgreSQL could not store as text."""
    if "\x00" in value:
        raise ValueError("must not contain NUL")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode") from None
    return value


def _to_email(value: str) -> str:
    if not _EMAIL.fullmatch(value) or ".." in value:
        raise ValueError("must be an e-mail address")
    return value


def to_count(value: object) -> int:
    """Read a whole number that PostgreSQL can count to; raises ValueError."""
    # Query parameters are strings; a number in JSON is a number.
    if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value, re.ASCII):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18:
        return value
    raise ValueError("must be a whole number, zero or more")


@functools.cache
def _zones() -> frozenset[str]:
    # What a machine may call its own zone is no place on earth, and means another one on the next machine.
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})


def _to_zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("must be a zone of the IANA time zone database, such as Europe/Berlin")
    return value


Instant = Annotated[datetime, BeforeValidator(_to_instant, json_schema_input_type=str)]
Id = Annotated[uuid.UUID, BeforeValidator(to_uuid, json_schema_input_type=str)]
Date = Annotated[date, BeforeValidator(_to_date, json_schema_input_type=str)]
Count = Annotated[int, BeforeValidator(to_count, json_schema_input_type=int)]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(storable)]
TimeZone = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_to_zone)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT), AfterValidator(storable)
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT),
    AfterValidator(storable),
    AfterValidator(_to_email),
]
# NIST SP 800-63B: length is what makes a password; the upper bound only keeps hashing cheap.
Password = Annotated[str, StringConstraints(min_length=8, max_length=LONGEST_TEXT), AfterValidator(storable)]


def field_errors(failure: ValidationError) -> list[FieldError]:
    """What Pydantic found, as JSON pointers and sentences of ours; never the value, which may be a password."""
    return [
        {"pointer": pointer(error["loc"]), "detail": _sentence(error["msg"])}
        for error in failure.errors(include_url=False, include_context=False, include_input=False)
    ]


def pointer(location: Iterable[Any]) -> str:
    """A JSON pointer (RFC 6901) to a place in the body."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")
