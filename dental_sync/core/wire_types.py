"""The types of the wire: what a JSON field, a query parameter or an event's payload may hold.

Pydantic's own conversions are too kind for a contract (a number as an instant, "yes" as a boolean), so shapes are
strict and every looser type is spelled out here. Nothing that passes can make PostgreSQL or JSON fail later.
"""

from __future__ import annotations

import functools
import re
import unicodedata
import uuid
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from dental_sync.core import typed_text
from dental_sync.core.errors import FieldError
from dental_sync.core.instants import format_instant, parse_instant
from dental_sync.core.phone_numbers import COUNTRIES

# What was decided about a write: `status`, `headers` and `body`, as they are stored, told and answered.
Outcome = Mapping[str, Any]

LONGEST_TEXT = 500
LONGEST_NOTE = 10_000

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class Shape(BaseModel):
    """A JSON object with camelCase keys that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


class Nothing(Shape):
    """Nothing more needs to be said."""


class Answer(Shape):
    """A JSON object that is answered: what has a default is there only when it says something else.

    Its members have the plain types: what plain SQL has stored must be readable, however long it is.
    """

    model_config = ConfigDict(from_attributes=True, validate_by_alias=True, validate_by_name=True)

    def wire(self) -> dict[str, Any]:
        """The object as JSON has it."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The same for who reads the API's description: what has no value is absent, not null."""
        described = handler.resolve_ref_schema(handler(core_schema))
        for name, schema in described.get("properties", {}).items():
            if name not in described.get("required", []):
                _take_null_away(schema)
        return described


class Changes(Shape):
    """What is to be different about a record: at least one member, and null only for what can be taken away.

    `options` say how it is to be done, and are no change.
    """

    clearable: ClassVar[frozenset[str]] = frozenset()
    options: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        fields = type(self).model_fields.keys() - self.options
        if not self.model_fields_set - self.options:
            raise ValueError("at least one of " + ", ".join(sorted(to_camel(name) for name in fields)) + " is required")
        nothing = {name for name in self.model_fields_set - self.clearable if getattr(self, name) is None}
        if nothing:
            raise ValueError(", ".join(sorted(to_camel(name) for name in nothing)) + " must not be null")
        return self

    def values(self) -> dict[str, Any]:
        """The new values of what was named, by attribute."""
        return {name: getattr(self, name) for name in self.model_fields_set - self.options}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The same for who reads the API's description: nothing named is no change, and null is not for everything."""
        described = handler.resolve_ref_schema(handler(core_schema))
        described["minProperties"] = 1
        for name, schema in described["properties"].items():
            schema.pop("default", None)
            if name not in map(to_camel, cls.clearable):
                _take_null_away(schema)
        return described


def _take_null_away(schema: JsonSchemaValue) -> None:
    schema.pop("default", None)
    choices = [choice for choice in schema.pop("anyOf", []) if choice != {"type": "null"}]
    schema.update(choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else {})


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


def composed(value: object) -> object:
    """Text in Unicode's composed form (NFC): a Mac types an umlaut as two characters, and others as one."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _typed(normal: Callable[[str], str]) -> BeforeValidator:
    """Brings what people typed into its one form before anything is checked."""
    return BeforeValidator(lambda value: normal(value) if isinstance(value, str) else value)


def _to_country(value: str) -> str:
    if value not in COUNTRIES:
        raise ValueError("must be the two letters of a country (ISO 3166), such as DE")
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
    # `localtime` and `Factory` are aliases that differ between machines.
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})


def _to_zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("must be a zone of the IANA time zone database, such as Europe/Berlin")
    return value


def to_flag(value: object) -> bool:
    """Read a query parameter that is either true or false; raises ValueError."""
    if value not in ("true", "false"):
        raise ValueError("must be true or false")
    return value == "true"


def _described(kind: str, example: object, **more: Any) -> WithJsonSchema:
    """What the API's description says of a type whose check is a function."""
    return WithJsonSchema({"type": kind, **more, "examples": [example]})


def one_of(*values: str) -> WithJsonSchema:
    """Text that is described as one of these; what another release stored passes, or it would stop the log."""
    return WithJsonSchema({"enum": list(values), "type": "string"})


Instant = Annotated[
    datetime,
    BeforeValidator(_to_instant),
    PlainSerializer(format_instant, when_used="json"),
    _described("string", "2030-01-07T09:00:00.000Z", format="date-time"),
]
Id = Annotated[
    uuid.UUID, BeforeValidator(to_uuid), _described("string", "0198c0de-0000-7000-8000-000000000001", format="uuid")
]
# An instant that was written as text where it was noted, and is passed on.
InstantText = Annotated[str, _described("string", "2030-01-07T09:00:00.000Z", format="date-time")]
Date = Annotated[date, BeforeValidator(_to_date), _described("string", "1980-12-31", format="date")]
Count = Annotated[int, Field(ge=0, lt=10**18, examples=[1]), BeforeValidator(to_count)]
Flag = Annotated[bool, BeforeValidator(to_flag), _described("boolean", True)]
# A word of ours, such as a channel's name: nobody types it, and it is taken as it is.
Word = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(storable)]
# What is in an address in the place of signing in.
Secret = Annotated[str, Field(examples=["3q2-7wXyMZ0Rkq8m0nB1vG5hJtS6uPfLd4cEaQo9iTk"])]
# What people type is brought into one form here, and nowhere else: a new type of text takes one of these.
Text = Annotated[
    str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(storable), _typed(typed_text.paragraphs)
]
Line = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(storable), _typed(typed_text.line)]
LongText = Annotated[str, StringConstraints(max_length=LONGEST_NOTE), AfterValidator(storable), _typed(typed_text.note)]
TimeZone = Annotated[
    str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_to_zone), Field(examples=["Europe/Berlin"])
]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_TEXT),
    AfterValidator(storable),
    _typed(typed_text.line),
    Field(examples=["A name"]),
]
Email = Annotated[
    str,
    StringConstraints(max_length=LONGEST_TEXT),
    AfterValidator(storable),
    AfterValidator(typed_text.email),
    Field(examples=["mia@example.test"]),
]
# The address of an account that is looked up: in the form in which `Email` stores it.
SignInName = Annotated[
    str,
    StringConstraints(max_length=LONGEST_TEXT),
    AfterValidator(storable),
    AfterValidator(typed_text.email_as_stored),
    Field(examples=["mia@example.test"]),
]
Language = Annotated[Literal["de", "en"], Field(examples=["de"])]
Country = Annotated[
    str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_to_country), Field(examples=["DE"])
]
# A secret is compared with what was hashed: not a character of it may be changed here.
GivenPassword = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(storable)]
# NIST SP 800-63B: length is what makes a password; the upper bound only keeps hashing cheap.
Password = Annotated[
    str,
    BeforeValidator(composed),
    StringConstraints(min_length=8, max_length=LONGEST_TEXT),
    AfterValidator(storable),
    Field(examples=["a long password"]),
]


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
