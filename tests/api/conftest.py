"""Fixtures that several files of the API's tests share."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.storage.models import Dentist, Treatment
from dental_sync.storage.people_models import Patient
from tests import plain_sql
from tests.api.assisting import an_assistant
from tests.api.free import SignIn
from tests.api.hours import a_check_up
from tests.api.mailed import mailbox
from tests.api.world import ASSISTANTS, GUARDIANS, VISITORS, WHO, World
from tests.conftest import Caller, Practice, RunLane, sign_in_to, visit

__all__ = ["mailbox"]


@pytest.fixture
def booked(sign_in: SignIn, practice: Practice) -> dict[str, Any]:
    """Mia's check-up with Anna on Monday at nine."""
    answer = sign_in("patient1").post("/appointments", a_check_up(practice))
    assert answer.status_code == 201
    appointment: dict[str, Any] = answer.json
    return appointment


@pytest.fixture
def empty_diary(owner: Session) -> None:
    """Nobody of the demo practice's coming week is in the way of other hours."""
    owner.execute(text("DELETE FROM appointments"))
    owner.commit()


@pytest.fixture
def head(owner: Session, run_lane: RunLane) -> Callable[[], int]:
    """Where the log ends once everything is published."""

    def look() -> int:
        run_lane()
        position: int = owner.scalar(text("SELECT position FROM log_head"))
        owner.rollback()
        return position

    return look


@pytest.fixture(scope="module")
def patient(shared_app: APIFlask) -> Caller:
    """Somebody who may book."""
    return sign_in_to(shared_app, "patient1")


@pytest.fixture(scope="module")
def admin(shared_app: APIFlask) -> Caller:
    """Somebody who may everything."""
    return sign_in_to(shared_app, "admin")


@pytest.fixture(scope="module")
def world(shared_app: APIFlask) -> Iterator[World]:
    """The practice, and everybody signed in."""
    settings = services.of(shared_app, Settings)
    with plain_sql.connect(settings.database_url) as session:
        callers = {who: sign_in_to(shared_app, name) for who, name in WHO.items() if name is not None}
        callers |= {who: an_assistant(shared_app, callers["admin"], name) for who, name in ASSISTANTS.items()}
        callers |= {who: visit(shared_app) for who in VISITORS}
        assistant = uuid.UUID(callers["its assistant"].user["dentistId"])
        patient = session.scalar(select(Patient.id).where(Patient.id == callers["its patient"].user["patientId"]))
        dentist = session.scalar(select(Dentist.id).where(Dentist.id == callers["its dentist"].user["dentistId"]))
        treatment = session.scalar(select(Treatment.id).where(Treatment.name == "Check-up"))
        assert patient
        assert dentist
        assert treatment
        session.rollback()
        assert settings.web_database_url
        world = World(session, callers, patient, dentist, assistant, treatment, settings.web_database_url)
        for who, name in GUARDIANS.items():
            callers[who] = sign_in_to(shared_app, name)
            world.make_guardian(callers[who].user["id"])
            callers[who].user = callers[who].get("/auth/me").json
        yield world


@pytest.fixture
def chatbot(sign_in: SignIn) -> Caller:
    """Whoever asks gets the same answer; mostly it is the chatbot."""
    return sign_in("chatbot")
