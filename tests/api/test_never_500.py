"""Whatever a client sends, to every address, it gets a proper answer and never a 500."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.routing import Rule

from tests.api.refused import AN_ID, MONDAY, cursor
from tests.conftest import sign_in_to

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
    "?date=0001-01-01&position=0",
    "?date=9999-12-31&position=999999999999999999",
    "?date=2030-01-07&from=2&to=1&limit=1&after=" + cursor(MONDAY, AN_ID, "1", AN_ID),
    f"?date=2030-01-07&epoch={AN_ID}",
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
    """Every route with nasty bodies (for every member that its shape has), queries and headers, as everybody and as
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
        # This process delivers nothing, and these are to say so.
        if not path.startswith(("/api/sync/health", "/api/ready")):
            assert answer.status_code < 500, f"{method} {path} as {name} with {request}: {answer.text}"
        # The page behind a link says it to people.
        is_page = path.startswith("/reminder/") and answer.mimetype == "text/html"
        if 400 <= answer.status_code < 500 and method != "HEAD" and not is_page:
            assert answer.mimetype == "application/problem+json", f"{method} {path}: {answer.mimetype}"
            assert answer.json["code"]
        tried[answer.status_code] = tried.get(answer.status_code, 0) + 1
        answer.close()

    for rule in rules:
        paths = list(addresses(rule, ids))
        shape = getattr(shared_app.view_functions[rule.endpoint], "_spec", {}).get("body")
        for method in sorted((rule.methods or set()) | {"PUT"}):
            # Each query and each header once a method, with the addresses by turns: all with all took three times as
            # long, and asked nothing else. A body meets them all.
            path = itertools.cycle(paths)
            for query in NASTY_QUERIES:
                call(method, next(path) + query)
            for headers in NASTY_HEADERS:
                call(method, next(path), headers=headers, json={"reason": "x"} if method != "GET" else None)
            if method in (rule.methods or ()) and shape is not None:
                for path_of_body in paths:
                    for data, content_type in NASTY_BODIES:
                        call(method, path_of_body, data=data, content_type=content_type)
                    names = [field.alias for field in shape.model_fields.values()]
                    for value in NASTY_VALUES:
                        call(method, path_of_body, json=dict.fromkeys(names, value))
    # It was no use to ask if nothing got through, or if nothing was refused.
    assert {200, 400, 401, 403, 404, 405, 413, 415, 422} <= set(tried)
    assert sum(tried.values()) > 3_000
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
