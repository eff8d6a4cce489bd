"""What is offered instead of a time that is taken: the nearest that could be booked at that moment, by who asked."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant, parse_instant
from tests import plain_sql
from tests.conftest import Caller, Practice, RunLane, a_free_monday, sign_in_to

MONDAY = a_free_monday()
QUARTER, HALF_HOUR, HOUR, DAY = (timedelta(minutes=minutes) for minutes in (15, 30, 60, 24 * 60))

SignIn = Callable[..., Caller]
Slot = dict[str, str]


def a_check_up(practice: Practice, starts_at: datetime = MONDAY, dentist: int = 0, **wish: Any) -> dict[str, Any]:
    """The body of a booking or a hold."""
    return {
        "dentistId": str(practice.dentists[dentist]),
        "startsAt": format_instant(starts_at),
        "treatmentId": str(practice.treatments["Check-up"]),
        **wish,
    }


def take(owner: Session, practice: Practice, starts_at: datetime = MONDAY, *dentists: int, patient: int = 9) -> None:
    """Let these dentists be busy for half an hour, with patients from the end of the list."""
    for offset, dentist in enumerate(dentists or (0,)):
        plain_sql.book(owner, practice.patients[patient + offset], practice.dentists[dentist], starts_at)
    owner.commit()


def close(owner: Session, starts_at: datetime, ends_at: datetime) -> None:
    """Close the practice, past the lane."""
    owner.execute(text("INSERT INTO closures (starts_at, ends_at) VALUES (:at, :to)"), {"at": starts_at, "to": ends_at})
    owner.commit()


def send_away(owner: Session, practice: Practice, starts_at: datetime, ends_at: datetime) -> None:
    """Give all dentists but the first time off, past the lane."""
    statement = text("INSERT INTO time_off (dentist_id, starts_at, ends_at) VALUES (:dentist, :at, :to)")
    for dentist in practice.dentists[1:]:
        owner.execute(statement, {"dentist": dentist, "at": starts_at, "to": ends_at})
    owner.commit()


def offered(answer: Any) -> list[Slot]:
    """The alternatives of a refusal."""
    assert (answer.status_code, answer.json["code"]) == (409, "slot-taken"), answer.json
    slots: list[Slot] = answer.json["alternatives"]
    assert all(set(slot) == {"dentistId", "startsAt", "endsAt"} for slot in slots)
    return slots


def nearest(caller: Caller, practice: Practice, at: datetime = MONDAY, dentist: int = 0) -> list[Slot]:
    """All that is free in the two weeks around, by the documented order, read over HTTP by itself."""
    path = f"/availability?from={format_instant(at - 14 * DAY)}&to={format_instant(at + 15 * DAY)}"
    slots = caller.get(f"{path}&treatmentId={practice.treatments['Check-up']}").json["slots"]

    def nearness(slot: Slot) -> tuple[Any, ...]:
        start = parse_instant(slot["startsAt"])
        return (abs(start - at), slot["dentistId"] != str(practice.dentists[dentist]), start, slot["dentistId"])

    return sorted(slots, key=nearness)


@pytest.mark.parametrize("door", ["/appointments", "/holds"])
def test_the_nearest_free_times_are_offered_the_same_dentists_first(
    sign_in: SignIn, owner: Session, practice: Practice, door: str
) -> None:
    """The same time with others, then near it; at the same distance the dentist who was asked for."""
    take(owner, practice)
    patient = sign_in("patient1")
    slots = offered(patient.post(door, a_check_up(practice)))
    assert slots == nearest(patient, practice)[:3]
    assert [slot["startsAt"] for slot in slots[:2]] == [format_instant(MONDAY)] * 2
    # With the others away there is only the one who was asked for: before and after, the earlier first.
    send_away(owner, practice, MONDAY - DAY, MONDAY + HALF_HOUR)
    slots = offered(patient.post(door, a_check_up(practice)))
    assert slots == nearest(patient, practice)[:3]
    assert slots[:2] == [
        {
            "dentistId": str(practice.dentists[0]),
            "startsAt": format_instant(at),
            "endsAt": format_instant(at + HALF_HOUR),
        }
        for at in (MONDAY - HALF_HOUR, MONDAY + HALF_HOUR)
    ]


def test_every_alternative_can_be_booked_at_that_moment(sign_in: SignIn, owner: Session, practice: Practice) -> None:
    """By a fresh patient each, as it stands in the answer; each is given back, for they may overlap one another."""
    take(owner, practice)
    admin = sign_in("admin")
    slots = offered(sign_in("patient1").post("/appointments", a_check_up(practice)))
    assert len(slots) == 3
    for slot, patient in zip(slots, practice.patients[1:], strict=False):
        wish = {**slot, "treatmentId": str(practice.treatments["Check-up"]), "patientId": str(patient)}
        booked = admin.post("/appointments", wish)
        assert booked.status_code == 201, booked.json
        assert admin.post(f"/appointments/{booked.json['id']}/cancel").status_code == 200


def test_a_patient_is_offered_no_time_at_which_they_are_elsewhere(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """The own appointment with another dentist takes the whole time around it; for the front desk's caller too."""
    take(owner, practice)
    plain_sql.book(owner, practice.patients[0], practice.dentists[1], MONDAY - 2 * HALF_HOUR, minutes=120)
    owner.commit()
    busy = MONDAY - 2 * HALF_HOUR, MONDAY + 2 * HALF_HOUR
    patient, admin = sign_in("patient1"), sign_in("admin")
    asked = [
        patient.post("/holds", a_check_up(practice)),
        patient.post("/appointments", a_check_up(practice)),
        admin.post("/appointments", a_check_up(practice, patientId=str(practice.patients[0]))),
    ]
    for answer in asked:
        slots = offered(answer)
        assert len(slots) == 3
        for slot in slots:
            assert parse_instant(slot["endsAt"]) <= busy[0] or parse_instant(slot["startsAt"]) >= busy[1]
        assert (
            slots
            == [
                slot
                for slot in nearest(patient, practice)
                if parse_instant(slot["endsAt"]) <= busy[0] or parse_instant(slot["startsAt"]) >= busy[1]
            ][:3]
        )


def test_a_dentist_is_offered_the_own_diary_alone(sign_in: SignIn, owner: Session, practice: Practice) -> None:
    """They book into no other."""
    take(owner, practice)
    wish = a_check_up(practice)
    for answer in (
        sign_in("dentist1").post("/holds", wish),
        sign_in("dentist1").post("/appointments", {**wish, "patientId": str(practice.patients[0])}),
    ):
        slots = offered(answer)
        assert {slot["dentistId"] for slot in slots} == {str(practice.dentists[0])}
        own = [slot for slot in nearest(sign_in("admin"), practice) if slot["dentistId"] == str(practice.dentists[0])]
        assert slots == own[:3]


def test_a_rescheduling_is_offered_what_it_could_be_moved_to(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """Its own time is not in its way, and is no alternative either; each can be moved to as it stands."""
    take(owner, practice)
    close(owner, MONDAY - 2 * DAY, MONDAY)
    send_away(owner, practice, MONDAY - DAY, MONDAY + DAY)
    patient = sign_in("patient1")
    mine = patient.post("/appointments", a_check_up(practice, MONDAY + HALF_HOUR)).json
    path = f"/appointments/{mine['id']}"
    slots = offered(patient.patch(path, {"startsAt": format_instant(MONDAY)}))
    # Half an hour later is its own; a quarter of an hour beside that overlaps it, and is free for itself alone.
    assert [parse_instant(slot["startsAt"]) - MONDAY for slot in slots] == [3 * QUARTER, 4 * QUARTER, 5 * QUARTER]
    for slot in slots:
        moved = patient.patch(path, {"dentistId": slot["dentistId"], "startsAt": slot["startsAt"]})
        assert (moved.status_code, moved.json["endsAt"]) == (200, slot["endsAt"])


def test_a_moved_appointments_alternatives_have_the_buffers_that_it_was_booked_with(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """Whatever the treatment has by now, and though the end is named as well: what is offered is accepted."""
    patient = sign_in("patient1")
    owner.execute(text("UPDATE treatments SET buffer_before_minutes = 30, buffer_after_minutes = 30"))
    owner.commit()
    mine = patient.post("/appointments", a_check_up(practice, MONDAY + 2 * HOUR)).json
    owner.execute(text("UPDATE treatments SET buffer_before_minutes = 0, buffer_after_minutes = 0"))
    owner.commit()
    take(owner, practice)
    send_away(owner, practice, MONDAY - DAY, MONDAY + DAY)
    path = f"/appointments/{mine['id']}"
    wanted = {"startsAt": format_instant(MONDAY), "endsAt": format_instant(MONDAY + HALF_HOUR)}
    slots = offered(patient.patch(path, wanted))
    distances = [parse_instant(slot["startsAt"]) - MONDAY for slot in slots]
    assert distances == [-HOUR, HOUR, HOUR + QUARTER]
    for slot in slots:
        assert patient.patch(path, slot).status_code == 200


def test_when_the_day_is_full_the_days_around_are_looked_through(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """Within two weeks; a practice that is closed for longer offers nothing, and says so with an empty list."""
    take(owner, practice, MONDAY, 0, 1, 2)
    close(owner, MONDAY - 3 * DAY, MONDAY)
    close(owner, MONDAY + HALF_HOUR, MONDAY + 4 * DAY)
    patient = sign_in("patient1")
    slots = offered(patient.post("/appointments", a_check_up(practice)))
    assert slots == nearest(patient, practice)[:3]
    assert len(slots) == 3
    close(owner, MONDAY - 20 * DAY, MONDAY)
    close(owner, MONDAY + HALF_HOUR, MONDAY + 20 * DAY)
    assert offered(patient.post("/appointments", a_check_up(practice))) == []


@contextmanager
def resting_lane(owner: Session) -> Iterator[None]:
    """Nothing is decided meanwhile, so that what is asked for is decided together afterwards."""
    owner.execute(text("SELECT 1 FROM lane FOR UPDATE"))
    yield
    owner.rollback()


def test_callers_of_one_batch_each_get_what_is_nearest_to_their_own_wish(
    sign_in: SignIn, owner: Session, practice: Practice, run_lane: RunLane
) -> None:
    """They share one look, which reaches further to the left for the later one: that must not decide for them."""
    wednesday = MONDAY + 2 * DAY - HOUR
    early, late = wednesday, wednesday + 2 * HOUR
    take(owner, practice, early, 0, 1, 2)
    take(owner, practice, late, 0, 1, 2, patient=6)
    # Free are the morning of Tuesday until nine, and Thursday from a quarter past ten.
    close(owner, wednesday - 5 * DAY, wednesday - DAY)
    close(owner, wednesday - DAY + HOUR, early)
    close(owner, early + HALF_HOUR, late)
    close(owner, late + HALF_HOUR, late + DAY + QUARTER)
    callers = [sign_in("patient1"), sign_in("patient2")]
    with resting_lane(owner):
        asked = [
            caller.post("/appointments", a_check_up(practice, at), Prefer="respond-async")
            for caller, at in zip(callers, (early, late), strict=True)
        ]
    run_lane()
    for caller, answer, at in zip(callers, asked, (early, late), strict=True):
        problem = caller.get(f"/writes/{answer.json['id']}").json["problem"]
        assert problem["alternatives"] == nearest(caller, practice, at)[:3]


def test_fifty_callers_for_the_first_free_of_three_dentists_give_exactly_three(
    app: APIFlask, owner: Session, practice: Practice
) -> None:
    """All at once for one hour, each from dentist to dentist: three are served, and everybody else is told honestly."""
    new = text("INSERT INTO patients (name) SELECT 'Patient ' || n FROM generate_series(1, 50) n RETURNING id")
    patients = [str(row.id) for row in owner.execute(new)]
    owner.commit()
    desk = sign_in_to(app, "admin")
    start = threading.Barrier(len(patients))
    answers: list[list[tuple[int, str | None]]] = []

    def ask(patient: str) -> None:
        caller = Caller(app.test_client(), desk.user, desk.token, desk.refresh_token)
        start.wait()
        got = []
        for dentist in range(3):
            wish = a_check_up(practice, dentist=dentist, patientId=patient)
            wish.pop("treatmentId")
            answer = caller.post("/appointments", {**wish, "endsAt": format_instant(MONDAY + HOUR)})
            while answer.status_code == 202:
                answer = _outcome(caller, answer)
            got.append((answer.status_code, answer.json.get("code")))
            if answer.status_code == 201:
                break
        answers.append(got)

    threads = [threading.Thread(target=ask, args=(patient,)) for patient in patients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(patients)
    last = [got[-1] for got in answers]
    assert sorted(last) == [(201, None)] * 3 + [(409, "slot-taken")] * 47
    assert set(itertools.chain(*answers)) == {(201, None), (409, "slot-taken")}
    count = text("SELECT count(*), count(DISTINCT dentist_id) FROM appointments WHERE starts_at = :at")
    assert tuple(owner.execute(count, {"at": MONDAY}).one()) == (3, 3)


class _Decided:
    """What became of a write, as the call that waited would have answered."""

    def __init__(self, write: dict[str, Any]) -> None:
        self.status_code = {"pending": 202, "applied": 201, "rejected": 409}[write["status"]]
        self.json = write.get("problem") or {}


def _outcome(caller: Caller, answer: Any) -> _Decided:
    return _Decided(caller.get(answer.headers["Location"].removeprefix("/api")).json)
