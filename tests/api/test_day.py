"""`GET /api/sync/day`: the day again, for admins: how it was, what changed it, and who did it."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.records import past
from dental_sync.sync import events, log
from tests import plain_sql
from tests.api.free import SignIn
from tests.api.hours import BERLIN, HALF_HOUR, MONDAY, a_check_up
from tests.api.test_erasing import ERASED, erase
from tests.conftest import Caller, Practice, RunLane, mute

DATE = MONDAY.astimezone(BERLIN).date()
QUARTER = timedelta(minutes=15)


@pytest.fixture
def admin(sign_in: SignIn) -> Caller:
    """Who may look."""
    return sign_in("admin")


def the_day(caller: Caller, position: int | None = None, date: Any = DATE) -> list[dict[str, Any]]:
    """The appointments of a day at a position."""
    answer = caller.get(f"/sync/day?date={date}" + (f"&position={position}" if position is not None else ""))
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def what_changed(caller: Caller, query: str = "", date: Any = DATE) -> list[dict[str, Any]]:
    """What changed a day, in the order in which it happened."""
    answer = caller.get(f"/sync/day/changes?date={date}&limit=200{query}")
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    assert [item["position"] for item in items] == sorted((item["position"] for item in items), reverse=True)
    return items[::-1]


def who(changes: list[dict[str, Any]]) -> list[tuple[str | None, str | None, str | None]]:
    """What each change was, and as whom it was made."""
    return [(change["action"], change["actorRole"], change["actorName"]) for change in changes]


def test_a_booking_that_was_moved_twice_is_seen_where_it_was(
    admin: Caller, sign_in: SignIn, booked: dict[str, Any]
) -> None:
    """At nine before the desk moved it, at half past before the dentist did; nowhere before it was booked."""
    path = f"/appointments/{booked['id']}"
    half_past, ten = MONDAY + HALF_HOUR, MONDAY + 2 * HALF_HOUR
    sign_in("desk").patch(path, {"startsAt": format_instant(half_past)})
    sign_in("dentist1").patch(path, {"startsAt": format_instant(ten), "reason": "It takes longer."})
    changes = what_changed(admin)
    assert who(changes) == [
        ("book", "patient", "Mia Schmidt"),
        ("reschedule", "receptionist", "Reception"),
        ("reschedule", "dentist", "Dr. Anna Keller"),
    ]
    assert [change["before"] and change["before"]["startsAt"] for change in changes] == [
        None,
        *map(format_instant, (MONDAY, half_past)),
    ]
    before = the_day(admin, changes[0]["position"] - 1)
    assert booked["id"] not in [item["id"] for item in before]
    for change, starts_at in zip(changes, (MONDAY, half_past, ten), strict=True):
        assert change["appointmentId"] == booked["id"]
        assert change["after"]["startsAt"] == format_instant(starts_at)
        [shown] = [item for item in the_day(admin, change["position"]) if item["id"] == booked["id"]]
        assert shown == change["after"]
    assert the_day(admin) == the_day(admin, changes[-1]["position"])
    assert admin.get(path).json in the_day(admin)


def test_what_moves_to_another_day_is_a_change_of_both(admin: Caller, sign_in: SignIn, booked: dict[str, Any]) -> None:
    """It leaves the one and comes to the other."""
    next_day = MONDAY + timedelta(days=1)
    sign_in("desk").patch(f"/appointments/{booked['id']}", {"startsAt": format_instant(next_day)})
    [_, left] = what_changed(admin)
    [came] = what_changed(admin, date=DATE + timedelta(days=1))
    assert left == came
    for date, position in ((DATE, left["position"] - 1), (DATE + timedelta(days=1), left["position"])):
        assert booked["id"] in [item["id"] for item in the_day(admin, position, date)]
    for date, position in ((DATE + timedelta(days=1), left["position"] - 1), (DATE, left["position"])):
        assert booked["id"] not in [item["id"] for item in the_day(admin, position, date)]


@pytest.mark.usefixtures("empty_diary")
def test_requests_that_are_decided_together_are_each_their_own_senders(
    app: APIFlask, admin: Caller, sign_in: SignIn, practice: Practice, run_lane: RunLane
) -> None:
    """Bookings are stored many in one statement, and one of them is cancelled in the same turn."""
    mute(app)
    patients = [sign_in(f"patient{number}") for number in (1, 2, 3)]
    for number, patient in enumerate(patients):
        sent = patient.post("/appointments", a_check_up(practice, dentist=number), Prefer="respond-async")
        assert sent.status_code == 202
    run_lane()
    booked = {change["after"]["dentistId"]: change for change in what_changed(admin)}
    mias, noahs, linas = (booked[str(dentist)] for dentist in practice.dentists[:3])
    assert [change["actorId"] for change in (mias, noahs, linas)] == [patient.user["id"] for patient in patients]
    sign_in("desk").post(f"/appointments/{mias['appointmentId']}/confirm", Prefer="respond-async")
    sign_in("dentist2").post(f"/appointments/{noahs['appointmentId']}/cancel", {}, Prefer="respond-async")
    patients[2].post(f"/appointments/{linas['appointmentId']}/cancel", {}, Prefer="respond-async")
    run_lane()
    done = {change["appointmentId"]: change for change in what_changed(admin)}
    assert who([done[change["appointmentId"]] for change in (mias, noahs, linas)]) == [
        ("confirm", "receptionist", "Reception"),
        ("cancel", "dentist", "Dr. Ben Osei"),
        ("cancel", "patient", "Lina Hoffmann"),
    ]


def test_what_a_write_changes_beside_its_own_appointment_is_its_doing_too(
    admin: Caller, practice: Practice, booked: dict[str, Any]
) -> None:
    """Who is put beside another one makes both overbooked, and who goes makes the other one alone again."""
    body = a_check_up(practice, MONDAY + QUARTER, patientId=str(practice.patients[1]), force=True)
    forced = admin.post("/appointments", body).json["id"]
    admin.post(f"/appointments/{forced}/cancel", {})
    beside = [change for change in what_changed(admin) if change["appointmentId"] == booked["id"]]
    assert who(beside)[1:] == [("book", "admin", "Front Desk"), ("cancel", "admin", "Front Desk")]
    assert [change["after"]["overbooked"] for change in beside] == [False, True, False]


def test_several_and_merged_records_are_their_requests_doing(
    admin: Caller, sign_in: SignIn, practice: Practice, booked: dict[str, Any]
) -> None:
    """A hand-over, and a merge, which a function of the database does."""
    until = format_instant(MONDAY + HALF_HOUR)
    wish = {"to": str(practice.dentists[1]), "from": format_instant(MONDAY), "until": until}
    assert sign_in("dentist1").post(f"/dentists/{practice.dentists[0]}/hand-over", wish).json["moved"] == [booked["id"]]
    entered = sign_in("desk").post("/patients", {"name": "Mia Schmidt"}).json["id"]
    assert sign_in("desk").post(f"/patients/{entered}/merge", {"into": str(practice.patients[0])}).status_code == 200
    other = sign_in("desk").post("/patients", {"name": "Noah Fischer"}).json["id"]
    moved = a_check_up(practice, MONDAY + 2 * HALF_HOUR, patientId=other)
    sign_in("desk").post("/appointments", moved)
    sign_in("desk").post(f"/patients/{other}/merge", {"into": str(practice.patients[1])})
    assert who(what_changed(admin)) == [
        ("book", "patient", "Mia Schmidt"),
        ("hand-over", "dentist", "Dr. Anna Keller"),
        ("book", "receptionist", "Reception"),
        ("merge", "receptionist", "Reception"),
    ]


def test_plain_sql_is_named_as_such_and_has_no_actor(
    admin: Caller, owner: Session, practice: Practice, booked: dict[str, Any], run_lane: RunLane
) -> None:
    """A row that is made, changed, and gone; the last message alone cannot say what it was."""
    run_lane()
    at = MONDAY + 2 * HALF_HOUR
    made = plain_sql.book(owner, practice.patients[1], practice.dentists[0], at)
    owner.execute(text("UPDATE appointments SET reason = 'Late.' WHERE id = :id"), {"id": made})
    owner.execute(text("DELETE FROM appointments WHERE id = :id"), {"id": made})
    owner.commit()
    run_lane()
    changes = [change for change in what_changed(admin) if change["appointmentId"] == str(made)]
    assert who(changes) == [(f"sql-{what}", None, None) for what in ("insert", "update", "delete")]
    assert changes[-1]["before"]["reason"] == "Late."
    assert changes[-1]["after"] is None
    assert changes[-1]["before"] in the_day(admin, changes[-1]["position"] - 1)
    assert changes[-1]["before"] not in the_day(admin)
    assert booked["id"] in [item["id"] for item in the_day(admin)]


@pytest.mark.usefixtures("booked")
def test_who_renames_a_patient_has_changed_the_appointment(
    admin: Caller, sign_in: SignIn, practice: Practice, owner: Session, run_lane: RunLane
) -> None:
    """That is no write request, but an account's doing; what the log does not know it does not say."""
    sign_in("desk").patch(f"/patients/{practice.patients[0]}", {"name": "Mia Krause"})
    run_lane()
    renamed = what_changed(admin)[-1]
    assert who([renamed]) == [(None, "receptionist", "Reception")]
    assert (renamed["before"]["patientName"], renamed["after"]["patientName"]) == ("Mia Schmidt", "Mia Krause")
    # As the release before has published it.
    owner.execute(text("UPDATE sync_events SET write_id = NULL, actor_id = NULL, acted_as = NULL"))
    owner.commit()
    assert set(who(what_changed(admin))) == {(None, None, None)}


def test_what_the_service_does_by_itself_has_its_role_and_no_actor(
    admin: Caller, owner: Session, practice: Practice, worker_app: APIFlask, run_lane: RunLane
) -> None:
    """As the housekeeper deletes what is past its retention."""
    at = MONDAY - timedelta(weeks=60)
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], at)
    owner.commit()
    run_lane()
    with worker_app.app_context():
        assert past.prune_appointments(db.session(), retention_days=365, limit=10) == 1
        db.session.commit()
    run_lane()
    assert who(what_changed(admin, date=at.astimezone(BERLIN).date())) == [
        ("sql-insert", None, None),
        (None, "system", None),
    ]


def test_an_actor_has_the_role_that_they_had_then(
    admin: Caller, sign_in: SignIn, booked: dict[str, Any], owner: Session
) -> None:
    """The audit trail says as what somebody acted, whatever they are now."""
    sign_in("desk").post(f"/appointments/{booked['id']}/confirm")
    owner.execute(text("UPDATE users SET role = 'admin' WHERE role = 'receptionist'"))
    owner.commit()
    assert who(what_changed(admin))[-1] == ("confirm", "receptionist", "Reception")


def test_nobody_is_sent_what_caused_a_message(
    admin: Caller, sign_in: SignIn, booked: dict[str, Any], run_lane: RunLane
) -> None:
    """Neither the log over HTTP nor what goes to the sockets has a member more than before."""
    assert admin.delete(f"/appointments/{booked['id']}").status_code == 204
    run_lane()
    for caller in (admin, sign_in("desk"), sign_in("patient1"), sign_in("dentist1")):
        answer = caller.get("/sync/events?since=0&limit=500").json["events"]
        assert answer
        members = {name for event in answer for name in event}
        assert members <= {
            *events.Message(0, "", "", [], {}, "").wire(),
            "type", "appointment", "appointmentId", "previous", "dentistId", "availability", "kind", "id", "change",
        }  # fmt: skip
        said = json.dumps(answer)
        assert "write" not in said
        assert caller.user["id"] not in said


def test_what_was_erased_does_not_come_back_by_the_log(
    admin: Caller, owner: Session, practice: Practice, run_lane: RunLane
) -> None:
    """Of an appointment that is there, and of one that was deleted, at each position at which the log tells of them."""
    owner.execute(text("DELETE FROM appointments"))
    at = MONDAY - timedelta(weeks=8)
    for hours, gone in ((0, False), (1, True)):
        booked = plain_sql.book(owner, practice.patients[0], practice.dentists[0], at + timedelta(hours=hours))
        owner.execute(text("UPDATE appointments SET reason = 'A secret.' WHERE id = :id"), {"id": booked})
        if gone:
            owner.execute(text("DELETE FROM appointments WHERE id = :id"), {"id": booked})
    owner.commit()
    run_lane()
    date = at.astimezone(BERLIN).date()
    positions = [change["position"] for change in what_changed(admin, date=date)]
    assert "A secret." in json.dumps([the_day(admin, position, date) for position in positions])
    erase(admin, practice.patients[0])
    assert max(len(the_day(admin, position, date)) for position in positions) == 2
    for position in positions:
        shown = the_day(admin, position, date)
        assert {(item["patientName"], item["reason"]) for item in shown} == {(ERASED, None)}
    told = json.dumps(what_changed(admin, date=date))
    assert "A secret." not in told
    assert "Mia Schmidt" not in told
    assert who(what_changed(admin, date=date))[-1] == ("erase", "admin", "Front Desk")


@pytest.mark.parametrize("route", ["day?", "day/changes?limit=1&"])
def test_what_the_log_has_not_is_410(admin: Caller, owner: Session, run_lane: RunLane, route: str) -> None:
    """Older than its beginning, beyond its end, of another log; at the edges it is not."""
    run_lane()
    owner.execute(text("UPDATE sync_events SET occurred_at = now() - interval '8 days' WHERE position <= 10"))
    log.prune(owner, retention_days=7, limit=100)
    owner.commit()
    head = log.head(owner)
    names = ["position"] if route == "day?" else ["from", "to"]
    for query in (
        *(f"{name}={position}" for name in names for position in (9, head.position + 1)),
        f"epoch={uuid.uuid4()}",
    ):
        answer = admin.get(f"/sync/{route}date={DATE}&{query}")
        assert (answer.status_code, answer.json["code"]) == (410, "resync-required"), query
    for query in (*(f"{name}={position}" for name in names for position in (10, head.position)), f"epoch={head.epoch}"):
        answer = admin.get(f"/sync/{route}date={DATE}&{query}")
        assert answer.status_code == 200
        assert (answer.json["earliest"], answer.json["latest"]) == (10, head.position)


@pytest.mark.parametrize(
    "query",
    ["", "date=2030-02-30", "date=1900-12-31", "date=9989-01-01", "date=2030-01-07&position=-1", "date=2030-01-07&q=x"],
)
def test_what_is_no_day_or_position_is_refused(admin: Caller, query: str) -> None:
    """With 422, as is a range that ends before it begins."""
    assert admin.get(f"/sync/day?{query}").status_code == 422
    assert admin.get("/sync/day/changes?date=2030-01-07&from=2&to=1").status_code == 422


def test_a_page_goes_on_where_the_day_was(
    admin: Caller, sign_in: SignIn, practice: Practice, booked: dict[str, Any]
) -> None:
    """Whatever has happened since: each page carries the position and the epoch of the first."""
    sign_in("patient2").post("/appointments", a_check_up(practice, dentist=1))
    whole = the_day(admin)
    assert len(whole) > 1
    first = admin.get(f"/sync/day?date={DATE}&limit=1")
    assert f"after={first.json['next']}" in first.headers["Link"]
    sign_in("desk").post(f"/appointments/{booked['id']}/cancel", {})
    sign_in("desk").post(f"/appointments/{whole[1]['id']}/cancel", {})
    second = admin.get(f"/sync/day?date={DATE}&limit=1&after={first.json['next']}").json
    assert [*first.json["items"], *second["items"]] == whole[:2]
    assert second["position"] == first.json["position"] < second["latest"]
    first = admin.get(f"/sync/day/changes?date={DATE}&limit=1").json
    second = admin.get(f"/sync/day/changes?date={DATE}&limit=1&after={first['next']}").json
    assert [*second["items"], *first["items"]] == what_changed(admin)[-2:]


def test_who_looks_at_the_past_is_in_the_audit_trail(admin: Caller, booked: dict[str, Any]) -> None:
    """With the day, the positions and whom it was about; what shows nobody is not."""
    position = what_changed(admin)[-1]["position"]
    the_day(admin, position)
    the_day(admin, date="2040-01-01")
    [looked, read, *_] = admin.get(f"/audit?actorId={admin.user['id']}").json["items"]
    assert (looked["action"], looked["details"]) == ("list", {"date": str(DATE), "position": position})
    assert booked["id"] in (looked["record"].get("ids") or [looked["record"]["id"]])
    assert read["action"] == "sync-events"
    assert (read["details"]["date"], read["details"]["to"] >= position) == (str(DATE), True)
    assert admin.get(f"/appointments/{booked['id']}/history").json["items"][0]["action"] == "book"
    assert len(admin.get(f"/appointments/{booked['id']}/history").json["items"]) == 1


def test_a_day_is_the_practices_and_not_the_dentists(
    admin: Caller, owner: Session, practice: Practice, run_lane: RunLane
) -> None:
    """At half past eleven in the evening of Berlin it is not yet tomorrow, wherever the dentist is."""
    owner.execute(
        text("UPDATE dentists SET time_zone = 'Asia/Tokyo', follows_practice = false WHERE id = :id"),
        {"id": practice.dentists[0]},
    )
    late = MONDAY.astimezone(BERLIN).replace(hour=23, minute=30)
    booked = str(plain_sql.book(owner, practice.patients[0], practice.dentists[0], late, minutes=30))
    owner.commit()
    run_lane()
    for date, shown in ((DATE, True), (DATE + timedelta(days=1), False)):
        assert (booked in [item["id"] for item in the_day(admin, date=date)]) is shown
        assert (booked in [change["appointmentId"] for change in what_changed(admin, date=date)]) is shown
