"""Alternatives are looked for when a refusal is answered: fresh, bounded, and never at the price of the answer."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.blocking import Offload
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant, parse_instant
from dental_sync.queries import alternatives as search
from dental_sync.writes import alternatives
from dental_sync.writes.alternatives import Alternatives
from tests import plain_sql
from tests.api.test_alternatives import (
    DAY,
    HALF_HOUR,
    HOUR,
    MONDAY,
    a_check_up,
    close,
    nearest,
    offered,
    send_away,
    take,
)
from tests.conftest import Caller, Practice
from tests.writes.test_lane_offers import statements_of

SignIn = Callable[..., Caller]


def stored(owner: Session) -> dict[str, Any]:
    """The body of the outcome that is stored of the latest request."""
    body: dict[str, Any] = owner.scalar(text("SELECT outcome -> 'body' FROM write_requests ORDER BY seq DESC LIMIT 1"))
    owner.rollback()
    return body


def more_dentists(owner: Session, number: int) -> list[uuid.UUID]:
    """Dentists who work at all hours of Mondays."""
    ids = [uuid.uuid4() for _ in range(number)]
    owner.execute(
        text("INSERT INTO dentists (id, name, time_zone) SELECT unnest(CAST(:ids AS uuid[])), 'Dr. More', 'UTC'"),
        {"ids": [str(id_) for id_ in ids]},
    )
    owner.execute(
        text(
            "INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends)"
            " SELECT unnest(CAST(:ids AS uuid[])), 1, '00:00', '23:00'"
        ),
        {"ids": [str(id_) for id_ in ids]},
    )
    owner.commit()
    return ids


# Fresh.


def test_a_repeat_of_a_refusal_is_offered_what_is_free_by_now(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """The refusal is the stored one, to the letter; of the times that were offered one has been taken since."""
    take(owner, practice)
    patient = sign_in("patient1")
    first = patient.post("/appointments", a_check_up(practice), Idempotency_Key="again")
    taken = offered(first)[0]
    dentist = practice.dentists.index(uuid.UUID(taken["dentistId"]))
    take(owner, practice, parse_instant(taken["startsAt"]), dentist, patient=5)
    second = patient.post("/appointments", a_check_up(practice), Idempotency_Key="again")
    assert taken not in offered(second)
    assert offered(second) == nearest(patient, practice)[:3]
    assert {**first.json, "alternatives": []} == {**second.json, "alternatives": []}


def test_a_write_that_is_looked_up_is_offered_what_is_free_by_now(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """By who sent it, and by an admin, who is shown what that patient could book and not what anybody could."""
    take(owner, practice)
    plain_sql.book(owner, practice.patients[0], practice.dentists[1], MONDAY - HALF_HOUR, minutes=90)
    owner.commit()
    patient, admin = sign_in("patient1"), sign_in("admin")
    refused = offered(patient.post("/appointments", a_check_up(practice), Idempotency_Key="k"))
    write = owner.scalar(text("SELECT id FROM write_requests ORDER BY seq DESC LIMIT 1"))
    for caller in (patient, admin):
        problem = caller.get(f"/writes/{write}").json["problem"]
        assert problem["alternatives"] == refused
    take(owner, practice, parse_instant(refused[0]["startsAt"]), *range(3), patient=4)
    for caller in (patient, admin):
        problem = caller.get(f"/writes/{write}").json["problem"]
        assert len(problem["alternatives"]) == 3
        assert refused[0] not in problem["alternatives"]


def test_what_is_stored_of_a_refusal_is_without_alternatives(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """They would be old when they are read; what is told to the web processes stays small."""
    take(owner, practice)
    answer = sign_in("patient1").post("/appointments", a_check_up(practice))
    assert len(offered(answer)) == 3
    assert stored(owner) == {name: value for name, value in answer.json.items() if name != "alternatives"}


def test_alternatives_that_an_earlier_release_has_stored_are_replaced(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """A worker of the release before may still run: what it offered was free when it decided."""
    take(owner, practice)
    patient = sign_in("patient1")
    patient.post("/appointments", a_check_up(practice), Idempotency_Key="old")
    old = [{"dentistId": str(practice.dentists[0]), "startsAt": format_instant(MONDAY), "endsAt": "then"}]
    owner.execute(
        text("UPDATE write_requests SET outcome = jsonb_set(outcome, '{body,alternatives}', CAST(:old AS jsonb))"),
        {"old": json.dumps(old)},
    )
    owner.commit()
    again = patient.post("/appointments", a_check_up(practice), Idempotency_Key="old")
    assert offered(again) == nearest(patient, practice)[:3]


def test_hours_and_chairs_that_change_count_at_the_next_refusal(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """What a process keeps of the dentists and the chairs holds until the log says that hours have changed."""
    take(owner, practice)
    send_away(owner, practice, MONDAY - DAY, MONDAY + DAY)
    owner.execute(text("INSERT INTO chairs (name, kind) VALUES ('One', 'surgery')"))
    owner.execute(text("UPDATE treatments SET chair_kind = 'surgery'"))
    owner.commit()
    patient, admin = sign_in("patient1"), sign_in("admin")
    earlier, later = (format_instant(MONDAY + offset) for offset in (-HALF_HOUR, HALF_HOUR))
    assert [slot["startsAt"] for slot in offered(patient.post("/holds", a_check_up(practice)))][:2] == [earlier, later]
    hours = [{"isoWeekday": 1, "start": "09:00", "end": "12:00"}]
    path = f"/dentists/{practice.dentists[0]}/working-hours"
    assert admin.call("PUT", path, {"hours": hours, "force": True}).status_code == 200
    slots = offered(patient.post("/holds", a_check_up(practice)))
    assert slots[0]["startsAt"] == later
    [chair] = [item for item in admin.get("/chairs").json["items"] if item["kind"] == "surgery"]
    assert admin.delete(f"/chairs/{chair['id']}").status_code == 204
    assert offered(patient.post("/holds", a_check_up(practice))) == []


# For who asks.


def test_a_dentist_is_offered_no_time_at_which_the_patient_is_with_a_colleague(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """The colleague's appointments are hidden from them, and count all the same: each of these can be booked."""
    take(owner, practice)
    patient = practice.patients[0]
    plain_sql.book(owner, patient, practice.dentists[1], MONDAY - 2 * HALF_HOUR, minutes=120)
    owner.commit()
    dentist = sign_in("dentist1")
    wish = {**a_check_up(practice), "patientId": str(patient)}
    slots = offered(dentist.post("/appointments", wish))
    assert len(slots) == 3
    for slot in slots:
        assert parse_instant(slot["endsAt"]) <= MONDAY - HOUR or parse_instant(slot["startsAt"]) >= MONDAY + HOUR
        booked = dentist.post("/appointments", {**slot, "treatmentId": wish["treatmentId"], "patientId": str(patient)})
        assert booked.status_code == 201, booked.json
        assert dentist.post(f"/appointments/{booked.json['id']}/cancel").status_code == 200


def test_what_is_offered_instead_has_room_for_the_buffers_it_was_booked_with(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """Also at the edge of where was looked, when no treatment has such long buffers any more."""
    patient, other, third = practice.patients[:3]
    dentist = practice.dentists[0]
    owner.execute(text("DELETE FROM working_hours WHERE dentist_id = :id"), {"id": dentist})
    owner.execute(
        text(
            "INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends)"
            " VALUES (:id, 1, '09:00', '10:30'), (:id, 2, '08:00', '09:00')"
        ),
        {"id": dentist},
    )
    owner.execute(text("UPDATE practice SET slot_step_minutes = 30"))
    mine = plain_sql.book(owner, patient, dentist, MONDAY - timedelta(weeks=1))
    owner.execute(text("UPDATE appointments SET buffer_after_minutes = 60 WHERE id = :id"), {"id": mine})
    plain_sql.book(owner, other, dentist, MONDAY)
    plain_sql.book(owner, third, dentist, MONDAY + timedelta(days=1))
    owner.commit()
    caller = sign_in("dentist1")
    slots = offered(caller.patch(f"/appointments/{mine}", {"startsAt": format_instant(MONDAY)}))
    assert len(slots) == 3
    for slot in slots:
        moved = caller.patch(f"/appointments/{mine}", {"startsAt": slot["startsAt"]})
        assert moved.status_code == 200, (slot, moved.json)


def test_an_appointment_that_is_over_is_offered_no_other_time(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """The refusal of a rescheduling is asked for again after the appointment was cancelled."""
    take(owner, practice)
    patient = sign_in("patient1")
    mine = patient.post("/appointments", a_check_up(practice, MONDAY + DAY)).json
    path, wish = f"/appointments/{mine['id']}", {"startsAt": format_instant(MONDAY)}
    assert len(offered(patient.patch(path, wish, Idempotency_Key="later"))) == 3
    assert patient.post(f"{path}/cancel").status_code == 200
    assert offered(patient.patch(path, wish, Idempotency_Key="later")) == []


# Bounded.


def test_who_is_free_at_that_time_is_found_among_sixty_dentists(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """All are taken but one, who is asked nothing before the others: the same time comes first."""
    ids = sorted([*more_dentists(owner, 57), *practice.dentists])
    # The furthest from the one who is asked for, in the order in which others are considered.
    wanted = ids.index(practice.dentists[0])
    only_free = ids[wanted - 1]
    patients = owner.scalars(
        text("INSERT INTO patients (name) SELECT 'Patient' FROM generate_series(1, 60) RETURNING id")
    ).all()
    for patient, dentist in zip(patients, ids, strict=True):
        if dentist != only_free:
            plain_sql.book(owner, patient, dentist, MONDAY)
    owner.commit()
    slots = offered(sign_in("patient1").post("/holds", a_check_up(practice)))
    assert (slots[0]["dentistId"], slots[0]["startsAt"]) == (str(only_free), format_instant(MONDAY))
    assert len(slots) == 3


def test_a_search_costs_the_same_with_ten_and_with_two_hundred_dentists(
    sign_in: SignIn, owner: Session, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many statements, and as many dentists who are looked at."""
    take(owner, practice)
    looked_at: list[int] = []
    original = search.free_within

    def counted(asked: search.Search, *arguments: Any) -> Any:
        looked_at.append(len(asked.diary.dentists))
        return original(asked, *arguments)

    monkeypatch.setattr(search, "free_within", counted)
    patient = sign_in("patient1")

    def refuse() -> int:
        assert len(offered(patient.post("/holds", a_check_up(practice)))) == 3
        # The second time, with the people known and no answer kept: another hold has moved the log on.
        plain_sql.book(owner, practice.patients[8], practice.dentists[2], MONDAY + len(looked_at) * DAY)
        owner.commit()
        answer, statements = statements_of(lambda: patient.post("/holds", a_check_up(practice)))
        assert len(offered(answer)) == 3
        return statements

    more_dentists(owner, 7)
    of_ten = refuse()
    more_dentists(owner, 190)
    assert refuse() <= of_ten
    assert looked_at == [1 + search.OTHER_DENTISTS] * 4


def test_the_same_question_is_answered_from_what_was_found_until_the_log_moves_on(
    sign_in: SignIn, owner: Session, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for another patient, who is not elsewhere either: a rush for one time looks once."""
    monkeypatch.setattr(alternatives, "KEPT_SECONDS", 60.0)
    take(owner, practice)
    looked: list[Any] = []
    original = search.free_within
    monkeypatch.setattr(search, "free_within", lambda *arguments: looked.append(1) or original(*arguments))
    found = [offered(sign_in(f"patient{n}").post("/holds", a_check_up(practice))) for n in (1, 2, 3, 1)]
    assert found == found[:1] * 4
    assert len(looked) == 1
    take(owner, practice, MONDAY, 1, patient=5)
    assert offered(sign_in("patient2").post("/holds", a_check_up(practice))) != found[0]


# Never at the price of the answer.


def test_no_connection_is_held_while_the_processor_looks(
    app: APIFlask, sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """Further away than a few hours, which take less than a thread; all days around are closed."""
    take(owner, practice)
    close(owner, MONDAY - 3 * DAY, MONDAY)
    close(owner, MONDAY + HALF_HOUR, MONDAY + 3 * DAY)
    send_away(owner, practice, MONDAY, MONDAY + DAY)
    in_use: list[int] = []

    def looking(work: Callable[..., Any], *arguments: Any) -> Any:
        with app.app_context():
            in_use.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return work(*arguments)

    services.provide(app, Offload(looking))
    assert len(offered(sign_in("patient1").post("/holds", a_check_up(practice)))) == 3
    assert in_use == [0, 0]


def test_a_refusal_stands_when_too_many_are_looking(
    app: APIFlask, sign_in: SignIn, owner: Session, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is answered in time, with an empty list."""
    monkeypatch.setattr(alternatives, "PLACES", 1)
    monkeypatch.setattr(alternatives, "PATIENCE_SECONDS", 0.05)
    busy = Alternatives()
    services.provide(app, busy)
    take(owner, practice)
    patient = sign_in("patient1")
    with busy._places:
        assert offered(patient.post("/holds", a_check_up(practice))) == []
    assert len(offered(patient.post("/holds", a_check_up(practice)))) == 3


def test_a_refusal_stands_when_the_search_fails(
    sign_in: SignIn, owner: Session, practice: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    """The database refuses what the search asks: one line in the log, and the answer that was decided."""
    take(owner, practice)
    owner.execute(text("REVOKE EXECUTE ON FUNCTION times_of_patient FROM dental_sync_web"))
    owner.commit()
    with caplog.at_level(logging.WARNING):
        assert offered(sign_in("patient1").post("/holds", a_check_up(practice))) == []
    assert [record.getMessage() for record in caplog.records] == [
        "a refusal is answered without alternatives: ProgrammingError"
    ]
