"""The types of the wire: what passes can be stored, and what is refused is refused with a place and a sentence."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from dental_sync.core import wire_types
from dental_sync.core.wire_types import Count, Date, Email, Id, Instant, Name, Password, Shape, Text

AN_ID = "018f3c5e-7a2b-7c3d-8e4f-0123456789ab"


@pytest.mark.parametrize(
    ("kind", "given", "understood"),
    [
        (Instant, "2025-11-11T12:00:00+01:00", datetime(2025, 11, 11, 11, tzinfo=UTC)),
        (Id, AN_ID, uuid.UUID(AN_ID)),
        (Id, AN_ID.upper(), uuid.UUID(AN_ID)),
        (Date, "1980-02-29", date(1980, 2, 29)),
        (Count, 0, 0),
        (Count, "007", 7),
        (Count, 10**18 - 1, 10**18 - 1),
        (Text, "", ""),
        (Text, "x" * 500, "x" * 500),
        (Text, "Zähne \U0001f9b7", "Zähne \U0001f9b7"),
        (Name, "  Mia  ", "Mia"),
        (Password, "eight ch", "eight ch"),
        (Email, " mia@demo.test ", "mia@demo.test"),
        (Email, "a@b", "a@b"),
        (Email, "mia.o'neill+teeth@mail.example.co", "mia.o'neill+teeth@mail.example.co"),
        (Email, "mia@xn--bcher-kva.example", "mia@bücher.example"),
        (Email, "mia@BÜCHER.example", "mia@bücher.example"),
    ],
)
def test_what_is_well_formed_is_understood(kind: Any, given: object, understood: object) -> None:
    """And comes out in its one form."""
    assert TypeAdapter(kind).validate_python(given) == understood


NO_STRING: list[object] = [None, 7, 7.5, True, [], ["x"], {}, {"x": 1}]
UNSTORABLE = ["nul\x00", "\ud800", "x" * 501]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        *[(kind, value) for kind in (Instant, Id, Date, Text, Name, Password, Email) for value in NO_STRING],
        *[(kind, value) for kind in (Instant, Id, Date, Text, Name, Password, Email) for value in UNSTORABLE],
        (Instant, "2025-11-11T12:00:00"),
        (Instant, 1762862400),
        (Id, "x"),
        (Id, AN_ID.replace("-", "")),
        (Id, "{" + AN_ID + "}"),
        (Id, "urn:uuid:" + AN_ID),
        (Id, AN_ID + "\n"),
        (Id, AN_ID[:-1] + "\uff10"),
        (Date, "1980-02-30"),
        (Date, "19800229"),
        (Date, "1980-02-29T00:00:00Z"),
        (Count, -1),
        (Count, "-1"),
        (Count, "+1"),
        (Count, "1.0"),
        (Count, 1.0),
        (Count, "1e3"),
        (Count, "\u0661"),
        (Count, ""),
        (Count, True),
        (Count, None),
        (Count, 10**18),
        (Count, "1" * 19),
        (Name, ""),
        (Name, " \t\n "),
        (Password, "seven c"),
        (Password, ""),
        (Email, ""),
        (Email, "mia"),
        (Email, "mia@"),
        (Email, "@demo.test"),
        (Email, "mia@demo..test"),
        (Email, "mia..schmidt@demo.test"),
        (Email, "mia@-demo.test"),
        (Email, "mia@demo.test-"),
        (Email, "mia@.test"),
        (Email, "mia schmidt@demo.test"),
        (Email, "mia@demo@test"),
        (Email, "mia@demo.test\nBcc: all@demo.test"),
        (Email, "m" * 65 + "@demo.test"),
        (Email, "mia@demo_.test"),
    ],
)
def test_what_is_not_well_formed_is_refused(kind: Any, given: object) -> None:
    """A wrong type, an empty name, what PostgreSQL could not store, what only looks like the right thing."""
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(given)


class Example(Shape):
    """A shape of this test."""

    dentist_id: Id
    tooth: Text | None = None


def test_a_shape_has_camel_case_keys_and_refuses_what_it_does_not_know() -> None:
    """An unknown field is a misunderstanding, and so is the Python name of a known one."""
    assert Example.model_validate({"dentistId": AN_ID}).dentist_id == uuid.UUID(AN_ID)
    for unknown in ({"dentistId": AN_ID, "teeth": 32}, {"dentist_id": AN_ID}):
        with pytest.raises(ValidationError):
            Example.model_validate(unknown)


def test_what_is_wrong_is_named_by_a_pointer_and_never_quoted() -> None:
    """A value may be a password, so it is in no answer; keys are escaped as RFC 6901 says."""
    with pytest.raises(ValidationError) as failure:
        Example.model_validate({"dentistId": "hunter2", "a/b~c": "hunter2"})
    found = wire_types.field_errors(failure.value)
    assert {error["pointer"] for error in found} == {"/dentistId", "/a~1b~0c"}
    assert "must be a UUID" in [error["detail"] for error in found]
    assert "hunter2" not in str(found)
