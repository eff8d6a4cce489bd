"""A sick dentist's day is handed over: each appointment at its own time, and those that cannot be taken stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from dental_sync.core.instants import format_instant
from tests.api.hours import HALF_HOUR, MONDAY, SignIn, a_check_up, a_range
from tests.conftest import Caller, Practice, RunLane

DAY = timedelta(days=1)


@pytest.fixture
def desk(sign_in: SignIn) -> Caller:
    """Who moves anybody's appointments."""
    return sign_in("desk")


Morning = Callable[[int], list[str]]


@pytest.fixture
def morning(desk: Caller, practice: Practice) -> Morning:
    """Book so many check-ups with the first dentist on Monday from nine, each for another patient; gives their ids."""

    def book(count: int) -> list[str]:
        return [
            desk.post(
                "/appointments",
                a_check_up(practice, MONDAY + number * HALF_HOUR, patientId=str(practice.patients[number])),
            ).json["id"]
            for number in range(count)
        ]

    return book


def hand_over(caller: Caller, practice: Practice, dentist: int = 1, **more: Any) -> Any:
    """Ask for Monday to be handed over."""
    colleague = str(practice.dentists[dentist])
    body = {"to": colleague, "from": format_instant(MONDAY), "until": format_instant(MONDAY + DAY)}
    return caller.post(f"/dentists/{practice.dentists[0]}/hand-over", {**body, **more})


def test_every_appointment_goes_to_the_colleague_at_its_own_time(
    desk: Caller, sign_in: SignIn, practice: Practice, morning: Morning
) -> None:
    """Told to everybody whom it concerns as a change of that appointment; each can be taken back."""
    ids = morning(6)
    answer = hand_over(desk, practice)
    assert (answer.status_code, answer.json) == (200, {"moved": ids, "refused": []})
    for number, id_ in enumerate(ids):
        moved = sign_in("dentist2").get(f"/appointments/{id_}").json
        assert (moved["dentistId"], moved["startsAt"]) == (
            str(practice.dentists[1]),
            format_instant(MONDAY + number * HALF_HOUR),
        )
        assert sign_in("dentist1").get(f"/appointments/{id_}").status_code == 404
    undone = desk.post(f"/appointments/{ids[0]}/undo", {})
    assert (undone.status_code, undone.json["dentistId"]) == (200, str(practice.dentists[0]))


def test_what_the_colleague_cannot_take_stays_and_is_named(desk: Caller, practice: Practice, morning: Morning) -> None:
    """A time that is taken; with force it is put beside the other."""
    ids = morning(3)
    beside = a_check_up(practice, MONDAY + HALF_HOUR, dentist=1, patientId=str(practice.patients[5]))
    desk.post("/appointments", beside)
    answer = hand_over(desk, practice).json
    assert answer == {"moved": [ids[0], ids[2]], "refused": [{"id": ids[1], "code": "slot-taken"}]}
    assert hand_over(desk, practice, force=True).json == {"moved": [ids[1]], "refused": []}
    forced = desk.get(f"/appointments/{ids[1]}").json
    assert (forced["forced"], forced["overbooked"]) == (True, True)


def test_nothing_is_handed_over_that_is_over_or_out_of_range(
    desk: Caller, practice: Practice, morning: Morning
) -> None:
    """Cancelled ones and those of another day are left."""
    ids = morning(2)
    desk.post(f"/appointments/{ids[0]}/cancel", {})
    later = {"from": format_instant(MONDAY + DAY), "until": format_instant(MONDAY + 2 * DAY)}
    assert hand_over(desk, practice, **later).json == {"moved": [], "refused": []}
    assert hand_over(desk, practice).json == {"moved": [ids[1]], "refused": []}


def test_a_dentist_hands_over_the_own_day_and_nobody_elses(
    sign_in: SignIn, practice: Practice, morning: Morning
) -> None:
    """Desk and admins anybody's, patients and chatbots none."""
    ids = morning(1)
    assert hand_over(sign_in("dentist2"), practice, dentist=2).json["code"] == "forbidden"
    for name in ("patient1", "chatbot"):
        assert hand_over(sign_in(name), practice).status_code == 403
    assert hand_over(sign_in("dentist1"), practice).json == {"moved": ids, "refused": []}


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"to": "5a6c3a6e-8f0e-4b5e-9f43-0f5ad4a8c3f3"}, 422, "unknown-dentist"),
        ({"to": 0}, 422, "validation-failed"),
        ({"until": format_instant(MONDAY)}, 422, "validation-failed"),
        ({"until": format_instant(MONDAY + 32 * DAY)}, 422, "validation-failed"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    desk: Caller, practice: Practice, wish: dict[str, Any], status: int, code: str
) -> None:
    """Somebody unknown, the same dentist, no range, and one that is too long."""
    if wish.get("to") == 0:
        wish = {"to": str(practice.dentists[0])}
    answer = hand_over(desk, practice, **wish)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    nobody = desk.post(
        "/dentists/5a6c3a6e-8f0e-4b5e-9f43-0f5ad4a8c3f3/hand-over",
        {"to": str(practice.dentists[1]), "from": format_instant(MONDAY), "until": format_instant(MONDAY + DAY)},
    )
    assert nobody.status_code == 404


def test_a_patient_who_would_be_in_two_places_stays(desk: Caller, practice: Practice, morning: Morning) -> None:
    """The colleague's time off refuses what lies in it."""
    ids = morning(2)
    off = desk.post(f"/dentists/{practice.dentists[1]}/time-off", a_range(MONDAY, HALF_HOUR))
    assert off.status_code == 201
    assert hand_over(desk, practice).json == {
        "moved": [ids[1]],
        "refused": [{"id": ids[0], "code": "outside-working-hours"}],
    }


def test_the_history_of_each_says_that_it_was_handed_over(desk: Caller, practice: Practice, morning: Morning) -> None:
    """The audit trail names all of them in one entry."""
    ids = morning(2)
    hand_over(desk, practice)
    for id_ in ids:
        history = desk.get(f"/appointments/{id_}/history").json["items"]
        assert [entry["action"] for entry in history] == ["book", "hand-over"]


def test_it_takes_its_turn_after_what_was_asked_before_it(
    desk: Caller, practice: Practice, morning: Morning, run_lane: RunLane
) -> None:
    """In one batch: the cancellation before it counts, the change after it finds the new dentist."""
    ids = morning(2)
    later = {"Prefer": "respond-async"}
    desk.call("POST", f"/appointments/{ids[0]}/cancel", {}, **later)
    body = {"to": str(practice.dentists[1]), "from": format_instant(MONDAY), "until": format_instant(MONDAY + DAY)}
    handed = desk.call("POST", f"/dentists/{practice.dentists[0]}/hand-over", body, **later)
    desk.call("PATCH", f"/appointments/{ids[1]}", {"reason": "x"}, If_Match='"2"', **later)
    run_lane()
    write = desk.get(f"/writes/{handed.json['id']}").json
    assert write["status"] == "applied"
    after = desk.get(f"/appointments/{ids[1]}").json
    assert (after["dentistId"], after["reason"]) == (str(practice.dentists[1]), "x")
    assert desk.get(f"/appointments/{ids[0]}").json["dentistId"] == str(practice.dentists[0])
