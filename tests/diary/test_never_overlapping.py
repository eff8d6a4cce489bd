"""Whatever is done in whatever order, nothing overlaps: with chairs, assistants, visits, offers, series and force."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.storage import row_security
from tests import plain_sql
from tests.conftest import Practice, RunLane
from tests.diary.machine import MINUTE, Diary, dentists, patients, starts, treatments, which
from tests.writes.desk import Desk

# `make test-long` looks longer.
EXAMPLES = int(os.environ.get("OVERLAP_EXAMPLES", "18"))
STEPS = int(os.environ.get("OVERLAP_STEPS", "40"))

visits = st.lists(treatments, min_size=2, max_size=3)
offers = st.none() | st.dictionaries(treatments, st.none() | st.integers(1, 90))


class AssistedDiary(Diary):
    """The same with two assistants, treatments that need one, and dentists who do not offer everything."""

    def __init__(self, desk: Desk, owner: Session, run_lane: RunLane) -> None:
        super().__init__(desk, owner, run_lane)
        owner.execute(text("UPDATE dentists SET offers = NULL"))
        self.assistants = list(
            owner.scalars(text("SELECT id FROM dentists WHERE profession = 'assistant' ORDER BY id"))
        )
        owner.commit()

    @initialize(needed=st.lists(st.booleans(), min_size=4, max_size=4))
    def let_some_need_an_assistant(self, needed: list[bool]) -> None:
        """In an empty diary: whoever was booked before needed nobody."""
        for table in ("holds", "appointments"):
            self.owner.execute(text(f"DELETE FROM {table}"))
        for treatment, needs in zip(self.practice.treatments.values(), needed, strict=True):
            self.owner.execute(
                text("UPDATE treatments SET needs_assistant = :needs WHERE id = :id"), {"id": treatment, "needs": needs}
            )
        self.owner.commit()

    def visit(self, dentist: int, start: datetime, names: list[str]) -> dict[str, object]:
        wish: dict[str, object] = {**self.wish(dentist, start, names[0])}
        return {**wish, "treatmentIds": [str(self.practice.treatments[name]) for name in names]}

    @rule(patient=patients, dentist=dentists, start=starts, names=visits, action=st.sampled_from(["book", "hold"]))
    def book_a_visit(self, patient: int, dentist: int, start: datetime, names: list[str], action: str) -> None:
        self.ask(f"patient{patient}", action, self.visit(dentist, start, names))

    @rule(number=which, names=visits, force=st.booleans())
    def make_it_a_visit(self, number: int, names: list[str], force: bool) -> None:
        """Another length, other buffers, and other needs at the same time."""
        appointment_id = self.appointment(number)
        if appointment_id is not None:
            ids = [str(self.practice.treatments[name]) for name in names]
            self.ask("desk", "reschedule", {"treatmentIds": ids, "force": force}, appointment_id)

    @rule(number=which, assistant=st.none() | st.integers(0, 1), force=st.booleans())
    def name_an_assistant(self, number: int, assistant: int | None, force: bool) -> None:
        """This one and no other, or whoever is free, or nobody."""
        appointment_id = self.appointment(number)
        if appointment_id is not None:
            named = None if assistant is None else str(self.assistants[assistant])
            self.ask("desk", "reschedule", {"assistantId": named, "force": force}, appointment_id)

    @rule(patient=patients, dentist=dentists, start=starts, treatment=treatments, number=which)
    def book_with_a_named_assistant(
        self, patient: int, dentist: int, start: datetime, treatment: str, number: int
    ) -> None:
        body = {**self.wish(dentist, start, treatment), "patientId": str(self.practice.patients[patient - 1])}
        body["assistantId"] = str(self.assistants[number % 2])
        self.ask("desk", "book", body)

    @rule(dentist=dentists, offered=offers)
    def offer(self, dentist: int, offered: dict[str, int | None] | None) -> None:
        """What is booked already stays."""
        named = offered and [
            {"treatmentId": str(self.practice.treatments[name]), "durationMinutes": minutes}
            for name, minutes in offered.items()
        ]
        self.ask("admin", "set-treatments", {"treatments": named, "force": True}, self.practice.dentists[dentist])

    @rule(number=which, start=starts, length=st.integers(1, 120))
    def let_an_assistant_be_away(self, number: int, start: datetime, length: int) -> None:
        """Unless somebody is assisted then."""
        body = {"startsAt": format_instant(start), "endsAt": format_instant(start + length * MINUTE)}
        self.ask("desk", "take-time-off", body, self.assistants[number % 2])


@pytest.fixture
def desk(database: DatabaseUrls, practice: Practice) -> Iterator[Desk]:
    """Requests are taken with the web role's rights."""
    with plain_sql.connect(database.web, row_security.SYSTEM) as session:
        rows = session.execute(text("SELECT split_part(email, '@', 1) AS name, id FROM users")).all()
        session.rollback()
        yield Desk(session, {row.name: row.id for row in rows}, practice)


def test_nothing_ever_overlaps(desk: Desk, owner: Session, run_lane: RunLane) -> None:
    """Any lengths, buffers, chairs, assistants and offers; any steps in any order, past the lane too."""
    owner.execute(text("INSERT INTO chairs (name, kind) VALUES ('One', 'surgery'), ('Two', 'surgery')"))
    second = uuid.uuid4()
    owner.execute(
        text("UPDATE dentists SET profession = 'assistant' WHERE id = :first"), {"first": desk.practice.dentists[2]}
    )
    owner.execute(
        text("INSERT INTO dentists (id, name, time_zone, profession) VALUES (:id, 'Emil', NULL, 'assistant')"),
        {"id": second},
    )
    owner.execute(
        text(
            "INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends)"
            " SELECT :second, iso_weekday, starts, ends FROM working_hours WHERE dentist_id = :first"
        ),
        {"first": desk.practice.dentists[2], "second": second},
    )
    owner.commit()
    run_state_machine_as_test(
        lambda: AssistedDiary(desk, owner, run_lane),
        settings=hypothesis_settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, suppress_health_check=list(HealthCheck)
        ),
    )
