"""Time off: who enters it and takes it back, who reads its reason, and whom it strands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests.api.hours import (
    DAY,
    HALF_HOUR,
    HOUR,
    MONDAY,
    WEEK,
    SignIn,
    a_check_up,
    a_range,
    availability_since,
    booked,
    without_list,
)
from tests.conftest import Practice, sign_in_to


def test_time_off_is_entered_listed_and_taken_back(
    sign_in: SignIn, practice: Practice, owner: Session, head: Callable[[], int]
) -> None:
    """Bookings within it are refused, before and after it they are not; each time everybody is told the range."""
    dentist, patient, anna = sign_in("dentist1"), sign_in("patient1"), practice.dentists[0]
    path, before = f"/dentists/{anna}/time-off", head()
    taken = dentist.post(path, a_range(MONDAY, HOUR, reason="A secret operation."))
    assert taken.status_code == 201, taken.json
    assert taken.headers["Location"] == f"/api{path}/{taken.json['id']}"
    assert taken.json["appointments"] == []
    assert without_list(taken) == {
        "id": taken.json["id"],
        "dentistId": str(anna),
        **a_range(MONDAY, HOUR, reason="A secret operation."),
    }
    assert dentist.get(path).json == {"items": [without_list(taken)], "next": None}
    for starts_at, status in (
        (MONDAY - timedelta(minutes=29), 422),
        (MONDAY, 422),
        (MONDAY + HALF_HOUR, 422),
        (MONDAY - HALF_HOUR, 201),
        (MONDAY + HOUR, 201),
    ):
        answer = patient.post("/appointments", a_check_up(practice, starts_at))
        assert answer.status_code == status
        assert status == 201 or answer.json["code"] == "outside-working-hours"
    assert patient.post("/holds", a_check_up(practice)).json["code"] == "outside-working-hours"
    [told] = [e for e in availability_since(owner, before) if e["availability"]["change"] == "time-off"]
    assert (told["dentistId"], told["availability"]["from"]) == (str(anna), format_instant(MONDAY))
    before = head()
    assert dentist.delete(f"{path}/{taken.json['id']}").status_code == 204
    [told] = availability_since(owner, before)
    assert told["availability"]["to"] == format_instant(MONDAY + HOUR)
    assert dentist.get(path).json["items"] == []
    assert dentist.delete(f"{path}/{taken.json['id']}").status_code == 404
    assert patient.post("/appointments", a_check_up(practice)).status_code == 201


def test_the_reason_of_time_off_is_for_that_dentist_and_admins(
    sign_in: SignIn, practice: Practice, owner: Session, head: Callable[[], int]
) -> None:
    """Nowhere else is it said: not in a refusal, a dentist, a list, a write, what is free, or the log."""
    before, path = head(), f"/dentists/{practice.dentists[0]}/time-off"
    dentist = sign_in("dentist1")
    accepted = dentist.post(path, a_range(reason="A secret operation."), Prefer="respond-async")
    entered = dentist.post(path, a_range(MONDAY + DAY, HOUR, reason="A secret operation.")).json
    write = accepted.headers["Location"].removeprefix("/api")
    span = f"from={format_instant(MONDAY)}&to={format_instant(MONDAY + DAY)}"
    for name in ("patient1", "dentist2", "chatbot"):
        caller = sign_in(name)
        answers = [
            caller.get(path),
            caller.delete(f"{path}/{entered['id']}"),
            caller.get(write),
            caller.get(f"/dentists/{practice.dentists[0]}"),
            caller.get("/dentists"),
            caller.get("/closures"),
            caller.get(f"/availability?{span}&treatmentId={practice.treatments['Check-up']}"),
            caller.get(f"/sync/events?since={before}"),
            caller.post("/appointments", a_check_up(practice)),
        ]
        assert [answer.status_code for answer in answers[:3]] == [403, 403, 404], name
        assert not [answer.text for answer in answers if "secret" in answer.text]
    assert "secret" not in str(availability_since(owner, 0))
    assert "secret" in sign_in("admin").get(path).text
    assert dentist.get(write).json["resource"].startswith(f"/api{path}/")


@pytest.mark.parametrize(("name", "status"), [("dentist1", 201), ("admin", 201), ("dentist2", 403), ("patient1", 403)])
def test_a_dentist_keeps_the_own_time_and_an_admin_everybodys(
    sign_in: SignIn, practice: Practice, name: str, status: int
) -> None:
    """A colleague's hours and time off are forbidden to change and time off to read; of nobody there is none: 404."""
    caller, dentist = sign_in(name), f"/dentists/{practice.dentists[0]}"
    assert caller.post(f"{dentist}/time-off", a_range()).status_code == status
    entered = sign_in("admin").post(f"{dentist}/time-off", a_range(MONDAY + DAY)).json["id"]
    allowed = status == 201
    assert caller.get(f"{dentist}/time-off").status_code == (200 if allowed else 403)
    assert caller.call("PUT", f"{dentist}/working-hours", {"hours": WEEK}).status_code == (200 if allowed else 403)
    assert caller.delete(f"{dentist}/time-off/{entered}").status_code == (204 if allowed else 403)
    nobody = "/dentists/00000000-0000-4000-8000-000000000000"
    expected = 403 if name == "patient1" else 404
    assert caller.get(f"{nobody}/time-off").status_code == expected
    assert caller.post(f"{nobody}/time-off", a_range()).status_code == expected


def test_taking_time_off_back_is_repeated_with_its_key(sign_in: SignIn, practice: Practice) -> None:
    """The stored 204, though it is gone by then; and it goes by its own dentist's address only."""
    admin, path = sign_in("admin"), f"/dentists/{practice.dentists[0]}/time-off"
    entered = admin.post(path, a_range()).json["id"]
    assert admin.delete(f"/dentists/{practice.dentists[1]}/time-off/{entered}").status_code == 404
    for _ in range(2):
        assert admin.delete(f"{path}/{entered}", Idempotency_Key="k").status_code == 204
    assert admin.delete(f"{path}/{entered}").status_code == 404


def test_time_off_over_bookings_is_refused_unless_forced(sign_in: SignIn, practice: Practice) -> None:
    """It lists who overlaps, by an instant even, and nobody else; the appointments stay."""
    first, second = (
        booked(sign_in, practice, "patient1"),
        booked(sign_in, practice, "patient2", starts_at=MONDAY + HALF_HOUR),
    )
    booked(sign_in, practice, "patient3", dentist=1)
    dentist, path = sign_in("dentist1"), f"/dentists/{practice.dentists[0]}/time-off"
    assert dentist.post(path, a_range(MONDAY - HOUR, HOUR)).status_code == 201
    one = dentist.post(path, a_range(MONDAY - HOUR, HOUR + timedelta(milliseconds=1)))
    assert (one.status_code, one.json["code"], one.json["appointments"]) == (409, "bookings-in-the-way", [first])
    both = dentist.post(path, a_range())
    assert both.json["appointments"] == [first, second]
    forced = dentist.post(path, a_range(force=True))
    assert (forced.status_code, forced.json["appointments"]) == (201, [first, second])
    assert dentist.get(f"/appointments/{first}").json["status"] == "booked"


@pytest.mark.parametrize("path", ["time-off", "closures"])
@pytest.mark.parametrize(
    "body",
    [{}, {"startsAt": "2030-01-01T00:00:00Z"}, a_range(length=timedelta(0)), a_range(length=-HOUR), a_range(note="x")],
)
def test_a_range_that_is_none_is_422(shared_app: APIFlask, path: str, body: dict[str, Any]) -> None:
    """Both ends, in their order, and nothing unknown."""
    admin = sign_in_to(shared_app, "admin")
    if path == "time-off":
        path = f"dentists/{admin.get('/dentists').json['items'][0]['id']}/time-off"
    assert admin.post(f"/{path}", body).status_code == 422
