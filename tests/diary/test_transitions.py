"""The moves of an appointment: each from each status, by each role, exactly as the one table says."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.diary import shapes, transitions
from dental_sync.diary.claims import Claim
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Appointment, Decision, Diary
from dental_sync.diary.transitions import BLOCKING_STATUSES, MOVES, RUNNING, STATUSES
from dental_sync.writes.actions import ACTIONS
from tests.decided import decide
from tests.diary.diaries import (
    ADMIN,
    ANNA,
    APPROVED,
    BEN,
    CHAIR_1,
    CHAIR_2,
    CHATBOT,
    CHECK_UP,
    DENTIST_ANNA,
    DENTIST_BEN,
    HALF_HOUR,
    HOUR,
    MONDAY_NOON,
    NOAH,
    PATIENT_MIA,
    PATIENT_NOAH,
    RECEPTIONIST,
    SURGERY,
    TUESDAY_NINE,
    a_diary,
    a_wish,
    book,
    entered,
)

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"

# Whose the appointment is, by role; and those who never see it.
OWNERS = {"patient": PATIENT_MIA, "dentist": DENTIST_ANNA, "receptionist": RECEPTIONIST, "admin": ADMIN}
STRANGERS = {"another patient": PATIENT_NOAH, "another dentist": DENTIST_BEN, "chatbot": CHATBOT}

# What the patient or the practice has no more to say about.
TERMINAL = {"fulfilled", "cancelled", "entered-in-error"}


def when_allowed(name: str) -> datetime:
    """A moment at which the clock forbids nobody this move."""
    of_the_day = MOVES[name].when in ("after the start", "on the day")
    return TUESDAY_NINE if of_the_day else MONDAY_NOON - timedelta(days=7)


def make(
    diary: Diary,
    appointment: Appointment,
    name: str,
    actor: Actor = ADMIN,
    *,
    at: datetime | None = None,
    if_match: str | None = None,
) -> Decision:
    """Ask for a move; a rescheduling goes an hour later, or makes what is running an hour longer."""
    fields = {}
    if name == "reschedule":
        is_running = appointment.status in RUNNING
        fields = (
            {"ends_at": appointment.time.end + HOUR} if is_running else {"starts_at": appointment.time.start + HOUR}
        )
    wish = a_wish(ACTIONS[name].shape, fields)
    received_at = when_allowed(name) if at is None else at
    return decide(diary, actor, name, appointment.id, wish, if_match=if_match, received_at=received_at)


# The whole table.


@pytest.mark.parametrize("role", OWNERS)
@pytest.mark.parametrize("status", sorted(STATUSES))
@pytest.mark.parametrize("name", MOVES)
def test_a_move_is_allowed_exactly_where_the_table_says_so(name: str, status: str, role: str) -> None:
    """From its sources, to its target, for its roles; the time is taken exactly while the new status says so."""
    diary, move = a_diary(), MOVES[name]
    before = entered(diary, status=status)
    # What was struck out is not there; what a role may never do is forbidden whatever the status.
    if status == "entered-in-error":
        expected: type[errors.Refusal] | None = errors.NotFound
    elif role not in move.roles:
        expected = errors.Forbidden
    else:
        expected = None if status in move.sources_for(role) else errors.IllegalTransition
    if expected is not None:
        with pytest.raises(expected):
            make(diary, before, name, OWNERS[role])
        assert diary.appointments[before.id] == before
        return
    decision = make(diary, before, name, OWNERS[role])
    after = diary.appointments[before.id]
    assert after.status == (move.target or status)
    assert decision.effect == ("removed" if name == "delete" else "changed")
    assert decision.rows[-1].values.get("status", status) == after.status
    assert after.version == before.version + 1
    claims = [claim.time for claim in diary.taken.get(ANNA, ())]
    assert claims == ([after.time] if after.status in BLOCKING_STATUSES else [])


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("name", MOVES)
def test_somebody_elses_appointment_cannot_be_moved_at_all(name: str, stranger: str) -> None:
    """It is not there for them, whatever its status would allow."""
    for status in sorted(MOVES[name].sources):
        diary = a_diary()
        before = entered(diary, status=status)
        with pytest.raises(errors.NotFound):
            make(diary, before, name, STRANGERS[stranger])
        assert diary.appointments[before.id] == before


def test_nothing_leads_out_of_a_terminal_status_but_striking_out() -> None:
    """Fulfilled and cancelled stay what they are; what was entered in error is not there."""
    for status in STATUSES:
        ways_out = {name for name, move in MOVES.items() if status in move.sources}
        assert (ways_out <= {"delete"}) == (status in TERMINAL), status
    assert not any("entered-in-error" in move.sources for move in MOVES.values())


def test_every_status_can_be_reached() -> None:
    """By booking and by moves; and from each but the terminal ones it goes on."""
    reached = {"pending", "booked"}
    while True:
        further = {move.target for move in MOVES.values() if move.target and move.sources & reached} - reached
        if not further:
            break
        reached |= further
    assert reached == STATUSES


def test_the_document_shows_the_table() -> None:
    """Line by line; whoever changes the one must change the other."""
    assert transitions.table() in PROTOCOL.read_text()


def test_every_move_has_rules_a_shape_and_at_most_one_step_door() -> None:
    """What only changes the status or the confirmation has a door of its own, without a body."""
    assert set(MOVES) <= set(ACTIONS)
    assert set(transitions.STEPS) == set(MOVES) - {"reschedule", "cancel", "delete"}
    for name in transitions.STEPS:
        assert ACTIONS[name].shape.model_fields == {}


def test_a_refused_move_says_what_the_status_must_be() -> None:
    """The sentence names what is and what would have to be."""
    diary = a_diary()
    with pytest.raises(errors.IllegalTransition, match="is cancelled; to complete it must be arrived or checked-in"):
        make(diary, entered(diary, status="cancelled"), "complete")


# When.


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("role", OWNERS)
def test_patients_meet_the_cut_off_no_shows_wait_for_the_start_and_who_comes_comes_on_the_day(
    name: str, role: str
) -> None:
    """At each edge, to the millisecond: the last moment that is allowed, and the one beside it that is not."""
    move, tick = MOVES[name], timedelta(milliseconds=1)
    if role not in move.roles:
        return
    cut_off = TUESDAY_NINE - timedelta(hours=24)
    moments: dict[datetime, type[errors.Refusal] | None] = {cut_off: None, cut_off + tick: None, TUESDAY_NINE: None}
    if move.when == "until the cut-off" and role == "patient":
        moments[cut_off + tick] = moments[TUESDAY_NINE] = errors.PastCutoff
    if move.when == "after the start":
        moments = {TUESDAY_NINE - tick: errors.IllegalTransition, TUESDAY_NINE: None, TUESDAY_NINE + HOUR: None}
    if move.when == "on the day":
        midnight = TUESDAY_NINE.replace(hour=0)
        twelve_hours_before = TUESDAY_NINE - timedelta(hours=12)
        moments = {
            twelve_hours_before - tick: errors.IllegalTransition,
            twelve_hours_before: None,
            midnight: None,
            midnight + timedelta(days=1) - tick: None,
            midnight + timedelta(days=1): errors.IllegalTransition,
        }
    for at, refusal in moments.items():
        diary = a_diary()
        # An appointment that is booked meets every clock; who is here already has come.
        before = entered(diary, status="booked" if "booked" in move.sources else min(move.sources))
        if refusal is None:
            assert make(diary, before, name, OWNERS[role], at=at).effect in ("changed", "removed")
        else:
            with pytest.raises(refusal):
                make(diary, before, name, OWNERS[role], at=at)


# What a move does to the time.


def test_a_missed_time_is_free_and_comes_back_when_nobody_took_it() -> None:
    """No-show frees, undoing takes again, for the same patient at the same time."""
    diary = a_diary()
    missed = entered(diary)
    make(diary, missed, "no-show")
    assert not list(diary.taken[ANNA])
    assert diary.is_patient_free(missed.patient_id, missed.time)
    make(diary, missed, "undo-no-show", DENTIST_ANNA)
    assert [claim.owner_id for claim in diary.taken[ANNA]] == [missed.id]
    assert not diary.is_patient_free(missed.patient_id, missed.time)
    with pytest.raises(errors.SlotTaken):
        book(diary, PATIENT_NOAH)


def test_undoing_is_refused_when_the_time_was_taken_since() -> None:
    """By another patient's booking, or by a hold that is alive; an expired hold gives way and goes."""
    for expires_in, refused in ((None, True), (HOUR, True), (-HOUR, False)):
        diary = a_diary()
        missed = entered(diary, status="noshow")
        if expires_in is None:
            entered(diary, patient_id=NOAH)
        else:
            held = entered(diary, patient_id=NOAH, status="cancelled")
            diary.claim([ANNA], Claim(held.time, held.id, TUESDAY_NINE + expires_in))
        if refused:
            with pytest.raises(errors.SlotTaken):
                make(diary, missed, "undo-no-show", at=TUESDAY_NINE)
            assert diary.appointments[missed.id].status == "noshow"
        else:
            decision = make(diary, missed, "undo-no-show", at=TUESDAY_NINE)
            assert [row.kind for row in decision.rows] == ["delete", "update"]


def test_undoing_is_refused_when_the_patient_is_elsewhere_by_now() -> None:
    """With another dentist at the same time."""
    diary = a_diary()
    missed = entered(diary, status="noshow")
    entered(diary, dentist_id=BEN)
    with pytest.raises(errors.PatientDoubleBooked):
        make(diary, missed, "undo-no-show")


def test_undoing_finds_a_fitting_chair_and_keeps_its_own_where_it_can() -> None:
    """The chair may be another's by now; when all of them are, the time is taken."""
    surgery = {"treatment_id": SURGERY, "time": Interval(TUESDAY_NINE, TUESDAY_NINE + HOUR)}

    def undone(*taken: object) -> Appointment:
        diary = a_diary()
        missed = entered(diary, status="noshow", chair_id=CHAIR_1, **surgery)
        for chair in taken:
            entered(diary, patient_id=NOAH, dentist_id=BEN, chair_id=chair, status="booked", **surgery)
        decision = make(diary, missed, "undo-no-show")
        after = diary.appointments[missed.id]
        assert decision.rows[-1].values.get("chair_id", CHAIR_1) == after.chair_id
        assert after.id in {claim.owner_id for claim in diary.taken[after.chair_id]}
        return after

    assert undone().chair_id == CHAIR_1
    assert undone(CHAIR_2).chair_id == CHAIR_1
    assert undone(CHAIR_1).chair_id == CHAIR_2
    with pytest.raises(errors.SlotTaken, match="chair"):
        undone(CHAIR_1, CHAIR_2)


@pytest.mark.parametrize("path", [("arrive", "check-in", "complete"), ("check-in", "complete"), ("arrive", "complete")])
def test_the_running_appointments_time_stays_busy(path: tuple[str, ...]) -> None:
    """Arrived, checked in, fulfilled: nobody else gets the time, and the patient cannot be elsewhere."""
    diary = a_diary()
    running = entered(diary)
    for name in path:
        make(diary, running, name, DENTIST_ANNA)
        with pytest.raises(errors.SlotTaken):
            book(diary, PATIENT_NOAH)
        with pytest.raises(errors.PatientDoubleBooked):
            book(diary, PATIENT_MIA, dentist_id=BEN)
    assert diary.appointments[running.id].status == "fulfilled"


def test_approving_takes_nothing_that_was_not_taken_before() -> None:
    """Pending blocked the time already; approved, it is booked; only what is pending can be approved."""
    diary = a_diary()
    pending = diary.appointments[book(diary, treatment_id=APPROVED).record.id]
    assert pending.status == "pending"
    claims = list(diary.taken[ANNA])
    for name in ("confirm", "arrive", "check-in", "complete", "no-show", "undo-no-show"):
        with pytest.raises(errors.IllegalTransition):
            make(diary, pending, name)
    make(diary, pending, "approve", DENTIST_ANNA)
    assert diary.appointments[pending.id].status == "booked"
    assert list(diary.taken[ANNA]) == claims
    with pytest.raises(errors.IllegalTransition):
        make(diary, pending, "approve")


def test_an_approved_appointment_stays_approved_when_its_own_treatment_is_named_again() -> None:
    """A client that sends the whole form moves the time only; another treatment has to be approved anew."""
    diary = a_diary()
    for status in ("pending", "booked"):
        before = entered(diary, treatment_id=APPROVED, status=status)
        wish = a_wish(shapes.Reschedule, {"treatment_id": APPROVED, "starts_at": TUESDAY_NINE + HOUR})
        decide(diary, ADMIN, "reschedule", before.id, wish, if_match=None, received_at=MONDAY_NOON)
        assert diary.appointments[before.id].status == status
        make(diary, before, "delete")


# The confirmation.


@pytest.mark.parametrize("role", OWNERS)
@pytest.mark.parametrize("confirmation", ["unconfirmed", "reminded", "confirmed"])
def test_confirming_says_so_and_once_is_enough(role: str, confirmation: str) -> None:
    """Nothing else changes; who has confirmed already changes nothing at all."""
    diary = a_diary()
    before = entered(diary, confirmation=confirmation)
    make(diary, before, "confirm", OWNERS[role])
    after = diary.appointments[before.id]
    assert (after.status, after.confirmation, after.time) == ("booked", "confirmed", before.time)
    assert after.version == before.version + (confirmation != "confirmed")


def test_a_new_start_has_to_be_confirmed_anew() -> None:
    """Whoever confirmed has confirmed another time; a new reason, end or dentist at the same start is no matter."""
    for wish, confirmation in (
        ({"starts_at": TUESDAY_NINE + HALF_HOUR}, "unconfirmed"),
        ({"starts_at": TUESDAY_NINE}, "confirmed"),
        ({"reason": "It hurts."}, "confirmed"),
        ({"dentist_id": BEN}, "confirmed"),
        ({"treatment_id": CHECK_UP}, "confirmed"),
    ):
        diary = a_diary()
        before = entered(diary, confirmation="confirmed")
        asked = a_wish(shapes.Reschedule, wish)
        decide(diary, ADMIN, "reschedule", before.id, asked, if_match=None, received_at=MONDAY_NOON)
        assert diary.appointments[before.id].confirmation == confirmation, wish


# What was read.


@pytest.mark.parametrize("name", MOVES)
def test_every_move_is_made_to_the_version_that_was_read(name: str) -> None:
    """A stale tag refuses it, the right one lets it pass, whatever the move."""
    diary = a_diary()
    before = entered(diary, status=min(MOVES[name].sources), version=3)
    with pytest.raises(errors.PreconditionFailed):
        make(diary, before, name, if_match='"2"')
    assert diary.appointments[before.id] == before
    make(diary, before, name, if_match='"3"')
    assert diary.appointments[before.id].version == 4
