"""Whatever a client sends, it gets the refusal that says what is wrong, as a problem, and never a 500."""

from __future__ import annotations

import base64
import itertools
import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from apiflask import APIFlask
from werkzeug.routing import Rule

from dental_sync.core.instants import format_instant
from dental_sync.storage import models
from tests.conftest import Caller, a_free_monday, sign_in_to

MONDAY = format_instant(a_free_monday())
AN_ID = str(uuid.UUID(int=1))


@pytest.fixture(scope="module")
def patient(shared_app: APIFlask) -> Caller:
    """Somebody who may book."""
    return sign_in_to(shared_app, "patient1")


@pytest.fixture(scope="module")
def admin(shared_app: APIFlask) -> Caller:
    """Somebody who may everything."""
    return sign_in_to(shared_app, "admin")


def send(
    caller: Caller, method: str, path: str, data: bytes | str, content_type: str | None = "application/json"
) -> Any:
    """Send these bytes."""
    headers = {"Authorization": f"Bearer {caller.token}"}
    return caller.client.open("/api" + path, method=method, data=data, content_type=content_type, headers=headers)


def assert_problem(answer: Any, status: int, code: str) -> None:
    """RFC 9457, with the contract's members."""
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert answer.mimetype == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance", "code"} <= set(answer.json)
    assert answer.json["status"] == status


def pointers(answer: Any) -> list[str]:
    """Where a validation found something."""
    assert_problem(answer, 422, "validation-failed")
    return [error["pointer"] for error in answer.json["errors"]]


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


# Queries.


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/appointments?tooth=1", "/tooth"),
        ("/appointments?limit=1&limit=2", "/limit"),
        ("/appointments?limit=0", "/limit"),
        ("/appointments?limit=201", "/limit"),
        ("/appointments?limit=-1", "/limit"),
        ("/appointments?limit=ten", "/limit"),
        ("/appointments?limit=1.0", "/limit"),
        ("/appointments?limit=", "/limit"),
        ("/appointments?limit=" + "9" * 400, "/limit"),
        ("/appointments?limit=%D9%A1", "/limit"),
        ("/appointments?from=2030-01-07T09:00:00", "/from"),
        ("/appointments?from=2030-01-07T09:00:00+01:00", "/from"),  # a plus that was not escaped is a blank
        ("/appointments?to=now", "/to"),
        ("/appointments?status=open", "/status"),
        ("/appointments?status=booked,open", "/status"),
        ("/appointments?status=", "/status"),
        ("/appointments?dentistId=1", "/dentistId"),
        ("/appointments?patientId=%00", "/patientId"),
        ("/appointments?From=" + MONDAY, "/From"),
        ("/appointments?overlaps_from=" + MONDAY, "/overlaps_from"),
        ("/appointments?after=x&after=y", "/after"),
        ("/dentists?name=Anna", "/name"),
        ("/treatments?limit=500", "/limit"),
        ("/treatments?includeInactive=1", "/includeInactive"),
        ("/chairs?includeInactive=TRUE", "/includeInactive"),
        ("/chairs?includeInactive=", "/includeInactive"),
        ("/patients?q=" + "x" * 501, "/q"),
        ("/patients?q=%00", "/q"),
        ("/patients?q=a&q=b", "/q"),
        ("/patients?name=Mia", "/name"),
        ("/practice?x=1", "/x"),
        ("/auth/me?x=1", "/x"),
        ("/sync/status?x=1", "/x"),
        ("/sync/health?x=1", "/x"),
        ("/sync/events", "/since"),
        ("/sync/events?since=-1", "/since"),
        ("/sync/events?since=1e3", "/since"),
        ("/sync/events?since=" + "9" * 19, "/since"),
        ("/sync/events?since=0&epoch=1", "/epoch"),
        ("/sync/events?since=0&limit=501", "/limit"),
        ("/sync/events?since=0&since=1", "/since"),
        (f"/dentists/{AN_ID}?x=1", "/x"),
        (f"/writes/{AN_ID}?x=1", "/x"),
    ],
)
def test_a_query_that_is_not_the_documented_one_is_422(patient: Caller, path: str, pointer: str) -> None:
    """Unknown, repeated, malformed: the parameter is named."""
    assert pointers(patient.get(path)) == [pointer]


def test_a_browser_may_ask_before_it_calls_with_parameters(patient: Caller) -> None:
    """Its question (CORS preflight) is to the address that it will call, query included."""
    assert patient.call("OPTIONS", "/appointments?from=2026-01-01T00:00:00Z&limit=200").status_code == 200


def cursor(*parts: Any) -> str:
    """A cursor as an attacker makes one."""
    return base64.urlsafe_b64encode(json.dumps(list(parts)).encode()).decode().rstrip("=")


FORGED = [
    "x",
    "%00",
    "\xe4",
    "====",
    "bnVsbA",  # null
    "W10",  # []
    "e30",  # {}
    "WzEsMiwz",  # cut short
    cursor(),
    cursor("x"),
    cursor(1, 2),
    cursor(1, 2, 3, 4),
    cursor(None, None),
    cursor("a\x00", AN_ID),
    cursor("\ud800", AN_ID),
    cursor(MONDAY, AN_ID, "x", AN_ID),
    cursor(MONDAY, AN_ID, "-1", AN_ID),
    cursor(MONDAY, AN_ID, "9" * 300, AN_ID),
    cursor(MONDAY, AN_ID, "\u0661", AN_ID),
    cursor(MONDAY, AN_ID, "1", "x"),
    cursor(MONDAY, "x", "1", AN_ID),
    cursor("2030-01-07T09:00:00", AN_ID, "1", AN_ID),
    cursor(MONDAY, AN_ID, ["1"], AN_ID),
    cursor("a", "b", "c", "d", "e"),
    base64.urlsafe_b64encode(b"[" * 300).decode(),
    "A" * 20_000,
]


@pytest.mark.parametrize("forged", FORGED, ids=lambda forged: forged[:12])
@pytest.mark.parametrize("path", ["/appointments", "/users", "/patients", "/treatments"])
def test_a_forged_cursor_is_422(admin: Caller, path: str, forged: str) -> None:
    """Or whatever is wrong with it: nothing but a page's own cursor leads to a page."""
    assert pointers(admin.get(f"{path}?after={quote(forged)}")) == ["/after"]


@pytest.mark.parametrize("path", ["/dentists", "/treatments", "/chairs", "/patients"])
def test_a_cursor_leads_nowhere_in_another_list(admin: Caller, path: str) -> None:
    """Each list's cursors are its own."""
    after = admin.get("/appointments?limit=1").json["next"]
    assert pointers(admin.get(f"{path}?after={after}")) == ["/after"]


# Addresses and methods.


@pytest.mark.parametrize(
    "path",
    [
        "/appointments/1",
        "/appointments/x/cancel",
        "/appointments/%00",
        "/appointments/" + AN_ID + "/",
        "/appointments/" + AN_ID.replace("-", ""),
        "/appointments/" + AN_ID + "/cancel/now",
        "/writes/1",
        "/users/me",
        "/dentists/..%2fusers",
        "/nowhere",
        "",
        "/",
        "/appointments/" + "9" * 5_000,
        "/\xe4",
        "/%ff%fe",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_an_address_that_does_not_exist_is_404(admin: Caller, method: str, path: str) -> None:
    """An id that is no UUID is such an address."""
    assert_problem(admin.call(method, path, None), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/appointments", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("PUT", f"/appointments/{AN_ID}", {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH"}),
        ("GET", "/auth/login", {"OPTIONS", "POST"}),
        ("GET", f"/appointments/{AN_ID}/cancel", {"OPTIONS", "POST"}),
        ("POST", "/sync/health", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/dentists", {"GET", "HEAD", "OPTIONS"}),
        ("BREW", "/dentists", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_method_that_an_address_does_not_know_is_405_with_allow(
    admin: Caller, method: str, path: str, allowed: set[str]
) -> None:
    """`Allow` says which it knows."""
    answer = admin.call(method, path)
    assert_problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("if_match", ["", "x", '"', '"x', "W/", "\xe4", "a\x00b", '"1"' * 5_000, ",", "*,*"])
def test_an_if_match_that_no_answer_gave_changes_nothing(shared_app: APIFlask, if_match: str) -> None:
    """412, or 422 for what is no header at all; never a 500, and the appointment stays as it is."""
    dentist = sign_in_to(shared_app, "dentist1")
    appointment = dentist.get("/appointments?limit=1&status=booked").json["items"][0]
    answer = dentist.patch(f"/appointments/{appointment['id']}", {"reason": "changed"}, If_Match=if_match)
    assert answer.status_code in (412, 422), answer.text
    assert answer.mimetype == "application/problem+json"
    assert dentist.get(f"/appointments/{appointment['id']}").json == appointment


# Everything at once.

NASTY_BODIES: list[tuple[bytes, str | None]] = [
    (b"", None),
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"\x00\xff", "application/json"),
    (b"[]", "application/json"),
    (b"{}", "application/json"),
    (b"{}", "text/plain"),
    (b"a=1", "application/x-www-form-urlencoded"),
    (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b"[" * 50_000, "application/json"),
    (b'{"a": ' + b"1" * 10_000 + b"}", "application/json"),
    (b"x" * 70_000, "application/json"),
]
# For every member of a body at once.
NASTY_VALUES: list[Any] = [
    None,
    0,
    -1,
    1e308,
    True,
    [],
    {},
    [None],
    "",
    "x",
    "\x00",
    "\ud800",
    "x" * 501,
    AN_ID,
    MONDAY,
    "9989-12-30T00:00:00Z",
    "admin",
    "a@b",
    "\u202e" * 400,
]
NASTY_QUERIES = [
    "",
    "?",
    "?x",
    "?%00=%00",
    "?limit=0",
    "?limit=99999999999999999999",
    "?limit=1&limit=2",
    "?after=%ff",
    "?after=" + cursor(MONDAY, AN_ID, "1", AN_ID),
    "?after=" + cursor("x", AN_ID),
    "?after=" + cursor(AN_ID),
    "?since=0&limit=1",
    "?since=999999999999999999",
    f"?since=0&epoch={AN_ID}",
    "?from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z",
    "?from=1900-01-02T00:00:00Z&to=9989-12-30T00:00:00Z&status=booked",
    "?q=" + "%F0%9F%A6%B7" * 200,
    "?" + "&".join(f"a{n}=1" for n in range(500)),
]
NASTY_HEADERS: list[dict[str, str]] = [
    {},
    {"Prefer": "respond-async" * 100},
    {"Prefer": ";;,,=\xe4"},
    {"If-Match": "\x00"},
    {"If-Match": '"' * 1_000},
    {"Idempotency-Key": "\x00"},
    {"Idempotency-Key": "k" * 300},
    {"Accept": "text/html;q=\xe4", "Accept-Language": "\x01"},
    {"Content-Encoding": "gzip"},
    {"X-Forwarded-For": "\xe4,,,,", "Forwarded": "for=x"},
    {"Range": "bytes=5-1", "If-None-Match": "\x00", "If-Modified-Since": "yesterday"},
    {"Cookie": "session=\xe4; a=\x00"},
    {"Transfer-Encoding": "chunked"},
]


def addresses(rule: Rule, ids: Sequence[str]) -> Iterator[str]:
    """Ways to write an address: with ids that nobody has, with some that there are, with what is no id."""
    if not rule.arguments:
        yield rule.rule
        return
    for value in (*ids, AN_ID, "00000000-0000-0000-0000-000000000000", "x"):
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<uuid:{name}>", value).replace(f"<path:{name}>", value).replace(f"<{name}>", value)
        yield path


def test_no_request_whatever_gives_a_500(shared_app: APIFlask, caplog: pytest.LogCaptureFixture) -> None:
    """Every address with nasty bodies (for every member that its shape has), queries and headers, as everybody and as
    nobody: each answer is a proper one, and there is not one traceback in the log."""
    rules = [rule for rule in shared_app.url_map.iter_rules() if rule.endpoint != "static"]
    assert len({rule.rule for rule in rules}) > 25
    callers = {name: sign_in_to(shared_app, name).token for name in ("admin", "patient2", "dentist2", "chatbot")}
    dentist = sign_in_to(shared_app, "dentist3")
    patient12 = sign_in_to(shared_app, "patient12")
    appointments = dentist.get("/appointments?status=booked&limit=1").json["items"]
    ids = [patient12.user["id"], dentist.user["dentistId"], appointments[0]["id"]]
    client = shared_app.test_client()
    tried: dict[int, int] = {}
    turn = itertools.cycle([*callers.items(), (None, None)])

    def call(method: str, path: str, **request: Any) -> None:
        name, token = next(turn)
        # Nobody signs out or takes rights away from those who are needed for the rest.
        if path.endswith(("/auth/logout", "/auth/password")) and name is not None:
            token = "no token"
        headers = {**request.pop("headers", {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        answer = client.open(path, method=method, headers=headers, **request)
        # This process delivers nothing, and its health is to say so.
        if not path.startswith("/api/sync/health"):
            assert answer.status_code < 500, f"{method} {path} as {name} with {request}: {answer.text}"
        if 400 <= answer.status_code < 500 and method != "HEAD":
            assert answer.mimetype == "application/problem+json", f"{method} {path}: {answer.mimetype}"
            assert answer.json["code"]
        tried[answer.status_code] = tried.get(answer.status_code, 0) + 1
        answer.close()

    for rule in rules:
        for path in addresses(rule, ids):
            for method in sorted((rule.methods or set()) | {"PUT"}):
                for query in NASTY_QUERIES:
                    call(method, path + query)
                for headers in NASTY_HEADERS:
                    call(method, path, headers=headers, json={"reason": "x"} if method != "GET" else None)
                shape = getattr(shared_app.view_functions[rule.endpoint], "_spec", {}).get("body")
                if method in (rule.methods or ()) and shape is not None:
                    for data, content_type in NASTY_BODIES:
                        call(method, path, data=data, content_type=content_type)
                    names = [field.alias for field in shape.model_fields.values()]
                    for value in NASTY_VALUES:
                        call(method, path, json=dict.fromkeys(names, value))
    # It was no use to ask if nothing got through, or if nothing was refused.
    assert {200, 400, 401, 403, 404, 405, 413, 415, 422} <= set(tried)
    assert sum(tried.values()) > 3_000
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("column", sorted({c.name for t in models.Base.metadata.tables.values() for c in t.columns}))
def test_a_column_is_no_field(patient: Caller, column: str) -> None:
    """What the tables call a thing is nothing that a client may set."""
    documented = {"reason", "id"}
    if "_" in column:
        assert pointers(patient.post("/appointments", {**BOOKING, column: "x"})) == [f"/{column}"]
    elif column not in documented:
        assert f"/{column}" in pointers(patient.post("/appointments", {**BOOKING, column: "x"}))
