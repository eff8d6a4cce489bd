"""Every action of the table leaves every viewer, by the messages alone, where a fresh look would."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.instants import format_instant
from dental_sync.mail.links import Link, Links
from dental_sync.writes.actions import ACTIONS
from tests import plain_sql
from tests.conftest import Caller, Practice, RunLane, a_free_monday, sign_in_to
from tests.verify import verifying, viewer

MONDAY = a_free_monday()
HALF_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)

# One of each role that may see the change, and one of each whom it is not about.
VIEWERS = ("patient1", "patient2", "dentist1", "dentist2", "desk", "admin", "chatbot")


@dataclass
class Scene:
    """The demo practice, and those who act in it."""

    app: APIFlask
    practice: Practice
    owner: Session
    run_lane: RunLane
    admin: Caller
    patient: Caller

    def check_up(self, **more: Any) -> dict[str, Any]:
        """The body of a booking with the first dentist."""
        treatment = str(self.practice.treatments["Check-up"])
        body = {"dentistId": self.dentist, "startsAt": format_instant(MONDAY), "treatmentId": treatment}
        return {**body, **more}

    def caller(self) -> str:
        """The record of somebody who has phoned, with a booking; its path."""
        path = self.made(self.admin, "/patients", {"name": "Cara Caller"})
        later = {"startsAt": format_instant(MONDAY + DAY), "patientId": path.rsplit("/", 1)[1]}
        self.made(self.admin, "/appointments", self.check_up(**later))
        return path

    def merge(self, path: str) -> Any:
        """Let the first patient's record take in another."""
        return self.admin.post(f"{path}/merge", {"into": str(self.practice.patients[0])})

    def booked_by_another(self) -> Caller:
        """The third patient, whom nobody follows, and who has a booking."""
        other = sign_in_to(self.app, "patient3")
        self.made(other, "/appointments", self.check_up())
        return other

    @property
    def dentist(self) -> str:
        """The dentist whom the changes are about."""
        return str(self.practice.dentists[0])

    def made(self, by: Caller, path: str, body: dict[str, Any]) -> str:
        """Make something; gives its path."""
        answer = by.post(path, body)
        assert answer.status_code == 201, answer.json
        return f"{path}/{answer.json['id']}"

    def booked(self) -> str:
        """An appointment of the first patient with the first dentist."""
        return self.made(self.patient, "/appointments", self.check_up())

    def past(self, status: str = "booked") -> str:
        """An appointment that has begun, where the demo has none."""
        patient, dentist = self.practice.patients[0], self.practice.dentists[0]
        starts_at = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) - 30 * DAY
        appointment_id = plain_sql.book(self.owner, patient, dentist, starts_at, status=status)
        self.owner.commit()
        self.run_lane()
        return f"/appointments/{appointment_id}"

    def once_treated(self) -> str:
        """A patient of the first dentist's, without an account, who has nothing to come."""
        path = self.made(self.admin, "/patients", {"name": "Nora Neu", "phone": "030 1", "remark": "Comes late."})
        starts_at = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) - 30 * DAY
        patient, dentist = uuid.UUID(path.rsplit("/", 1)[1]), self.practice.dentists[0]
        booked = plain_sql.book(self.owner, patient, dentist, starts_at, status="fulfilled")
        self.owner.execute(text("UPDATE appointments SET reason = 'Root canal' WHERE id = :id"), {"id": booked})
        self.owner.commit()
        self.run_lane()
        return path

    def today(self) -> str:
        """An appointment within the hour, beside whatever the demo has there."""
        starts_at = datetime.now(UTC).replace(second=0, microsecond=0) + HALF_HOUR
        patient, dentist = self.practice.patients[-1], self.practice.dentists[0]
        appointment_id = plain_sql.book(self.owner, patient, dentist, starts_at, layers="empty")
        self.owner.commit()
        self.run_lane()
        return f"/appointments/{appointment_id}"

    def pending(self) -> str:
        """A booking that waits for approval."""
        wanted = {"name": "Whitening", "durationMinutes": 30, "requiresApproval": True}
        answer = self.admin.post("/treatments", wanted)
        assert answer.status_code == 201, answer.json
        return self.made(self.patient, "/appointments", self.check_up(treatmentId=answer.json["id"]))

    def reminded(self) -> str:
        """An appointment of tomorrow of which its patient was reminded."""
        starts_at = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) + 2 * DAY
        id_ = plain_sql.book(self.owner, self.practice.patients[0], self.practice.dentists[0], starts_at)
        self.owner.execute(
            text("INSERT INTO reminders (appointment_id, starts_at) VALUES (:id, :at)"), {"id": id_, "at": starts_at}
        )
        self.owner.commit()
        self.run_lane()
        return f"{id_} {starts_at.isoformat()}"

    def answered(self, reminded: str, answer: Literal["yes", "no"]) -> Any:
        """Use a link of its reminder."""
        id_, starts_at = reminded.split()
        link = Link(uuid.UUID(id_), datetime.fromisoformat(starts_at), answer, "en")
        path = Links(services.of(self.app, Settings).secret_key).path(link)
        return self.app.test_client().post(path)

    def step(self, path: str, name: str) -> str:
        """Make a move that is no more than a step; gives the path again."""
        answer = self.admin.post(f"{path}/{name}")
        assert answer.status_code == 200, answer.json
        return path

    def series(self) -> dict[str, Any]:
        """The body of a series of three."""
        return self.check_up(every={"unit": "day", "n": 1}, count=3)

    def in_series(self) -> str:
        """The first of it."""
        answer = self.patient.post("/appointments/series", self.series())
        assert answer.status_code == 201, answer.json
        return f"/appointments/{answer.json['appointments'][0]['id']}"

    def deleted(self, path: str) -> str:
        """Strike it out; gives the path again."""
        assert self.admin.delete(path).status_code == 204
        return path

    def absence(self, **more: Any) -> dict[str, Any]:
        """The body of time off, or of a closure, over the whole Monday."""
        return {"startsAt": format_instant(MONDAY), "endsAt": format_instant(MONDAY + DAY), "reason": "Snow", **more}

    def closure(self) -> str:
        """A closure."""
        return self.made(self.admin, "/closures", self.absence())

    def chair(self, kind: str = "surgery") -> str:
        """A chair; check-ups and root canals, which the viewers look for, need one for surgery."""
        for treatment in ("Check-up", "Root canal"):
            path = f"/treatments/{self.practice.treatments[treatment]}"
            assert self.admin.patch(path, {"chairKind": "surgery"}).status_code == 200
        found = self.made(self.admin, "/chairs", {"name": "Room 1", "kind": kind})
        self.run_lane()
        return found

    def chair_in_use(self) -> str:
        """The same, with a booking in it."""
        found = self.chair()
        self.booked()
        return found

    def chair_away(self) -> str:
        """Time off of the one chair."""
        return self.made(self.admin, f"{self.chair()}/time-off", self.absence())

    def time_off(self) -> str:
        """Time off of the first dentist."""
        return self.made(self.admin, f"/dentists/{self.dentist}/time-off", self.absence())

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """PUT, as an admin."""
        return self.admin.call("PUT", path, body)


@dataclass(frozen=True)
class Case:
    """How a test comes to make an action: what must be there before, and the call."""

    prepare: Callable[[Scene], str]
    act: Callable[[Scene, str], Any]


def step(prepare: Callable[[Scene], str], name: str) -> Case:
    """A move without a body."""
    return Case(prepare, lambda scene, path: scene.admin.post(f"{path}/{name}"))


def nothing(_scene: Scene) -> str:
    """Nothing need be there."""
    return ""


MORNINGS = {"hours": [{"isoWeekday": day, "start": "08:00", "end": "12:00"} for day in range(1, 6)], "force": True}

CASES = {
    "book": Case(nothing, lambda scene, _: scene.patient.post("/appointments", scene.check_up())),
    "reschedule": Case(
        Scene.booked,
        # To another time and another dentist: one loses sight of it, another gains it.
        lambda scene, path: scene.admin.patch(
            path, {"startsAt": format_instant(MONDAY + HALF_HOUR), "dentistId": str(scene.practice.dentists[1])}
        ),
    ),
    "cancel": Case(Scene.booked, lambda scene, path: scene.patient.post(f"{path}/cancel", {"reason": "I am ill."})),
    "hand-over": Case(
        Scene.booked,
        lambda scene, _: scene.admin.post(
            f"/dentists/{scene.dentist}/hand-over",
            {
                "to": str(scene.practice.dentists[1]),
                "from": format_instant(MONDAY),
                "until": format_instant(MONDAY + DAY),
            },
        ),
    ),
    "book-series": Case(nothing, lambda scene, _: scene.patient.post("/appointments/series", scene.series())),
    "reschedule-following": Case(
        Scene.in_series,
        lambda scene, path: scene.admin.patch(
            path, {"startsAt": format_instant(MONDAY + HALF_HOUR), "scope": "following"}
        ),
    ),
    "cancel-following": Case(
        Scene.in_series, lambda scene, path: scene.patient.post(f"{path}/cancel", {"scope": "following"})
    ),
    "erase": Case(Scene.once_treated, lambda scene, path: scene.admin.post(f"{path}/erase")),
    "approve": step(Scene.pending, "approve"),
    "confirm": step(Scene.booked, "confirm"),
    "arrive": step(Scene.today, "arrive"),
    "check-in": step(Scene.today, "check-in"),
    "complete": step(lambda scene: scene.step(scene.today(), "arrive"), "complete"),
    "no-show": step(Scene.past, "no-show"),
    "undo-no-show": step(lambda scene: scene.past("noshow"), "undo-no-show"),
    "delete": Case(Scene.booked, lambda scene, path: scene.admin.delete(path)),
    # What was hidden from everybody is there again for all who may see it.
    "undo": step(lambda scene: scene.deleted(scene.booked()), "undo"),
    "hold": Case(nothing, lambda scene, _: scene.patient.post("/holds", scene.check_up())),
    "release": Case(
        lambda scene: scene.made(scene.patient, "/holds", scene.check_up()),
        lambda scene, path: scene.patient.delete(path),
    ),
    "set-hours": Case(nothing, lambda scene, _: scene.put(f"/dentists/{scene.dentist}/working-hours", MORNINGS)),
    "set-treatments": Case(
        nothing,
        lambda scene, _: scene.put(
            f"/dentists/{scene.dentist}/treatments",
            {
                "treatments": [{"treatmentId": str(scene.practice.treatments["Root canal"]), "durationMinutes": 100}],
                "force": True,
            },
        ),
    ),
    "change-dentist": Case(
        nothing,
        lambda scene, _: scene.admin.patch(f"/dentists/{scene.dentist}", {"timeZone": "Europe/Lisbon", "force": True}),
    ),
    "take-time-off": Case(
        Scene.booked,
        lambda scene, _: scene.admin.post(f"/dentists/{scene.dentist}/time-off", scene.absence(force=True)),
    ),
    "cancel-time-off": Case(Scene.time_off, lambda scene, path: scene.admin.delete(path)),
    "confirm-by-link": Case(Scene.reminded, lambda scene, reminded: scene.answered(reminded, "yes")),
    "cancel-by-link": Case(Scene.reminded, lambda scene, reminded: scene.answered(reminded, "no")),
    "close": Case(Scene.booked, lambda scene, _: scene.admin.post("/closures", scene.absence(force=True))),
    "change-closure": Case(
        Scene.closure,
        lambda scene, path: scene.admin.patch(path, {"endsAt": format_instant(MONDAY + 2 * DAY), "reason": "Ice"}),
    ),
    "change-practice": Case(
        nothing, lambda scene, _: scene.admin.patch("/practice", {"timeZone": "Europe/Lisbon", "force": True})
    ),
    "reopen": Case(Scene.closure, lambda scene, path: scene.admin.delete(path)),
    "add-chair": Case(
        lambda scene: scene.chair("x-ray"),
        lambda scene, _: scene.admin.post("/chairs", {"name": "Room 2", "kind": "surgery"}),
    ),
    "change-chair": Case(
        Scene.chair_in_use, lambda scene, path: scene.admin.patch(path, {"kind": "x-ray", "force": True})
    ),
    "withdraw-chair": Case(Scene.chair_in_use, lambda scene, path: scene.admin.delete(f"{path}?force=true")),
    "take-chair-away": Case(
        Scene.chair_in_use, lambda scene, path: scene.admin.post(f"{path}/time-off", scene.absence(force=True))
    ),
    "merge": Case(Scene.caller, Scene.merge),
    "undo-merge": Case(
        lambda scene: scene.merge(scene.caller()).json["id"],
        lambda scene, merge: scene.admin.post(f"/patients/merges/{merge}/undo", {}),
    ),
    "join-by-invitation": Case(
        lambda scene: scene.admin.post(f"{scene.caller()}/invitation", {}).json["code"],
        lambda scene, code: scene.booked_by_another().post("/auth/me/invitation", {"code": code}),
    ),
    "bring-chair-back": Case(Scene.chair_away, lambda scene, path: scene.admin.delete(path)),
}


@pytest.fixture
def scene(app: APIFlask, practice: Practice, owner: Session, run_lane: RunLane) -> Scene:
    """The practice before anything is changed, with its log complete."""
    run_lane()
    return Scene(app, practice, owner, run_lane, sign_in_to(app, "admin"), sign_in_to(app, "patient1"))


@pytest.fixture
def verify(scene: Scene) -> Callable[[str], None]:
    """Make an action by its name, and compare for all viewers what they know of it with what a fresh look shows."""
    viewers = [viewer(sign_in_to(scene.app, name), name, scene.practice) for name in VIEWERS]

    def make_and_compare(name: str) -> None:
        case = CASES[name]
        path = case.prepare(scene)
        with verifying(viewers, scene.practice, MONDAY):
            answer = case.act(scene, path)
            assert answer.status_code in (200, 201, 204), answer.json

    return make_and_compare


def test_every_action_is_verified() -> None:
    """A new action needs a case here."""
    assert CASES.keys() == ACTIONS.keys()


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_a_snapshot_and_what_was_heard_since_are_a_fresh_snapshot(verify: Callable[[str], None], name: str) -> None:
    """For each role: nobody who listens needs to look again, and nobody is told of what they do not see."""
    verify(name)
