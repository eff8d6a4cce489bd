"""A machine that takes any step about a diary, through the real lane, and finds that nothing overlaps after it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dental_sync.core.database_failures import sqlstate
from dental_sync.core.instants import format_instant
from tests import plain_sql
from tests.conftest import RunLane, a_free_monday
from tests.diary.overlaps import BLOCKING, OVERLAPS
from tests.writes.desk import Desk

MONDAY = a_free_monday(hour=8)
MINUTE = timedelta(minutes=1)
# Near enough to each other that most steps meet somebody.
starts = st.integers(0, 40).map(lambda n: MONDAY + n * 13 * MINUTE)
patients = st.integers(1, 4)
dentists = st.integers(0, 1)
treatments = st.sampled_from(["Check-up", "Cleaning", "Filling", "Root canal"])
which = st.integers(0, 30)


class Diary(RuleBasedStateMachine):
    """Two dentists, two surgeries, four patients, a few days."""

    def __init__(self, desk: Desk, owner: Session, run_lane: RunLane) -> None:
        super().__init__()
        self.desk, self.owner, self.run_lane = desk, owner, run_lane
        self.practice = desk.practice
        self.asked: list[tuple[uuid.UUID, str]] = []
        self.changes_of_hours = 0
        self.with_chair: list[str] = []
        self.chairs = list(owner.scalars(text("SELECT id FROM chairs ORDER BY name")))
        for table in ("holds", "appointments", "time_off", "chair_time_off", "changes", "write_requests"):
            owner.execute(text(f"DELETE FROM {table}"))
        owner.execute(text("UPDATE appointments SET status = 'cancelled'"))
        owner.execute(text("UPDATE chairs SET active = true"))
        owner.commit()

    def ask(self, sender: str, action: str, body: Mapping[str, Any], subject: uuid.UUID | str | None = None) -> None:
        """Store a request; it is decided with others, at the next run of the lane."""
        self.asked.append((self.desk.ask(sender, action, body, subject), action))

    def appointment(self, number: int) -> uuid.UUID | None:
        """One of those that may be changed, mostly."""
        return (
            self._one_of("appointments", number, "status IN ('pending', 'booked')") if number % 4 else self.any(number)
        )

    def any(self, number: int) -> uuid.UUID | None:
        """One of all that were ever booked."""
        return self._one_of("appointments", number)

    def _one_of(self, table: str, number: int, which: str = "true", order: str = "starts_at") -> uuid.UUID | None:
        ids = list(self.owner.scalars(text(f"SELECT id FROM {table} WHERE {which} ORDER BY {order}, id")))
        self.owner.rollback()
        return ids[number % len(ids)] if ids else None

    def wish(self, dentist: int, start: datetime, treatment: str) -> dict[str, str]:
        return {
            "dentistId": str(self.practice.dentists[dentist]),
            "startsAt": format_instant(start),
            "treatmentId": str(self.practice.treatments[treatment]),
        }

    @initialize(
        lengths=st.lists(st.integers(1, 150), min_size=4, max_size=4),
        buffers=st.lists(st.sampled_from([0, 0, 5, 20, 75]), min_size=8, max_size=8),
        steps=st.lists(st.sampled_from([None, 5, 50]), min_size=4, max_size=4),
        chairs=st.lists(st.sampled_from([None, "surgery"]), min_size=4, max_size=4),
        wanted=st.lists(st.tuples(patients, dentists, starts, treatments), min_size=6, max_size=12),
    )
    def arrange(
        self,
        lengths: list[int],
        buffers: list[int],
        steps: list[int | None],
        chairs: list[str | None],
        wanted: list[tuple[int, int, datetime, str]],
    ) -> None:
        """Treatments of any length, with any buffers, steps and chairs; a few times are booked and held."""
        self.with_chair = [name for name, kind in zip(self.practice.treatments, chairs, strict=True) if kind]
        for number, treatment in enumerate(self.practice.treatments.values()):
            self.owner.execute(
                text(
                    "UPDATE treatments SET duration_minutes = :length, buffer_before_minutes = :before,"
                    " buffer_after_minutes = :after, slot_step_minutes = :step, chair_kind = :chair WHERE id = :id"
                ),
                {
                    "id": treatment,
                    "length": lengths[number],
                    "before": buffers[2 * number],
                    "after": buffers[2 * number + 1],
                    "step": steps[number],
                    "chair": chairs[number],
                },
            )
        self.owner.commit()
        for number, (patient, dentist, start, treatment) in enumerate(wanted):
            self.ask(f"patient{patient}", "hold" if number % 3 == 2 else "book", self.wish(dentist, start, treatment))
        self.decide()

    @rule(patient=patients, dentist=dentists, start=starts, treatment=treatments)
    def book(self, patient: int, dentist: int, start: datetime, treatment: str) -> None:
        self.ask(f"patient{patient}", "book", self.wish(dentist, start, treatment))

    @rule(patient=patients, dentist=dentists, start=starts, treatment=treatments, chair=which)
    def squeeze_in(self, patient: int, dentist: int, start: datetime, treatment: str, chair: int) -> None:
        """In spite of hours and of others, sometimes into a chair that staff choose."""
        body = {**self.wish(dentist, start, treatment), "patientId": str(self.practice.patients[patient - 1])}
        if chair % 3 == 0:
            body["chairId"] = str(self.chairs[chair % 2])
        self.ask("desk", "book", {**body, "force": True})

    @rule(patient=patients, dentist=dentists, start=starts, treatment=treatments, count=st.integers(1, 4))
    def book_a_series(self, patient: int, dentist: int, start: datetime, treatment: str, count: int) -> None:
        """Day after day, as far as the times are free."""
        every = {"every": {"unit": "day", "n": 1}, "count": count}
        self.ask(f"patient{patient}", "book-series", {**self.wish(dentist, start, treatment), **every})

    @rule(number=which, start=starts)
    def move_the_rest_of_a_series(self, number: int, start: datetime) -> None:
        """Of a series, or of one that is none."""
        appointment_id = self.appointment(number)
        if appointment_id is not None:
            wish = {"startsAt": format_instant(start), "scope": "following"}
            self.ask("admin", "reschedule-following", wish, appointment_id)

    @rule(dentist=dentists, force=st.booleans())
    def hand_over(self, dentist: int, force: bool) -> None:
        """All of a dentist's appointments to the other."""
        wish = {
            "to": str(self.practice.dentists[1 - dentist]),
            "from": format_instant(MONDAY),
            "until": format_instant(MONDAY + 600 * MINUTE),
            "force": force,
        }
        self.ask("desk", "hand-over", wish, self.practice.dentists[dentist])

    @rule(number=which, sender=st.sampled_from(["admin", "desk", "patient1", "patient2"]))
    def undo(self, number: int, sender: str) -> None:
        """Of any that was ever booked, deleted ones too."""
        appointment_id = self.any(number)
        if appointment_id is not None:
            self.ask(sender, "undo", {}, appointment_id)

    @rule(patient=patients, dentist=dentists, start=starts, treatment=treatments)
    def hold(self, patient: int, dentist: int, start: datetime, treatment: str) -> None:
        self.ask(f"patient{patient}", "hold", self.wish(dentist, start, treatment))

    @rule(number=which, treatment=st.none() | treatments)
    def book_what_is_held(self, number: int, treatment: str | None) -> None:
        """The same, or something else at that time."""
        hold_id = self._one_of("holds", number)
        if hold_id is None:
            return
        held = self.owner.execute(
            text("SELECT h.*, u.email FROM holds h JOIN users u ON u.id = h.user_id WHERE h.id = :id"),
            {"id": hold_id},
        ).one()
        self.owner.rollback()
        wanted = self.practice.treatments[treatment] if treatment else held.treatment_id
        body = {
            "dentistId": str(held.dentist_id),
            "startsAt": format_instant(held.starts_at),
            "treatmentId": str(wanted),
            "holdId": str(hold_id),
        }
        self.ask(held.email.removesuffix("@demo.test"), "book", body)

    @rule(number=which)
    def let_a_hold_expire(self, number: int) -> None:
        hold_id = self._one_of("holds", number)
        self.owner.execute(
            text("UPDATE holds SET expires_at = clock_timestamp() - interval '1 second' WHERE id = :id"),
            {"id": hold_id},
        )
        self.owner.commit()

    @rule(number=which)
    def release(self, number: int) -> None:
        hold_id = self._one_of("holds", number)
        if hold_id is not None:
            self.ask("admin", "release", {}, hold_id)

    @rule(
        number=which,
        start=st.none() | starts,
        dentist=st.none() | dentists,
        treatment=st.none() | treatments,
        force=st.booleans(),
    )
    def reschedule(
        self, number: int, start: datetime | None, dentist: int | None, treatment: str | None, force: bool
    ) -> None:
        appointment_id = self.appointment(number)
        wish = {
            "startsAt": start and format_instant(start),
            "dentistId": None if dentist is None else str(self.practice.dentists[dentist]),
            "treatmentId": treatment and str(self.practice.treatments[treatment]),
        }
        wish = {name: value for name, value in wish.items() if value is not None}
        if appointment_id is not None and wish:
            self.ask("admin", "reschedule", {**wish, "force": force}, appointment_id)

    @rule(number=which, action=st.sampled_from(["cancel", "arrive", "complete", "delete"]))
    def move(self, number: int, action: str) -> None:
        appointment_id = self.appointment(number)
        if appointment_id is not None:
            self.ask("admin", action, {}, appointment_id)

    @rule(number=which)
    def undo_a_no_show(self, number: int) -> None:
        appointment_id = self._one_of("appointments", number, "status = 'noshow'")
        if appointment_id is not None:
            self.ask("admin", "undo-no-show", {}, appointment_id)

    @rule(number=which)
    def miss(self, number: int) -> None:
        """A no-show, entered by plain SQL, for it is allowed after the start only; it may be undone."""
        appointment_id = self.appointment(number)
        self.owner.execute(
            text("UPDATE appointments SET status = 'noshow' WHERE id = :id AND status = 'booked'"),
            {"id": appointment_id},
        )
        self.owner.commit()

    @precondition(lambda self: self.changes_of_hours < 2)
    @rule(
        dentist=dentists,
        windows=st.lists(st.tuples(st.integers(0, 11), st.integers(12, 23)), min_size=1, max_size=2),
    )
    def set_hours(self, dentist: int, windows: list[tuple[int, int]]) -> None:
        self.changes_of_hours += 1
        hours = [{"isoWeekday": 1, "start": f"{a:02d}:00", "end": f"{b:02d}:00"} for a, b in windows]
        self.ask("admin", "set-hours", {"hours": hours, "force": True}, self.practice.dentists[dentist])

    @precondition(lambda self: self.changes_of_hours < 2)
    @rule(dentist=dentists, start=starts, length=st.integers(1, 60))
    def take_time_off(self, dentist: int, start: datetime, length: int) -> None:
        self.changes_of_hours += 1
        body = {"startsAt": format_instant(start), "endsAt": format_instant(start + length * MINUTE), "force": True}
        self.ask("admin", "take-time-off", body, self.practice.dentists[dentist])

    @rule(number=which, start=starts, length=st.integers(1, 300), patient=patients, dentist=dentists)
    def take_a_chair_away(self, number: int, start: datetime, length: int, patient: int, dentist: int) -> None:
        """Unless a booking is in the way by the time it is decided; somebody asks for that time right after it."""
        chair_id = self._one_of("chairs", number, order="name")
        body = {"startsAt": format_instant(start), "endsAt": format_instant(start + length * MINUTE)}
        self.ask("admin", "take-chair-away", body, chair_id)
        if self.with_chair:
            treatment = self.with_chair[number % len(self.with_chair)]
            self.ask(f"patient{patient}", "book", self.wish(dentist, start, treatment))

    @rule(number=which)
    def bring_a_chair_back(self, number: int) -> None:
        time_off_id = self._one_of("chair_time_off", number)
        if time_off_id is None:
            return
        chair_id = self.owner.scalar(text("SELECT chair_id FROM chair_time_off WHERE id = :id"), {"id": time_off_id})
        self.owner.rollback()
        self.ask("admin", "bring-chair-back", {"chairId": str(chair_id)}, time_off_id)

    @rule(number=which, action=st.sampled_from(["withdraw-chair", "change-chair", "change-chair"]))
    def withdraw_a_chair_or_use_it_again(self, number: int, action: str) -> None:
        """The appointments in it stay there."""
        chair_id = self._one_of("chairs", number, order="name")
        self.ask("admin", action, {"force": True} if action == "withdraw-chair" else {"active": True}, chair_id)

    @rule(patient=patients, dentist=dentists, start=starts, length=st.integers(1, 90), chair=st.booleans())
    def insert_past_the_lane(self, patient: int, dentist: int, start: datetime, length: int, chair: bool) -> None:
        """Plain SQL books what is free, and the constraints refuse the rest."""
        try:
            booked = plain_sql.book(
                self.owner,
                self.practice.patients[patient - 1],
                self.practice.dentists[dentist],
                start,
                minutes=length,
                treatment_id=self.practice.treatments["Filling"],
            )
            self.owner.execute(text("UPDATE appointments SET reason = 'by plain SQL' WHERE id = :id"), {"id": booked})
            if chair:
                self.owner.execute(
                    text("UPDATE appointments SET chair_id = (SELECT min(id::text)::uuid FROM chairs) WHERE id = :id"),
                    {"id": booked},
                )
            self.owner.commit()
        except DBAPIError as refused:
            self.owner.rollback()
            if sqlstate(refused) != "23P01":
                raise

    @rule()
    def decide(self) -> None:
        """The lane decides everything that was asked since, in one batch; what it answers is what is stored."""
        self.run_lane()
        for request_id, action in self.asked:
            request = self.desk.request(request_id)
            assert request.status in ("applied", "rejected"), (action, request.outcome)
            assert request.outcome["status"] < 500, (action, request.outcome)
        last = {}
        shared = self.owner.scalar(text("SELECT EXISTS (SELECT FROM appointments WHERE layers <> '(,)')"))
        for request_id, _ in self.asked:
            request = self.desk.request(request_id)
            etag, body = request.outcome["headers"].get("ETag"), request.outcome["body"]
            if request.status == "applied" and body is not None and "refused" in body:
                # About several: each as it says, or anew.
                last |= {uuid.UUID(one["id"]): one for one in body.get("appointments", ())}
                for moved in body.get("moved", ()):
                    last.pop(uuid.UUID(moved), None)
            elif request.status == "applied" and etag is not None:
                assert etag == f'"{request.outcome["body"]["version"]}"'
                last[request.subject_id] = request.outcome["body"]
            elif request.status == "applied":
                last.pop(request.subject_id, None)
        for appointment_id, body in last.items():
            stored = self.owner.execute(
                text("SELECT version, status, starts_at, ends_at, dentist_id FROM appointments WHERE id = :id"),
                {"id": appointment_id},
            ).one()
            # What was decided after it may have begun or ended to share its time, which is another version of it.
            assert body["version"] <= stored.version
            if body["version"] < stored.version and shared:
                continue
            assert (body["version"], body["status"]) == (stored.version, stored.status)
            assert (body["startsAt"], body["endsAt"]) == (
                format_instant(stored.starts_at),
                format_instant(stored.ends_at),
            )
            assert body["dentistId"] == str(stored.dentist_id)
        self.owner.rollback()
        self.asked.clear()

    @invariant()
    def nothing_overlaps(self) -> None:
        for what, query in OVERLAPS.items():
            values = {"blocking": BLOCKING} if ":blocking" in query else {}
            assert self.owner.scalar(text(query), values) == 0, what
        self.owner.rollback()

    def teardown(self) -> None:
        self.decide()
        self.nothing_overlaps()
