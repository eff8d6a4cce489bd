"""What everybody may see before they sign up: the practice as it shows itself, what is free, nothing about anybody."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.diary.intervals import Interval
from dental_sync.queries import availability
from dental_sync.queries.availability import Asked
from dental_sync.records.practice import enter_as_visitor
from tests.api.assisting import an_assistant
from tests.api.hours import DAY, HALF_HOUR, HOUR, MONDAY, SignIn, a_check_up, a_range
from tests.conftest import Caller, Practice, RunLane, visit

WEEK = timedelta(days=7)


def times_of(treatment: object, length: timedelta = WEEK, **more: str) -> str:
    """A question for what is free from Monday on."""
    to = format_instant(MONDAY + length)
    return urlencode({"from": format_instant(MONDAY), "to": to, "treatmentId": str(treatment), **more})


def ask(app: APIFlask, path: str) -> Any:
    """What anybody is answered."""
    return app.test_client().get(f"/api/public/{path}")


def test_everybody_sees_the_practice_as_it_shows_itself(app: APIFlask, sign_in: SignIn, practice: Practice) -> None:
    """What is not public, who assists and who has left is not there, nor is any rule."""
    admin = sign_in("admin")
    hidden = admin.post("/treatments", {"name": "Bridge", "durationMinutes": 60, "public": False}).json
    assert hidden["public"] is False
    admin.delete(f"/treatments/{practice.treatments['Filling']}")
    admin.patch(f"/dentists/{practice.dentists[2]}", {"active": False, "force": True})
    an_assistant(app, admin, "Emil Arndt")
    told = {"address": "Smile Street 1\n10115 Berlin", "phone": "030 5550123", "publicBooking": "view"}
    assert admin.patch("/practice", told).status_code == 200
    assert ask(app, "practice").json == {
        "name": "Dental Sync demo practice",
        "timeZone": "Europe/Berlin",
        **told,
        "newPatients": "open",
        "hasLogo": False,
        "treatments": [
            {"id": str(practice.treatments[name]), "name": name, "durationMinutes": minutes}
            for name, minutes in (("Check-up", 30), ("Cleaning", 45), ("Root canal", 90))
        ],
        "dentists": [
            {"id": str(practice.dentists[0]), "name": "Dr. Anna Keller"},
            {"id": str(practice.dentists[1]), "name": "Dr. Ben Osei"},
        ],
    }


def test_what_is_free_for_everybody_is_what_a_patient_is_told(
    app: APIFlask, sign_in: SignIn, practice: Practice, owner: Session
) -> None:
    """By notice and horizon too; with the position from which to follow."""
    owner.execute(text("UPDATE practice SET minimum_notice_minutes = 60 * 24 * 40, furthest_advance_days = 400"))
    owner.commit()
    patient = sign_in("patient1")
    patient.post("/holds", a_check_up(practice, MONDAY + 6 * DAY))
    for more in ({}, {"dentistId": str(practice.dentists[0])}):
        query = times_of(practice.treatments["Check-up"], **more)
        found = ask(app, f"availability?{query}").json
        assert found == patient.get(f"/availability?{query}").json
    several = f"{practice.treatments['Check-up']},{practice.treatments['Cleaning']}"
    query = times_of(practice.treatments["Check-up"], treatmentIds=several)
    assert ask(app, f"availability?{query}").json == patient.get(f"/availability?{query}").json


def test_what_is_not_shown_is_not_to_be_looked_for_without_an_account(
    app: APIFlask, sign_in: SignIn, practice: Practice
) -> None:
    """Neither on the public door nor with a visitor's token; with an account it is."""
    treatment = str(practice.treatments["Filling"])
    assert sign_in("admin").patch(f"/treatments/{treatment}", {"public": False}).status_code == 200
    visitor = visit(app)
    check_up = str(practice.treatments["Check-up"])
    for query, status, code in (
        (times_of(treatment), 422, "unknown-treatment"),
        (times_of(check_up, treatmentIds=f"{check_up},{treatment}"), 422, "unknown-treatment"),
        (times_of(check_up, WEEK + HOUR), 422, "validation-failed"),
        (times_of(check_up, dentistId=check_up), 422, "unknown-dentist"),
    ):
        for answer in (ask(app, f"availability?{query}"), visitor.get(f"/availability?{query}")):
            assert (answer.status_code, answer.json["code"]) == (status, code)
    assert ask(app, "availability?" + times_of(check_up).rpartition("&")[0]).status_code == 422
    with_length = visitor.get(f"/availability?{times_of(check_up)}&durationMinutes=10")
    assert (with_length.status_code, with_length.json["code"]) == (403, "forbidden")
    assert visitor.get(f"/availability?{times_of(check_up)}&limit=3").json["next"]
    assert sign_in("patient1").get(f"/availability?{times_of(treatment)}").status_code == 200


def test_a_practice_that_is_off_shows_nothing_and_gives_no_token(
    app: APIFlask, sign_in: SignIn, practice: Practice
) -> None:
    """404 below /api/public; who has a token keeps it until it expires."""
    visitor = visit(app)
    sign_in("admin").patch("/practice", {"publicBooking": "off"})
    query = times_of(practice.treatments["Check-up"])
    for path in ("practice", f"availability?{query}", "logo"):
        answer = ask(app, path)
        assert (answer.status_code, answer.json["code"]) == (404, "not-found")
    assert app.test_client().post("/api/public/token").status_code == 404
    assert visitor.get(f"/availability?{query}").status_code == 200


def test_many_who_ask_the_same_cost_one_computation(
    app: APIFlask, sign_in: SignIn, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At one position of the log: a booking is another, and so is another question."""
    computed: list[object] = []
    slots_of_step = availability.slots_of_step

    def counting(*args: Any, **more: Any) -> Any:
        computed.append(args)
        return slots_of_step(*args, **more)

    monkeypatch.setattr(availability, "slots_of_step", counting)
    query = times_of(practice.treatments["Check-up"])
    start = threading.Barrier(8)
    answers: list[Any] = []

    def ask_with_the_others() -> None:
        start.wait()
        answers.append(ask(app, f"availability?{query}").json)

    threads = [threading.Thread(target=ask_with_the_others) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(computed) == 1
    assert answers == [answers[0]] * 8
    assert answers[0]["slots"]
    booked = sign_in("patient1").post("/appointments", a_check_up(practice)).json
    after = ask(app, f"availability?{query}").json
    assert ask(app, f"availability?{query}").json == after
    taken = {"dentistId": booked["dentistId"], "startsAt": booked["startsAt"], "endsAt": booked["endsAt"]}
    assert taken in answers[0]["slots"]
    assert taken not in after["slots"]
    assert len(computed) == 2
    ask(app, f"availability?{times_of(practice.treatments['Cleaning'])}")
    assert len(computed) == 3


def test_a_hold_that_expires_ends_what_was_computed(
    app: APIFlask, sign_in: SignIn, practice: Practice, owner: Session
) -> None:
    """Without anybody's doing: nothing is told at that moment."""
    held = sign_in("patient1").post("/holds", a_check_up(practice)).json
    asked = Asked(None, [practice.treatments["Check-up"]])
    within = Interval(MONDAY, MONDAY + DAY)
    now = datetime.now(UTC)
    diary, treatment_of = availability.load(owner, services.of(app, Settings), within, asked, at=now)
    _, until = availability.slots_of_step(diary, treatment_of, within, None, until=within.end, at=now)
    assert format_instant(until) == held["expiresAt"]


def test_a_visitors_token_is_short_and_one_address_gets_so_many(app: APIFlask) -> None:
    """The next address gets its own; no sign-in stands behind it, so that it cannot be renewed."""
    client = app.test_client()
    given = client.post("/api/public/token").json
    assert given["expiresIn"] == services.of(app, Settings).access_token_seconds
    refresh = client.post("/api/auth/refresh", headers={"Authorization": f"Bearer {given['accessToken']}"})
    assert (refresh.status_code, refresh.json["code"]) == (401, "unauthorized")
    statuses = {client.post("/api/public/token").status_code for _ in range(59)}
    refused = client.post("/api/public/token")
    assert (statuses, refused.status_code) == ({200}, 429)
    assert int(refused.headers["Retry-After"]) > 0
    elsewhere = client.post("/api/public/token", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.status_code == 200


def test_what_a_visitor_is_refused_is_entered_by_the_address(app: APIFlask, sign_in: SignIn) -> None:
    """Who has no account is nobody in the trail; what they read is about nobody, and is not there."""
    visitor = visit(app)
    assert visitor.get("/sync/events?since=0").status_code == 200
    for _ in range(2):
        assert visitor.get("/patients").status_code == 403
    trail = sign_in("admin").get("/audit?limit=200").json["items"]
    assert visitor.user["id"] not in json.dumps(trail)
    [refused] = [entry for entry in trail if entry["action"] == "refused-access"]
    assert (refused["actorId"], refused["address"]) == (None, "127.0.0.1")
    assert refused["details"] == {"where": "GET /api/patients", "count": 2}


def test_what_everybody_is_answered_is_read_with_a_visitors_eyes(app: APIFlask) -> None:
    """So that a query that forgot its WHERE shows no patient and no appointment: row-level security hides them."""
    with app.test_request_context():
        enter_as_visitor(db.session())
        for table in ("patients", "appointments", "users", "time_off", "holds"):
            assert db.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
        db.session.remove()


def test_no_account_has_the_role_of_a_visitor(sign_in: SignIn) -> None:
    """It cannot be given."""
    wish = {"email": "v@demo.test", "name": "V", "role": "visitor", "password": "long enough"}
    assert sign_in("admin").post("/users", wish).status_code == 422


# What no answer to everybody and no event of a visitor's may have in it.
MARK = "Zebra"


@pytest.fixture
def marked(sign_in: SignIn, practice: Practice, owner: Session, run_lane: RunLane) -> list[str]:
    """A practice whose every word about somebody is marked, with something done to everything; the ids of all of it."""
    owner.execute(text(f"UPDATE patients SET name = '{MARK} ' || name, phone = '{MARK}', email = '{MARK}@x.test'"))
    owner.execute(text(f"UPDATE users SET name = '{MARK} ' || name WHERE role <> 'dentist'"))
    owner.execute(text("UPDATE practice SET slot_step_minutes = 20"))
    owner.commit()
    patient, desk, dentist = sign_in("patient1"), sign_in("desk"), sign_in("dentist1")

    def done(caller: Caller, method: str, path: str, body: Any = None) -> Any:
        answer = caller.call(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json if answer.data else None

    held = done(patient, "POST", "/holds", a_check_up(practice, MONDAY + HALF_HOUR))
    first = done(patient, "POST", "/appointments", a_check_up(practice, reason=MARK))
    second = done(patient, "POST", "/appointments", a_check_up(practice, MONDAY + DAY, reason=MARK))
    done(patient, "PATCH", f"/appointments/{first['id']}", {"startsAt": format_instant(MONDAY + HOUR)})
    done(patient, "POST", f"/appointments/{second['id']}/cancel", {"reason": MARK})
    done(dentist, "PUT", f"/appointments/{first['id']}/notes", {"notes": MARK})
    done(desk, "PATCH", f"/patients/{practice.patients[0]}", {"remark": MARK})
    done(desk, "POST", "/patients", {"name": MARK})
    away = a_range(MONDAY + 2 * DAY, HOUR, reason=MARK)
    done(dentist, "POST", f"/dentists/{practice.dentists[0]}/time-off", away)
    done(desk, "POST", "/closures", a_range(MONDAY + 3 * DAY, HOUR, reason=MARK))
    done(patient, "DELETE", f"/holds/{held['id']}")
    run_lane()
    ids = owner.scalars(
        text(
            "SELECT id::text FROM patients UNION SELECT id::text FROM users UNION SELECT id::text FROM appointments"
            " UNION SELECT id::text FROM time_off UNION SELECT id::text FROM closures"
        )
    ).all()
    owner.rollback()
    return [MARK, "patient", "reason", held["id"], *ids]


def test_nothing_that_everybody_is_answered_says_a_word_about_anybody(
    app: APIFlask, practice: Practice, marked: list[str]
) -> None:
    """Not a name, not an id, not why somebody is away."""
    query = times_of(practice.treatments["Check-up"])
    visitor = visit(app)
    answers = {
        "practice": ask(app, "practice"),
        "availability": ask(app, f"availability?{query}"),
        "availability of a visitor": visitor.get(f"/availability?{query}"),
        "a question that is refused": ask(app, f"availability?{query}&dentistId={practice.patients[0]}"),
    }
    for name, answer in answers.items():
        # The member of the practice is no word about somebody, and what was asked for no answer.
        said = answer.text.replace('"newPatients"', "").replace(str(answer.request.url), "")
        assert [mark for mark in marked if mark in said] == [], name
    assert answers["availability"].json["slots"]


def test_what_a_visitor_hears_says_a_word_about_nobody(app: APIFlask, marked: list[str], owner: Session) -> None:
    """Everything that happened was told, and to a visitor only that a time is taken or free."""
    visitor = visit(app)
    heard = visitor.get("/sync/events?since=0&limit=500").json["events"]
    assert {event["type"] for event in heard} == {"availability:changed"}
    changes = {event["availability"]["change"] for event in heard}
    assert changes == {"busy", "free", "time-off", "closure", "hours"}
    assert [mark for mark in marked if mark in json.dumps(heard)] == []
    told = owner.scalar(text("SELECT count(*) FROM sync_events WHERE payload::text LIKE :mark"), {"mark": f"%{MARK}%"})
    assert told > 0


def test_what_a_booking_takes_is_heard_by_a_visitor(
    app: APIFlask, sign_in: SignIn, practice: Practice, head: Callable[[], int]
) -> None:
    """From the position that the list of free times gave."""
    since = head()
    booked = sign_in("patient1").post("/appointments", a_check_up(practice)).json
    [event] = visit(app).get(f"/sync/events?since={since}").json["events"]
    assert event["dentistId"] == booked["dentistId"]
    said = {"change": "busy", "from": booked["startsAt"], "to": booked["endsAt"], "timeZone": "Europe/Berlin"}
    assert event["availability"] == said
