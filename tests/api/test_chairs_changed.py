"""Chairs that are put up, changed and withdrawn: through the lane, whom that strands, and which a list shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.hours import HALF_HOUR, HOUR, MONDAY, SignIn, a_check_up, booked
from tests.conftest import Caller, Practice, sign_in_to


@pytest.fixture
def admin(sign_in: SignIn) -> Caller:
    """Who keeps the chairs."""
    return sign_in("admin")


@pytest.fixture
def chair(admin: Caller, practice: Practice) -> str:
    """The path of the one surgery, which a check-up needs."""
    needs = admin.patch(f"/treatments/{practice.treatments['Check-up']}", {"chairKind": "surgery"})
    assert needs.status_code == 200
    return f"/chairs/{admin.post('/chairs', {'name': 'Room 1', 'kind': 'surgery'}).json['id']}"


def named(admin: Caller, practice: Practice, chair: str) -> str:
    """An appointment whose treatment needs no chair, in one that staff chose."""
    body = a_check_up(
        practice, MONDAY + 2 * HOUR, patientId=str(practice.patients[3]), chairId=chair.removeprefix("/chairs/")
    )
    body["treatmentId"] = str(practice.treatments["Cleaning"])
    answer = admin.post("/appointments", body)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


# Withdrawing.


def test_a_chair_with_bookings_to_come_is_withdrawn_only_by_force(
    admin: Caller, sign_in: SignIn, practice: Practice, chair: str
) -> None:
    """409 with those in it, by start; forced it is 204, and they stay where they are."""
    second = booked(sign_in, practice, "patient2", dentist=1, starts_at=MONDAY + HALF_HOUR)
    first = booked(sign_in, practice, "patient1")
    chosen = named(admin, practice, chair)
    for path in (chair, f"{chair}?force=false"):
        refused = admin.delete(path)
        assert (refused.status_code, refused.json["code"]) == (409, "bookings-in-the-way")
        assert refused.json["appointments"] == [first, second, chosen]
    assert admin.get(chair).json["active"] is True
    assert admin.delete(f"{chair}?force=true").status_code == 204
    assert admin.get(chair).json["active"] is False
    for appointment in (first, second, chosen):
        kept = admin.get(f"/appointments/{appointment}").json
        assert (kept["status"], kept["chairId"]) == ("booked", chair.removeprefix("/chairs/"))
    assert sign_in("patient4").post("/appointments", a_check_up(practice, MONDAY + HOUR)).json["code"] == "slot-taken"


def test_a_chair_that_is_withdrawn_already_strands_nobody(
    admin: Caller, sign_in: SignIn, practice: Practice, chair: str
) -> None:
    """Whoever is in it was listed then; so it is too when its kind changes, and when it comes back."""
    booked(sign_in, practice)
    assert admin.delete(f"{chair}?force=true").status_code == 204
    assert admin.delete(chair).status_code == 204
    for body in ({"active": False}, {"kind": "x-ray"}, {"kind": "surgery"}, {"active": True}):
        answer = admin.patch(chair, body)
        assert (answer.status_code, answer.json["appointments"]) == (200, [])
    assert admin.delete(chair).status_code == 409


def test_an_empty_chair_is_withdrawn_at_once(admin: Caller, sign_in: SignIn, practice: Practice, chair: str) -> None:
    """What is cancelled does not hold it."""
    appointment = booked(sign_in, practice)
    sign_in("patient1").post(f"/appointments/{appointment}/cancel", {})
    assert admin.delete(chair).status_code == 204


@pytest.mark.parametrize("query", ["force=1", "force=TRUE", "force=", "forced=true", "force=true&force=true"])
def test_what_is_no_force_is_422(shared_app: APIFlask, query: str) -> None:
    """A slip of one letter must not withdraw anything."""
    admin = sign_in_to(shared_app, "admin")
    path = f"/chairs/{admin.post('/chairs', {'name': 'X', 'kind': 'unused'}).json['id']}"
    answer = admin.delete(f"{path}?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")
    assert admin.get(path).json["active"] is True


# Changing.


def test_a_chair_changes_its_kind_away_from_what_a_booking_needs_only_by_force(
    admin: Caller, sign_in: SignIn, practice: Practice, chair: str
) -> None:
    """Whoever needs no kind is not in the way; forced the answer lists them."""
    needing = booked(sign_in, practice)
    named(admin, practice, chair)
    refused = admin.patch(chair, {"kind": "x-ray"})
    assert (refused.status_code, refused.json["appointments"]) == (409, [needing])
    before = admin.get(chair).json
    assert before["kind"] == "surgery"
    forced = admin.patch(chair, {"kind": "x-ray", "force": True})
    assert forced.status_code == 200
    assert forced.json == {**before, "kind": "x-ray", "appointments": [needing]}
    # That it does not fit any more is known by now.
    assert admin.patch(chair, {"kind": "hygiene"}).json["appointments"] == []


def test_a_chair_is_switched_off_only_by_force(admin: Caller, sign_in: SignIn, practice: Practice, chair: str) -> None:
    """As withdrawing is, with the list in the answer."""
    needing, chosen = booked(sign_in, practice), named(admin, practice, chair)
    refused = admin.patch(chair, {"active": False, "name": "Gone"})
    assert (refused.status_code, refused.json["appointments"]) == (409, [needing, chosen])
    assert admin.get(chair).json["name"] == "Room 1"
    forced = admin.patch(chair, {"active": False, "name": "Gone", "force": True}).json
    assert (forced["active"], forced["name"], forced["appointments"]) == (False, "Gone", [needing, chosen])


def test_a_new_name_strands_nobody(admin: Caller, sign_in: SignIn, practice: Practice, chair: str) -> None:
    """The bookings in it keep it."""
    booked(sign_in, practice)
    answer = admin.patch(chair, {"name": "Room 7", "active": True, "kind": "surgery"})
    assert (answer.status_code, answer.json["name"], answer.json["appointments"]) == (200, "Room 7", [])


@pytest.mark.parametrize("body", [{"force": True}, {"active": None}, {"kind": ""}, {"name": "x", "force": "yes"}])
def test_a_change_that_makes_no_sense_is_422(shared_app: APIFlask, body: dict[str, Any]) -> None:
    """Nothing to change, null, or no flag."""
    admin = sign_in_to(shared_app, "admin")
    path = f"/chairs/{admin.post('/chairs', {'name': 'X', 'kind': 'unused'}).json['id']}"
    assert admin.patch(path, body).status_code == 422


# Through the lane.


def test_each_change_is_a_write_that_is_repeated_with_its_key_and_may_come_later(
    admin: Caller, owner: Session, head: Callable[[], int]
) -> None:
    """The stored outcome for the same key, another body is refused, 202 and `GET /api/writes/{id}` on wish."""
    wish = {"name": "One", "kind": "surgery"}
    first, again = (admin.post("/chairs", wish, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, first.json) == (again.status_code, again.json) == (201, first.json)
    assert admin.post("/chairs", {**wish, "name": "Two"}, Idempotency_Key="k").json["code"] == "idempotency-key-reused"
    path = f"/chairs/{first.json['id']}"
    changed = [admin.call("PATCH", path, {"name": "Two"}, Idempotency_Key="p") for _ in range(2)]
    assert changed[0].json == changed[1].json == {**first.json, "name": "Two", "appointments": []}
    accepted = admin.call("DELETE", path, None, Prefer="respond-async", Idempotency_Key="d")
    assert (accepted.status_code, accepted.json["status"]) == (202, "pending")
    head()
    write = admin.get(accepted.headers["Location"].removeprefix("/api")).json
    assert write == {"id": accepted.json["id"], "status": "applied", "resource": f"/api{path}"}
    assert admin.call("DELETE", path, None, Idempotency_Key="d").status_code == 204
    assert owner.scalar(text("SELECT count(*) FROM chairs")) == 1


def test_the_audit_trail_has_each_change_under_the_chair(admin: Caller) -> None:
    """By the names of the actions."""
    chair = admin.post("/chairs", {"name": "One", "kind": "surgery"}).json["id"]
    path = f"/chairs/{chair}"
    admin.patch(path, {"name": "Two"})
    admin.delete(path)
    found = admin.get(f"/audit?recordId={chair}").json["items"]
    assert [entry["action"] for entry in found] == ["withdraw-chair", "change-chair", "add-chair"]
    assert {(entry["record"]["kind"], entry["actorRole"]) for entry in found} == {("chair", "admin")}


# Lists.


def test_chairs_are_listed_by_kind_and_by_whether_they_are_used(admin: Caller, sign_in: SignIn) -> None:
    """In any combination; what is not used is for admins."""
    wanted = [("A", "surgery"), ("B", "x-ray"), ("C", "surgery"), ("D", "x-ray")]
    paths = {n: admin.post("/chairs", {"name": n, "kind": k}).json["id"] for n, k in wanted}
    for name in ("C", "D"):
        admin.delete(f"/chairs/{paths[name]}")

    def names(caller: Caller, query: str) -> list[str]:
        return [item["name"] for item in caller.get(f"/chairs?{query}").json["items"]]

    assert names(admin, "") == names(admin, "active=true") == ["A", "B"]
    assert names(admin, "kind=surgery") == ["A"]
    assert names(admin, "kind=surgery&includeInactive=true") == ["A", "C"]
    assert names(admin, "active=false") == names(admin, "active=false&includeInactive=true") == ["C", "D"]
    assert names(admin, "active=false&kind=x-ray") == ["D"]
    assert names(admin, "kind=none") == []
    for name in ("patient1", "desk", "chatbot"):
        caller = sign_in(name)
        assert names(caller, "kind=surgery&active=true") == ["A"]
        assert caller.get("/chairs?active=false").json["code"] == "forbidden"


def test_a_filtered_list_comes_in_pages(admin: Caller) -> None:
    """Each once, and the address of the next page keeps the filter."""
    for number in range(5):
        admin.post("/chairs", {"name": f"{number}", "kind": "surgery" if number % 2 == 0 else "x-ray"})
    found, path = [], "/chairs?kind=surgery&limit=2"
    while path:
        page = admin.get(path)
        found += [item["name"] for item in page.json["items"]]
        link = page.headers.get("Link", "")
        path = link[link.index("<") + 1 : link.index(">")].removeprefix("/api") if link else ""
    assert found == ["0", "2", "4"]


@pytest.mark.parametrize("query", ["kind=", "active=yes", "active=", "kind=a&kind=b", "kinds=a", "kind=%00"])
def test_a_filter_that_is_none_is_422(shared_app: APIFlask, query: str) -> None:
    """Never another list than was asked for."""
    assert sign_in_to(shared_app, "admin").get(f"/chairs?{query}").status_code == 422
