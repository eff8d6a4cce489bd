"""Whoever assists is left by the messages where a fresh look would leave them, as everybody else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask

from dental_sync.core.instants import format_instant
from tests.api.assisting import an_assistant
from tests.conftest import Caller, Practice, RunLane, a_free_monday, sign_in_to
from tests.verify import verifying, viewer

MONDAY = a_free_monday()
LATER = format_instant(a_free_monday(hour=10))

Do = Callable[[Caller, str, dict[str, str]], Any]

CASES: dict[str, Do] = {
    "begin to assist": lambda admin, path, ids: admin.patch(path, {"assistantId": ids["second"]}),
    "no longer assist": lambda admin, path, _: admin.patch(path, {"assistantId": None}),
    "another time": lambda admin, path, _: admin.patch(path, {"startsAt": LATER}),
    "another dentist": lambda admin, path, ids: admin.patch(path, {"dentistId": ids["colleague"]}),
    "several treatments": lambda admin, path, ids: admin.patch(
        path, {"treatmentIds": [ids["filling"], ids["filling"]]}
    ),
    "cancelled": lambda admin, path, _: admin.post(f"{path}/cancel"),
    "deleted": lambda admin, path, _: admin.delete(path),
    "a step back": lambda admin, path, _: admin.post(f"{path}/undo"),
    "another name": lambda admin, _, ids: admin.patch(f"/users/{ids['account']}", {"name": "Emil Berg"}),
    "beside another": lambda admin, _, ids: admin.post(
        "/appointments",
        {
            "dentistId": ids["colleague"],
            "patientId": ids["other patient"],
            "treatmentId": ids["filling"],
            "startsAt": format_instant(MONDAY),
            "assistantId": ids["first"],
            "force": True,
        },
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_a_snapshot_and_what_was_heard_since_are_a_fresh_snapshot(
    app: APIFlask, practice: Practice, run_lane: RunLane, what: str
) -> None:
    """For both who assist, the dentist, the patient and the desk."""
    admin = sign_in_to(app, "admin")
    assisting = [an_assistant(app, admin), an_assistant(app, admin, "Cora Adler")]
    ids = {
        "account": assisting[0].user["id"],
        "first": assisting[0].user["dentistId"],
        "second": assisting[1].user["dentistId"],
        "colleague": str(practice.dentists[1]),
        "other patient": str(practice.patients[5]),
        "filling": str(practice.treatments["Filling"]),
    }
    made = admin.post(
        "/appointments",
        {
            "dentistId": str(practice.dentists[0]),
            "patientId": str(practice.patients[0]),
            "treatmentId": str(practice.treatments["Check-up"]),
            "startsAt": format_instant(MONDAY),
            "assistantId": ids["first"],
        },
    )
    assert made.status_code == 201, made.json
    run_lane()
    viewers = [viewer(one, str(number), practice) for number, one in enumerate(assisting)]
    names = ("patient1", "dentist1", "dentist2", "desk", "chatbot")
    viewers += [viewer(sign_in_to(app, name), name, practice) for name in names]
    with verifying(viewers, practice, MONDAY):
        answer = CASES[what](admin, f"/appointments/{made.json['id']}", ids)
        assert answer.status_code in (200, 201, 204), answer.json
