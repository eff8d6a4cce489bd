"""How many appointments to come a patient may have who books online: never more, and staff are not bound by it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.hours import DAY, HALF_HOUR, MONDAY, SignIn, a_check_up
from tests.conftest import Caller, Practice

TOO_MANY = (409, "too-many-bookings")
OPEN = (
    "SELECT count(*) FROM appointments WHERE patient_id = :id AND status IN ('pending', 'booked') AND starts_at > now()"
)


@pytest.fixture
def limit(sign_in: SignIn, owner: Session) -> Callable[[int | None], None]:
    """Let the practice allow so many; nobody has any at first."""
    owner.execute(text("DELETE FROM appointments"))
    owner.commit()
    admin = sign_in("admin")

    def set_to(most: int | None) -> None:
        answer = admin.patch("/practice", {"openBookingsPerPatient": most})
        assert (answer.status_code, answer.json["openBookingsPerPatient"]) == (200, most)

    return set_to


def outcome(answer: Any) -> tuple[int, str | None]:
    """Status and code."""
    return answer.status_code, answer.json.get("code")


def book(caller: Caller, practice: Practice, number: int, **wish: Any) -> Any:
    """A check-up on the day of that number."""
    return caller.post("/appointments", a_check_up(practice, MONDAY + number * DAY, **wish))


def test_many_at_once_never_have_more_than_the_limit(
    sign_in: SignIn, practice: Practice, limit: Callable[[int | None], None], owner: Session
) -> None:
    """One account asks twelve times at the same moment, from as many threads: it is decided in the lane."""
    limit(3)
    patient = sign_in("patient1")
    answers: list[Any] = []
    start = threading.Barrier(12)

    def ask(number: int) -> None:
        client = Caller(patient.client.application.test_client(), patient.user, patient.token, "")
        start.wait()
        starts_at = MONDAY + (number % 4) * HALF_HOUR + number // 4 * DAY
        answers.append(client.post("/appointments", a_check_up(practice, starts_at)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(outcome, answers), key=str) == [(201, None)] * 3 + [TOO_MANY] * 9
    assert owner.scalar(text(OPEN), {"id": practice.patients[0]}) == 3


def test_who_has_as_many_as_may_be_books_again_after_one_is_cancelled_or_over(
    sign_in: SignIn, practice: Practice, limit: Callable[[int | None], None], owner: Session
) -> None:
    """Holding is judged alike; and without a limit there is none."""
    limit(2)
    patient = sign_in("patient1")
    first, second = (book(patient, practice, number).json["id"] for number in (0, 1))
    assert outcome(book(patient, practice, 2)) == TOO_MANY
    assert outcome(patient.post("/holds", a_check_up(practice, MONDAY + 2 * DAY))) == TOO_MANY
    assert patient.patch(f"/appointments/{first}", {"reason": "x"}).status_code == 200
    assert patient.post(f"/appointments/{first}/cancel", {}).status_code == 200
    assert book(patient, practice, 2).status_code == 201
    owner.execute(text("UPDATE appointments SET status = 'fulfilled' WHERE id = :id"), {"id": second})
    owner.commit()
    assert book(patient, practice, 3).status_code == 201
    limit(None)
    assert book(patient, practice, 4).status_code == 201


def test_staff_are_not_bound_by_the_limit_and_a_guardian_is_for_each_patient(
    sign_in: SignIn, practice: Practice, limit: Callable[[int | None], None]
) -> None:
    """It counts who is to come, and not who has booked."""
    limit(1)
    desk, mother = sign_in("desk"), sign_in("patient1")
    child = desk.post("/patients", {"name": "Tim"}).json["id"]
    desk.post(f"/patients/{child}/guardians", {"userId": mother.user["id"]})
    assert book(mother, practice, 0).status_code == 201
    assert book(mother, practice, 1, patientId=child).status_code == 201
    for patient in (None, child):
        assert outcome(book(mother, practice, 2, patientId=patient)) == TOO_MANY
    for number in (3, 4):
        assert book(desk, practice, number, patientId=child).status_code == 201


def test_a_series_gets_as_many_as_may_be_and_names_the_others(
    sign_in: SignIn, practice: Practice, limit: Callable[[int | None], None]
) -> None:
    """Or nothing, where all are wanted."""
    limit(3)
    patient = sign_in("patient1")
    series = a_check_up(practice, every={"unit": "week", "n": 1}, count=5)
    assert outcome(patient.post("/appointments/series", {**series, "whenTaken": "refuse"})) == TOO_MANY
    answer = patient.post("/appointments/series", series)
    assert answer.status_code == 201
    assert len(answer.json["appointments"]) == 3
    assert [refused["code"] for refused in answer.json["refused"]] == ["too-many-bookings"] * 2


def test_a_cancellation_is_not_taken_back_past_the_limit(
    sign_in: SignIn, practice: Practice, limit: Callable[[int | None], None]
) -> None:
    """Whoever cancels, books another and takes the cancellation back would have one more; staff may."""
    limit(1)
    patient = sign_in("patient1")
    first = book(patient, practice, 0).json["id"]
    assert patient.post(f"/appointments/{first}/cancel", {}).status_code == 200
    assert patient.post(f"/appointments/{first}/undo", {}).json["status"] == "booked"
    assert patient.post(f"/appointments/{first}/cancel", {}).status_code == 200
    assert book(patient, practice, 1).status_code == 201
    assert outcome(patient.post(f"/appointments/{first}/undo", {})) == TOO_MANY
    assert sign_in("desk").post(f"/appointments/{first}/undo", {}).json["status"] == "booked"


def test_the_practices_own_cutoff_binds_in_place_of_the_settings(
    sign_in: SignIn, practice: Practice, limit: Callable[[int | None], None], owner: Session
) -> None:
    """A day unless it says otherwise; null is what the process was started with."""
    limit(None)
    admin, patient = sign_in("admin"), sign_in("patient1")
    found = book(patient, practice, 0).json
    # Its grace of five minutes is over.
    owner.execute(text("UPDATE appointments SET last_move = NULL"))
    owner.commit()
    sixty_days = 24 * 60
    assert admin.patch("/practice", {"cancelCutoffHours": sixty_days}).json["cancelCutoffHours"] == sixty_days
    assert outcome(patient.post(f"/appointments/{found['id']}/cancel", {})) == (409, "past-cutoff")
    assert admin.patch("/practice", {"cancelCutoffHours": None}).json["cancelCutoffHours"] is None
    assert patient.post(f"/appointments/{found['id']}/cancel", {}).status_code == 200
