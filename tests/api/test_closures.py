"""Closures: how they are entered, changed and taken back, and whom they strand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests.api.hours import DAY, HOUR, MONDAY, SignIn, a_check_up, a_range, availability_since, booked, without_list
from tests.conftest import Practice


def test_a_closure_is_entered_read_changed_and_taken_back(
    sign_in: SignIn, practice: Practice, owner: Session, head: Callable[[], int]
) -> None:
    """Admins write, any role reads; nobody is booked with any dentist; every availability room is told."""
    admin, before = sign_in("admin"), head()
    closed = admin.post("/closures", a_range(reason="Christmas."))
    assert closed.status_code == 201
    path = f"/closures/{closed.json['id']}"
    assert closed.headers["Location"] == f"/api{path}"
    closure = without_list(closed)
    assert closed.json["appointments"] == []
    assert closure == {"id": closed.json["id"], **a_range(reason="Christmas.")}
    [told] = availability_since(owner, before)
    assert told["dentistId"] is None
    assert told["availability"]["change"] == "closure"
    assert set(told["channels"]) == {"availability:all", *(f"availability:{dentist}" for dentist in practice.dentists)}
    for name in ("patient1", "dentist1", "chatbot", "admin"):
        caller = sign_in(name)
        assert caller.get(path).json == closure
        assert caller.get("/closures").json == {"items": [closure], "next": None}
        if name != "admin":
            for answer in (
                caller.post("/closures", a_range()),
                caller.patch(path, {"reason": None}),
                caller.delete(path),
            ):
                assert answer.status_code == 403
    for dentist in range(3):
        refused = sign_in("patient2").post("/appointments", a_check_up(practice, dentist=dentist))
        assert refused.json["code"] == "outside-working-hours"
    before = head()
    changed = admin.patch(path, {"endsAt": format_instant(MONDAY + HOUR), "reason": None})
    assert changed.status_code == 200
    assert changed.json == {**closed.json, "endsAt": format_instant(MONDAY + HOUR), "reason": None, "appointments": []}
    assert [e["availability"]["to"] for e in availability_since(owner, before)] == [
        format_instant(MONDAY + DAY),
        format_instant(MONDAY + HOUR),
    ]
    assert sign_in("patient2").post("/appointments", a_check_up(practice, MONDAY + HOUR)).status_code == 201
    assert admin.delete(path).status_code == 204
    for answer in (admin.get(path), admin.patch(path, {"reason": "x"}), admin.delete(path)):
        assert answer.status_code == 404
    assert sign_in("patient3").post("/appointments", a_check_up(practice)).status_code == 201


def test_a_closure_strands_nobody_unless_forced_and_lists_only_whom_it_reaches_anew(
    sign_in: SignIn, practice: Practice
) -> None:
    """All dentists' bookings count; who lay within it before was listed then."""
    first = booked(sign_in, practice, "patient1")
    second = booked(sign_in, practice, "patient2", dentist=1, starts_at=MONDAY + HOUR)
    admin = sign_in("admin")
    refused = admin.post("/closures", a_range(MONDAY, HOUR))
    assert (refused.status_code, refused.json["appointments"]) == (409, [first])
    closure = admin.post("/closures", a_range(MONDAY, HOUR, force=True)).json
    assert closure["appointments"] == [first]
    path, longer = f"/closures/{closure['id']}", {"endsAt": format_instant(MONDAY + DAY)}
    assert admin.patch(path, longer).json["appointments"] == [second]
    assert admin.get(path).json["endsAt"] == format_instant(MONDAY + HOUR)
    forced = admin.patch(path, {**longer, "force": True})
    assert (forced.status_code, forced.json["appointments"]) == (200, [second])
    assert admin.patch(path, {"reason": "x"}).json["appointments"] == []


@pytest.mark.parametrize(
    "body", [{}, {"force": True}, {"startsAt": None}, {"endsAt": format_instant(MONDAY - DAY)}, {"x": 1}]
)
def test_a_change_of_a_closure_that_makes_no_sense_is_422(sign_in: SignIn, body: dict[str, Any]) -> None:
    """Nothing to change, no range left, or unknown."""
    admin = sign_in("admin")
    closure = admin.post("/closures", a_range()).json
    assert admin.patch(f"/closures/{closure['id']}", body).status_code == 422


def test_closures_and_time_off_come_in_pages_by_start(sign_in: SignIn, practice: Practice) -> None:
    """Each once, whatever the size of a page; a forged cursor is refused."""
    admin = sign_in("admin")
    for path in ("/closures", f"/dentists/{practice.dentists[0]}/time-off"):
        for day in (3, 1, 2, 1):
            assert admin.post(path, a_range(MONDAY + day * DAY, HOUR)).status_code == 201
        whole = admin.get(path).json["items"]
        assert [item["startsAt"] for item in whole] == sorted(item["startsAt"] for item in whole)
        found, after = [], ""
        while after is not None:
            page = admin.get(f"{path}?limit=1" + (f"&after={after}" if after else "")).json
            found += page["items"]
            after = page["next"]
        assert found == whole
        assert len(found) == 4
        assert admin.get(f"{path}?after=WzEsMl0").status_code == 422
