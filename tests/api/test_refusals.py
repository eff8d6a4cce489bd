"""Bodies and fields that are not what the contract says are refused with a problem that says what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from dental_sync.storage import models
from tests.api.refused import AN_ID, MONDAY, assert_problem, pointers, send
from tests.conftest import Caller

# Bodies.


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"tooth",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1} {"b": 2}',
        b"\xff\xfe\xfd",
        b'{"a": "\xe4"}',
        '{"a": 1}'.encode("utf-16"),
        b"\x00",
        b" ",
        b"null",
        b"[]",
        b'[{"dentistId": "x"}]',
        b'"text"',
        b"7",
        b"true",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * 60_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_no_json_object_is_400(patient: Caller, body: bytes) -> None:
    """Not JSON, not UTF-8, no object, nested without end, a number that no computer keeps."""
    for path in ("/appointments", "/auth/login"):
        assert_problem(send(patient, "POST", path, body), 400, "malformed-json")


@pytest.mark.parametrize("nesting", [100, 5_000])
def test_a_deep_nest_of_json_is_refused_whatever_its_depth(patient: Caller, nesting: int) -> None:
    """Deep enough for the parser or not: never a 500."""
    body = b'{"reason": ' + b"[" * nesting + b"]" * nesting + b"}"
    answer = send(patient, "POST", f"/appointments/{AN_ID}/cancel", body)
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/xml",
        "",
        None,
        "json",
        "\xe4",
    ],
)
def test_a_body_of_another_media_type_is_415(patient: Caller, media_type: str | None) -> None:
    """Also where the bytes would be JSON; no media type is another one."""
    assert_problem(send(patient, "POST", "/appointments", b"{}", media_type), 415, "unsupported-media-type")


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_json_with_parameters_and_in_any_case(patient: Caller, media_type: str) -> None:
    """As RFC 9110 has it."""
    assert pointers(send(patient, "POST", "/appointments", b"{}", media_type)) == ["/dentistId", "/startsAt"]


def test_a_body_larger_than_64_kib_is_413(patient: Caller) -> None:
    """One byte more; the largest that is allowed is read and judged."""
    largest = b'{"reason": "' + b"x" * (64 * 1024 - 14) + b'"}'
    assert len(largest) == 64 * 1024
    path = f"/appointments/{AN_ID}/cancel"
    assert pointers(send(patient, "POST", path, largest)) == ["/reason"]
    assert_problem(send(patient, "POST", path, largest + b" "), 413, "body-too-large")
    assert_problem(send(patient, "POST", "/auth/login", b"x" * 1_000_000), 413, "body-too-large")


# Fields.

BOOKING = {"dentistId": AN_ID, "startsAt": MONDAY, "treatmentId": AN_ID}
NOT_A_STRING: list[Any] = [7, 7.5, True, [], {}, [["x"]], {"x": {}}]


@pytest.mark.parametrize("field", ["dentistId", "startsAt", "treatmentId", "endsAt", "patientId", "reason"])
@pytest.mark.parametrize("value", NOT_A_STRING, ids=str)
def test_a_wrong_type_is_422_with_a_pointer(patient: Caller, field: str, value: Any) -> None:
    """A number is no instant, a list no id, an object no text."""
    assert pointers(patient.post("/appointments", {**BOOKING, field: value})) == [f"/{field}"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dentistId", "1"),
        ("dentistId", "null"),
        ("dentistId", ""),
        ("dentistId", AN_ID + "0"),
        ("dentistId", AN_ID.replace("-", "")),
        ("treatmentId", "check-up"),
        ("patientId", "'; DROP TABLE appointments; --"),
        ("startsAt", "2030-01-07T09:00:00"),
        ("startsAt", "2030-01-07 09:00:00Z"),
        ("startsAt", "2030-02-30T09:00:00Z"),
        ("startsAt", "2030-01-07T09:00:00+25:00"),
        ("startsAt", "0001-01-01T00:00:00Z"),
        ("startsAt", "9999-12-31T23:59:59-23:59"),
        ("startsAt", "tomorrow"),
        ("startsAt", ""),
        ("endsAt", "2030-01-07T09:00:00"),
        ("reason", "x" * 501),
        ("reason", "\U0001f9b7" * 501),
        ("reason", "nul\x00"),
        ("reason", "\ud800"),
        ("reason", "\udfff\ud800"),
        ("dentistId", "\x00"),
        ("startsAt", "\ud800"),
    ],
)
def test_a_malformed_value_is_422_with_a_pointer(patient: Caller, field: str, value: str) -> None:
    """A naive time, an id that is none, too long, not storable."""
    assert pointers(patient.post("/appointments", {**BOOKING, field: value})) == [f"/{field}"]


@pytest.mark.parametrize(
    "reason", ["", "x" * 500, "\U0001f9b7" * 500, "\u202e\u0000"[:1], "'; DROP TABLE", "\\u0000", "%s%n{}"]
)
def test_a_text_that_can_be_stored_is_no_reason_to_refuse(patient: Caller, reason: str) -> None:
    """Five hundred characters of anything: the refusal is about the dentist, who does not exist."""
    assert_problem(patient.post("/appointments", {**BOOKING, "reason": reason}), 422, "unknown-dentist")


@pytest.mark.parametrize(
    "key", ["tooth", "", "DentistId", "dentist_id", "a/b", "a~b", "\x00", "__class__", "$ref", "x" * 5_000]
)
def test_an_unknown_field_is_422_with_a_pointer(patient: Caller, key: str) -> None:
    """Whatever it is called; its name is escaped as RFC 6901 says."""
    answer = patient.post("/appointments", {**BOOKING, key: 1})
    assert pointers(answer) == ["/" + key.replace("~", "~0").replace("/", "~1")]


@pytest.mark.parametrize(
    "body", [b'{"\\ud800": 1}', b'{"reason": 1e400}', b'{"reason": -0.0}', b'{"reason": "x", "reason": 7}']
)
def test_what_json_allows_and_no_shape_does_is_422(patient: Caller, body: bytes) -> None:
    """A key that is no text, a number beyond every number, the same key twice."""
    assert_problem(send(patient, "POST", f"/appointments/{AN_ID}/cancel", body), 422, "validation-failed")


def test_several_mistakes_are_told_at_once(patient: Caller) -> None:
    """One round trip is enough to learn of all."""
    answer = patient.post("/appointments", {"dentistId": 7, "startsAt": "soon", "tooth": 1})
    assert set(pointers(answer)) == {"/dentistId", "/startsAt", "/tooth"}


@pytest.mark.parametrize("column", sorted({c.name for t in models.Base.metadata.tables.values() for c in t.columns}))
def test_a_column_is_no_field(patient: Caller, column: str) -> None:
    """What the tables call a thing is nothing that a client may set."""
    documented = {"reason", "id"}
    if "_" in column:
        assert pointers(patient.post("/appointments", {**BOOKING, column: "x"})) == [f"/{column}"]
    elif column not in documented:
        assert f"/{column}" in pointers(patient.post("/appointments", {**BOOKING, column: "x"}))
