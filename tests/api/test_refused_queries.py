"""Queries, cursors, addresses and methods that are not the documented ones are refused with the problem that fits."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from apiflask import APIFlask

from tests.api.refused import AN_ID, MONDAY, assert_problem, cursor, pointers
from tests.conftest import Caller, sign_in_to

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
        ("/patients?birthDate=31.12.1980", "/birthDate"),
        ("/patients?birthDate=1980-02-30", "/birthDate"),
        ("/patients?birthDate=", "/birthDate"),
        ("/appointments?chairId=1", "/chairId"),
        ("/closures?from=2030-01-07", "/from"),
        ("/closures?to=now", "/to"),
        ("/holds?dentistId=anna", "/dentistId"),
        ("/holds?from=2030-01-07T09:00:00", "/from"),
        ("/holds?userId=" + AN_ID, "/userId"),
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
