"""Records that change past the lane leave everybody, by the messages alone, where a fresh look would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import sign_in_to
from tests.verify import verifying, viewer
from tests.writes import test_verify
from tests.writes.test_verify import MONDAY, VIEWERS, Scene

scene = test_verify.scene

Act = Callable[[Scene], Any]


def _treatment(scene: Scene) -> str:
    return f"/treatments/{scene.practice.treatments['Filling']}"


def _chair(scene: Scene) -> str:
    made = scene.admin.post("/chairs", {"name": "Room 8", "kind": "surgery"})
    scene.run_lane()
    return f"/chairs/{made.json['id']}"


def _account_of_a_dentist(scene: Scene) -> str:
    users = scene.admin.get("/users?q=dentist1").json["items"]
    return f"/users/{users[0]['id']}"


def nothing(_scene: Scene) -> str:
    """Nothing need be there."""
    return ""


CASES: dict[str, tuple[Callable[[Scene], str], Callable[[Scene, str], Any]]] = {
    "a patient is entered": (nothing, lambda scene, _: scene.admin.post("/patients", {"name": "Nora Neu"})),
    "a patient's phone": (
        lambda scene: f"/patients/{scene.practice.patients[0]}",
        lambda scene, path: scene.admin.patch(path, {"phone": "030 1"}),
    ),
    "a patient's name": (
        lambda scene: f"/patients/{scene.practice.patients[0]}",
        lambda scene, path: scene.admin.patch(path, {"name": "Mia Weber"}),
    ),
    "a remark about a patient": (
        lambda scene: f"/patients/{scene.practice.patients[0]}",
        lambda scene, path: scene.admin.patch(path, {"remark": "Comes late"}),
    ),
    "a patient is barred from booking online": (
        lambda scene: f"/patients/{scene.practice.patients[0]}",
        lambda scene, path: scene.admin.patch(path, {"onlineBookingBarred": True}),
    ),
    "a treatment is offered": (
        nothing,
        lambda scene, _: scene.admin.post("/treatments", {"name": "Whitening", "durationMinutes": 60}),
    ),
    "a treatment's name": (_treatment, lambda scene, path: scene.admin.patch(path, {"name": "Another"})),
    "a treatment is withdrawn": (_treatment, lambda scene, path: scene.admin.delete(path)),
    "a chair is put up": (
        nothing,
        lambda scene, _: scene.admin.post("/chairs", {"name": "Room 9", "kind": "surgery"}),
    ),
    "a chair's name": (_chair, lambda scene, path: scene.admin.patch(path, {"name": "Room 10"})),
    "a chair is withdrawn": (_chair, lambda scene, path: scene.admin.delete(path)),
    "a dentist's name": (
        _account_of_a_dentist,
        lambda scene, path: scene.admin.patch(path, {"name": "Dr. Anna Weber"}),
    ),
    "the practice's name": (nothing, lambda scene, _: scene.admin.patch("/practice", {"name": "Another"})),
}


@pytest.mark.parametrize("what", CASES)
def test_who_follows_the_practice_knows_of_each_record_what_a_fresh_look_shows(scene: Scene, what: str) -> None:
    """A desk's screen need not look again at what it was not told of."""
    prepare, act = CASES[what]
    path = prepare(scene)
    staff = [name for name in VIEWERS if name.startswith(("dentist", "desk", "admin"))]
    viewers = [viewer(sign_in_to(scene.app, name), name, scene.practice) for name in staff]
    with verifying(viewers, scene.practice, MONDAY):
        answer = act(scene, path)
        assert answer.status_code in (200, 201, 204), answer.json
        scene.run_lane()
