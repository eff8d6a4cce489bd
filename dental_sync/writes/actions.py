"""The table of actions: everything that may be asked of the lane, and all that depends on which action it is.

A new action is one entry here. The lane, the loader, the audit trail and `GET /api/writes/{id}` read the table; no
other module compares an action's name. Names are stored with the requests: entries are added, never renamed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy.orm import Session

from dental_sync.core import preconditions
from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.core.errors import PreconditionFailed
from dental_sync.core.instants import format_instant
from dental_sync.core.wire_types import Nothing, Shape
from dental_sync.diary import (
    booking,
    chair_shapes,
    chairs,
    changing,
    hours_shapes,
    moves,
    opening_hours,
    practice_shapes,
    rules,
    several,
    several_shapes,
    shapes,
    transitions,
)
from dental_sync.diary.model import Decision, Diary
from dental_sync.diary.several import Several
from dental_sync.queries import load, load_chairs, load_hours, load_several
from dental_sync.records import merging
from dental_sync.writes.erasing import erase

# What an action is about, as the audit trail names it.
RecordKind = Literal["appointment", "hold", "dentist", "time-off", "closure", "practice", "chair", "patient"]

# What is loaded for a change of hours or of chairs.
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as its action judges it; `wish` is of the action's shape."""

    actor: Actor
    subject_id: uuid.UUID | None
    wish: Any
    if_match: str | None
    received_at: datetime

    @property
    def record_id(self) -> uuid.UUID:
        """The record that the request is about; raises TypeError for a request that makes one."""
        if self.subject_id is None:
            raise TypeError("this action is about a record that exists")
        return self.subject_id


@dataclass(frozen=True, slots=True)
class DiaryAction:
    """An action on appointments and holds: many are decided in memory, one after the other, over one diary.

    `decide` raises the Refusal that becomes the outcome. `needs` says what must be loaded for it.
    """

    name: str
    shape: type[Shape]
    record_kind: RecordKind
    decide: Callable[[Diary, Asked], Decision]
    needs: Callable[[Actor | None, uuid.UUID | None, Any], load.Need]


@dataclass(frozen=True, slots=True)
class HoursAction(Generic[Found]):
    """An action on hours, time off, closures or chairs: each is loaded, decided and stored by itself.

    `load` reads what the request is about and the bookings that it could strand. `decide` raises the Refusal that
    becomes the outcome.
    """

    name: str
    shape: type[Shape]
    record_kind: RecordKind
    load: Callable[[Session, uuid.UUID | None, Any, datetime], Found]
    decide: Callable[[Found, Actor, Any], Decision]


@dataclass(frozen=True, slots=True)
class SeveralAction:
    """An action on several appointments: it takes its turn alone, after every earlier request about any of them.

    `load` locks them, and `decide` raises the Refusal that becomes the outcome of all. The answer `tells` their ids or
    themselves.
    """

    name: str
    shape: type[Shape]
    record_kind: RecordKind
    load: Callable[[Session, Settings, Actor, uuid.UUID | None, Any], Diary]
    decide: Callable[[Diary, Asked], Several]
    # Which these are now, read without a lock.
    concerned: Callable[[Session, uuid.UUID | None, Any], list[uuid.UUID]]
    tells: Literal["ids", "appointments"] = "appointments"


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to a patient's record: what is answered, the path to it, and which records changed with it."""

    body: Mapping[str, Any]
    resource: str
    patients: Sequence[uuid.UUID]
    appointments: Sequence[uuid.UUID]


@dataclass(frozen=True, slots=True)
class PatientAction:
    """An action on a patient's record and all that belongs to it: it takes its turn alone, as one on several does.

    `do` lets a function of the database check and do it, and raises the Refusal that becomes the outcome.
    """

    name: str
    shape: type[Shape]
    do: Callable[[Session, Asked], Done]
    # The appointments that are the record's now, read without a lock.
    concerned: Callable[[Session, uuid.UUID | None, Any], list[uuid.UUID]]
    record_kind: RecordKind = "patient"
    has_a_batch_to_itself: bool = False


Action = DiaryAction | HoursAction[Any] | SeveralAction | PatientAction


def _new_booking() -> DiaryAction:
    return DiaryAction(
        "book",
        shapes.Book,
        "appointment",
        lambda diary, asked: booking.book(diary, asked.actor, asked.wish, received_at=asked.received_at),
        lambda actor, _, wish: load.Need(actor, hold_id=wish.hold_id, wanted=wish.wanted),
    )


def _new_hold() -> DiaryAction:
    return DiaryAction(
        "hold",
        shapes.HoldTime,
        "hold",
        lambda diary, asked: booking.hold_time(diary, asked.actor, asked.wish, received_at=asked.received_at),
        lambda actor, _, wish: load.Need(actor, own_holds=True, wanted=wish.wanted),
    )


def _release() -> DiaryAction:
    return DiaryAction(
        "release",
        Nothing,
        "hold",
        lambda diary, asked: booking.release_hold(diary, asked.actor, asked.record_id),
        lambda actor, hold_id, _: load.Need(actor, hold_id=hold_id),
    )


def _following(name: str, shape: type[Shape], decide: Callable[..., Several]) -> SeveralAction:
    """An action on an appointment and those of its series that follow it; `If-Match` concerns the one that is named."""

    def check_and_decide(diary: Diary, asked: Asked) -> Several:
        _check_version(diary, asked)
        return decide(diary, asked.actor, asked.record_id, asked.wish, received_at=asked.received_at)

    concerned = load_several.concerned_by_following
    return SeveralAction(name, shape, "appointment", load_several.of_following, check_and_decide, concerned)


def _check_version(diary: Diary, asked: Asked, *, deleted: bool = False) -> None:
    appointment = rules.visible(diary, asked.actor, asked.record_id, deleted=deleted)
    if not preconditions.allows(asked.if_match, appointment.version):
        raise PreconditionFailed


def _of_appointment(
    name: str,
    shape: type[Shape],
    decide: Callable[[Diary, Asked], Decision],
    wanted: Callable[[Any], load.WantedTimeOf] = lambda _: shapes.no_time,
    *,
    deleted: bool = False,
) -> DiaryAction:
    """An action on an appointment that exists: `If-Match` is judged before everything but who may see it.

    With `deleted` one that was entered in error exists for who administers.
    """

    def check_and_decide(diary: Diary, asked: Asked) -> Decision:
        _check_version(diary, asked, deleted=deleted)
        return decide(diary, asked)

    return DiaryAction(
        name,
        shape,
        "appointment",
        check_and_decide,
        lambda actor, appointment_id, wish: load.Need(actor, appointment_id=appointment_id, wanted=wanted(wish)),
    )


def _by_link(move: str) -> DiaryAction:
    """What the link of a reminder does for the patient."""
    return DiaryAction(
        f"{move}-by-link",
        shapes.ByLink,
        "appointment",
        lambda diary, asked: moves.by_link(
            diary, asked.actor, asked.record_id, transitions.MOVES[move], asked.wish, received_at=asked.received_at
        ),
        lambda actor, appointment_id, _: load.Need(actor, appointment_id=appointment_id),
    )


def _step(move: transitions.Move) -> DiaryAction:
    return _of_appointment(
        move.name,
        Nothing,
        lambda diary, asked: moves.step(diary, asked.actor, asked.record_id, move, received_at=asked.received_at),
        # A move of the day asks for the dentist's zone.
        lambda _: shapes.time_again if move.retakes_time or move.when == "on the day" else shapes.no_time,
    )


def _merging(
    name: str,
    shape: type[Shape],
    do: Callable[[Session, Asked], merging.Merged],
    concerned: Callable[[Session, uuid.UUID | None, Any], list[uuid.UUID]],
) -> PatientAction:
    """An action that merges or parts two records; the answer says how that is undone, and until when."""

    def do_and_tell(session: Session, asked: Asked) -> Done:
        done = do(session, asked)
        until = format_instant(done.undo_until)
        body = {"id": str(done.id), "into": str(done.target_id), "undoUntil": until}
        both = (done.source_id, done.target_id)
        return Done(body, f"/api/patients/{done.target_id}", both, done.appointments)

    return PatientAction(name, shape, do_and_tell, concerned)


def _of_record(session: Session, patient_id: uuid.UUID | None, _wish: object) -> list[uuid.UUID]:
    return [] if patient_id is None else merging.concerned_by(session, [patient_id])


def _erase(session: Session, asked: Asked) -> Done:
    patient_id = merging.now(session, asked.record_id)
    body = erase(session, asked.actor, patient_id, received_at=asked.received_at)
    return Done(body, f"/api/patients/{patient_id}", [patient_id], _of_record(session, patient_id, asked.wish))


_ALL: tuple[Action, ...] = (
    _new_booking(),
    _of_appointment(
        "reschedule",
        shapes.Reschedule,
        lambda diary, asked: changing.reschedule(
            diary, asked.actor, asked.record_id, asked.wish, received_at=asked.received_at
        ),
        lambda wish: wish.wanted,
    ),
    _of_appointment(
        "cancel",
        shapes.Cancel,
        lambda diary, asked: moves.cancel(
            diary, asked.actor, asked.record_id, asked.wish, received_at=asked.received_at
        ),
    ),
    *(_step(move) for move in transitions.STEP_MOVES),
    _by_link("confirm"),
    _by_link("cancel"),
    _of_appointment(
        "delete",
        Nothing,
        lambda diary, asked: moves.delete(diary, asked.actor, asked.record_id, received_at=asked.received_at),
    ),
    _of_appointment(
        "undo",
        Nothing,
        lambda diary, asked: moves.undo(diary, asked.actor, asked.record_id, received_at=asked.received_at),
        lambda _: shapes.former_time,
        deleted=True,
    ),
    SeveralAction(
        "hand-over",
        several_shapes.HandOver,
        "appointment",
        load_several.of_hand_over,
        lambda diary, asked: several.hand_over(
            diary, asked.actor, asked.record_id, asked.wish, received_at=asked.received_at
        ),
        load_several.concerned_by_hand_over,
        tells="ids",
    ),
    SeveralAction(
        "book-series",
        several_shapes.Series,
        "appointment",
        load_several.of_series,
        lambda diary, asked: several.book_series(diary, asked.actor, asked.wish, received_at=asked.received_at),
        # It makes what it is about.
        lambda *_: [],
    ),
    _following("reschedule-following", shapes.Reschedule, several.reschedule_following),
    _following("cancel-following", shapes.Cancel, several.cancel_following),
    _new_hold(),
    _release(),
    HoursAction("set-hours", hours_shapes.SetHours, "dentist", load_hours.of_dentist, opening_hours.set_hours),
    HoursAction(
        "set-treatments",
        hours_shapes.SetTreatments,
        "dentist",
        load_hours.of_offers,
        opening_hours.set_treatments,
    ),
    HoursAction(
        "change-dentist",
        hours_shapes.ChangeDentist,
        "dentist",
        load_hours.of_dentist,
        opening_hours.change_dentist,
    ),
    HoursAction(
        "take-time-off", hours_shapes.TakeTimeOff, "time-off", load_hours.of_dentist, opening_hours.take_time_off
    ),
    HoursAction(
        "cancel-time-off",
        hours_shapes.CancelTimeOff,
        "time-off",
        load_hours.of_time_off,
        opening_hours.cancel_time_off,
    ),
    HoursAction("close", hours_shapes.Close, "closure", load_hours.of_closure, opening_hours.close),
    HoursAction(
        "change-closure",
        hours_shapes.ChangeClosure,
        "closure",
        load_hours.of_closure,
        opening_hours.change_closure,
    ),
    HoursAction(
        "change-practice",
        practice_shapes.ChangePractice,
        "practice",
        load_hours.of_practice,
        opening_hours.change_practice,
    ),
    HoursAction("reopen", hours_shapes.Reopen, "closure", load_hours.of_closure, opening_hours.reopen),
    HoursAction("add-chair", chair_shapes.NewChair, "chair", load_chairs.of_none, chairs.add_chair),
    HoursAction("change-chair", chair_shapes.ChairChanges, "chair", load_chairs.of_chair, chairs.change_chair),
    HoursAction("withdraw-chair", chair_shapes.WithdrawChair, "chair", load_chairs.of_chair, chairs.withdraw_chair),
    HoursAction("take-chair-away", chair_shapes.TakeChairAway, "time-off", load_chairs.of_time, chairs.take_away),
    HoursAction("bring-chair-back", chair_shapes.BringChairBack, "time-off", load_chairs.of_absence, chairs.bring_back),
    PatientAction("erase", Nothing, _erase, _of_record, has_a_batch_to_itself=True),
    _merging(
        "merge",
        merging.Merge,
        lambda session, asked: merging.merge(session, asked.actor, asked.record_id, asked.wish),
        lambda session, patient_id, wish: [
            *_of_record(session, patient_id, wish),
            *_of_record(session, wish.into, wish),
        ],
    ),
    _merging(
        "undo-merge",
        Nothing,
        lambda session, asked: merging.undo(session, asked.actor, asked.record_id, received_at=asked.received_at),
        lambda session, merge_id, _: [] if merge_id is None else merging.concerned_by_undoing(session, merge_id),
    ),
    _merging(
        "join-by-invitation",
        merging.JoinByInvitation,
        lambda session, asked: merging.join_by_invitation(
            session, asked.actor, asked.wish, received_at=asked.received_at
        ),
        _of_record,
    ),
)

ACTIONS: Mapping[str, Action] = {action.name: action for action in _ALL}
# Those whose records are known only when they are loaded, and those of them with which nothing else is decided.
SEVERAL = tuple(action.name for action in _ALL if isinstance(action, SeveralAction | PatientAction))
ALONE = tuple(action.name for action in _ALL if isinstance(action, PatientAction) and action.has_a_batch_to_itself)
