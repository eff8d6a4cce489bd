"""Every committed transaction of a web process that gives the lane work rings once; no other does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from dental_sync import create_app
from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.ids import new_id
from dental_sync.storage import row_security
from dental_sync.storage.models import Chair, Treatment
from dental_sync.writes import ringing
from dental_sync.writes.bell import Bell
from tests.api.test_appointments import a_check_up
from tests.conftest import Caller, Practice, RunLane

SignIn = Callable[..., Caller]


class Counter(Bell):
    """A bell that counts."""

    def __init__(self) -> None:
        super().__init__(lambda: None, lambda _run: "no thread")
        self.rings = 0

    def ring(self) -> None:
        """Count."""
        self.rings += 1


@pytest.fixture
def counter(app: APIFlask, owner: Session) -> Counter:
    """The app's bell, which counts and wakes nobody; there is a chair."""
    owner.add(Chair(id=new_id(), name="Room 1", kind="surgery", active=True))
    owner.commit()
    services.provide(app, counter := Counter(), kind=Bell)
    return counter


def _patch_treatment(admin: Caller, practice: Practice) -> Any:
    return admin.patch(f"/treatments/{practice.treatments['Check-up']}", {"durationMinutes": 40})


def _withdraw_treatment(admin: Caller, practice: Practice) -> Any:
    return admin.delete(f"/treatments/{practice.treatments['Check-up']}")


def _a_chair(admin: Caller) -> str:
    return str(admin.get("/chairs").json["items"][0]["id"])


def _rename_patient(admin: Caller, practice: Practice) -> Any:
    return admin.patch(f"/patients/{practice.patients[0]}", {"name": "Mia Weber"})


def _user(admin: Caller, email: str) -> str:
    return next(user["id"] for user in admin.get("/users").json["items"] if user["email"] == email)


GIVES_WORK: dict[str, Callable[[Caller, Practice], Any]] = {
    "a treatment's rule": _patch_treatment,
    "a treatment that is withdrawn": _withdraw_treatment,
    "a new treatment": lambda admin, _: admin.post("/treatments", {"name": "Whitening", "durationMinutes": 60}),
    "a new patient": lambda admin, _: admin.post("/patients", {"name": "Nora Neu"}),
    "a guardian": lambda admin, practice: admin.post(
        f"/patients/{practice.patients[0]}/guardians", {"patientId": str(practice.patients[1])}
    ),
    "a patient's phone": lambda admin, practice: admin.patch(f"/patients/{practice.patients[0]}", {"phone": "030 1"}),
    "a new dentist": lambda admin, _: admin.post(
        "/users", {"email": "new@demo.test", "name": "New", "role": "dentist", "password": "a long password"}
    ),
    "a patient who registers": lambda admin, _: admin.post(
        "/auth/register", {"email": "new@demo.test", "name": "New", "password": "a long password"}
    ),
    "a new chair": lambda admin, _: admin.post(
        "/chairs", {"name": "Room 9", "kind": "surgery"}, Prefer="respond-async"
    ),
    "a chair that is withdrawn": lambda admin, _: admin.call(
        "DELETE", f"/chairs/{_a_chair(admin)}", None, Prefer="respond-async"
    ),
    "a rule of the practice": lambda admin, _: admin.patch("/practice", {"minimumNoticeMinutes": 7}),
    "a patient's name": _rename_patient,
    "an account's name": lambda admin, _: admin.patch(
        f"/users/{_user(admin, 'dentist1@demo.test')}", {"name": "Dr. Anna Weber"}
    ),
    "an account that is closed": lambda admin, _: admin.patch(
        f"/users/{_user(admin, 'dentist1@demo.test')}", {"active": False}
    ),
    "a password of another account": lambda admin, _: admin.patch(
        f"/users/{_user(admin, 'dentist1@demo.test')}", {"password": "another-password-2"}
    ),
    "an own password": lambda admin, _: admin.post(
        "/auth/password", {"current": "demo-password-1", "new": "another-password-2"}
    ),
    "a session that ends": lambda admin, _: admin.post("/auth/logout"),
    "a booking": lambda admin, practice: admin.post(
        "/appointments",
        {**a_check_up(practice), "patientId": str(practice.patients[0])},
        Prefer="respond-async",
    ),
}

GIVES_NO_WORK: dict[str, Callable[[Caller, Practice], Any]] = {
    "a list": lambda admin, _: admin.get("/appointments"),
    "a new account without a record": lambda admin, _: admin.post(
        "/users", {"email": "new@demo.test", "name": "New", "role": "chatbot", "password": "a long password"}
    ),
    "signing in": lambda admin, _: admin.post(
        "/auth/login", {"email": "patient1@demo.test", "password": "demo-password-1"}
    ),
    "a pair of tokens": lambda admin, _: admin.post("/auth/refresh", Authorization=f"Bearer {admin.refresh_token}"),
    "what is refused": lambda admin, _: admin.patch(f"/treatments/{new_id()}", {"durationMinutes": 40}),
    "what changes nothing": lambda admin, practice: admin.patch(
        f"/treatments/{practice.treatments['Check-up']}", {"durationMinutes": 30}
    ),
}


@pytest.mark.parametrize("what", GIVES_WORK)
def test_a_change_that_is_told_rings_once(sign_in: SignIn, practice: Practice, counter: Counter, what: str) -> None:
    """Without the view or the function that changes the row ringing: none can forget to."""
    assert GIVES_WORK[what](sign_in("admin"), practice).status_code < 300
    assert counter.rings == 1


@pytest.mark.parametrize("what", GIVES_NO_WORK)
def test_what_tells_nobody_anything_does_not_ring(
    sign_in: SignIn, practice: Practice, counter: Counter, what: str
) -> None:
    """Reading, signing in, and rows that no message shows."""
    assert GIVES_NO_WORK[what](sign_in("admin"), practice).status_code < 500
    assert counter.rings == 0


def test_a_refresh_token_that_is_used_again_rings_although_it_is_refused(sign_in: SignIn, counter: Counter) -> None:
    """It ends its session, and the open sockets of that session must hear so."""
    admin = sign_in("admin")
    headers = {"Authorization": f"Bearer {admin.refresh_token}"}
    first = admin.post("/auth/refresh", **headers)
    # Its successor was used: whoever has the first one has copied it.
    assert admin.post("/auth/refresh", Authorization=f"Bearer {first.json['refreshToken']}").status_code == 200
    assert counter.rings == 0
    assert admin.post("/auth/refresh", **headers).status_code == 401
    assert counter.rings == 1


def test_a_repeat_of_a_request_that_still_waits_rings_again(
    sign_in: SignIn, practice: Practice, counter: Counter
) -> None:
    """The first ring may have been lost, and beat may be away."""
    patient = sign_in("patient1")
    options = {"Idempotency_Key": "again", "Prefer": "respond-async"}
    answers = [patient.post("/appointments", a_check_up(practice), **options) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json["id"] == answers[1].json["id"]
    assert counter.rings == 2


@pytest.mark.parametrize("end", ["rollback", "close"])
@pytest.mark.parametrize("write", ["flush", "statement"])
def test_a_transaction_that_is_not_committed_does_not_ring(
    app: APIFlask, counter: Counter, write: str, end: str
) -> None:
    """Nor does the next one on the same session, which wrote nothing."""
    with app.app_context():
        session = db.session()
        row_security.become(session, row_security.SYSTEM)
        if write == "flush":
            session.add(Chair(id=new_id(), name="Room 9", kind="surgery", active=True))
            session.flush()
        else:
            session.execute(update(Treatment).values(duration_minutes=40))
        getattr(session, end)()
        session.execute(text("SELECT 1"))
        session.commit()
    assert counter.rings == 0


def test_many_writes_of_one_transaction_ring_once_and_only_when_it_is_committed(
    app: APIFlask, practice: Practice, counter: Counter
) -> None:
    """A savepoint that is released is no commit."""
    with app.app_context():
        session = db.session()
        row_security.become(session, row_security.SYSTEM)
        session.execute(update(Treatment).values(duration_minutes=40))
        with session.begin_nested():
            session.add(Chair(id=new_id(), name="Room 9", kind="surgery", active=True))
        session.get_one(Treatment, practice.treatments["Check-up"]).duration_minutes = 45
        session.flush()
        assert counter.rings == 0
        session.commit()
        assert counter.rings == 1
        session.commit()
    assert counter.rings == 1


def test_a_further_app_in_the_process_adds_no_ring(
    sign_in: SignIn, practice: Practice, counter: Counter, settings: Settings
) -> None:
    """The sessions are the process's, and are listened to once."""
    other = create_app(settings)
    assert _patch_treatment(sign_in("admin"), practice).status_code == 200
    assert counter.rings == 1
    with other.app_context():
        db.engine.dispose()


def test_the_lanes_own_commits_do_not_ring(
    sign_in: SignIn, practice: Practice, counter: Counter, run_lane: RunLane
) -> None:
    """It tells what it did itself, and would else be woken by its own work for ever."""
    patient = sign_in("patient1")
    assert patient.post("/appointments", a_check_up(practice), Prefer="respond-async").status_code == 202
    assert counter.rings == 1
    assert any(batch.outcomes for batch in run_lane())
    assert counter.rings == 1


def test_every_table_whose_triggers_note_a_change_is_a_source(owner: Session) -> None:
    """A trigger that a migration adds must ring too."""
    triggers = text("""
        SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
        WHERE NOT tgisinternal AND (tgname LIKE 'note\\_%' OR tgname = 'rename')
    """)
    assert set(owner.scalars(triggers)) == set(ringing.SOURCES)
