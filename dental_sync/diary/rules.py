"""The booking rules, each in one place: who may, whether the time can be had, and what has to give way. Pure."""

from __future__ import annotations

import functools
import uuid
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.diary.intervals import NEVER, Interval
from dental_sync.diary.model import DELETE, Appointment, Diary, Hold, RowToStore
from dental_sync.diary.seats import ANY_SEAT, NOWHERE, Place, Seat, SeatWish, seat
from dental_sync.diary.shapes import LONGEST_APPOINTMENT, Book, Reschedule
from dental_sync.diary.transitions import COMES_EARLY, RUNNING, Move
from dental_sync.diary.visits import NOTHING_ELSE, Needs, Treatment, offers_all

# The layer of an appointment that is forced, until the database has chosen one that nobody beside it has.
OWN_LAYER = -1


def visible(diary: Diary, actor: Actor, appointment_id: uuid.UUID, *, deleted: bool = False) -> Appointment:
    """The appointment, if it is there and the actor's to see; raises NotFound for one as for the other.

    With `deleted` one that was entered in error is there for who administers.
    """
    appointment = diary.appointments.get(appointment_id)
    if (
        appointment is None
        or (appointment.status == "entered-in-error" and not (deleted and actor.administers))
        or not actor.may_see(appointment.patient_id, appointment.dentist_id, appointment.assistant_id)
    ):
        raise errors.NotFound
    return appointment


def patient_of_new_booking(actor: Actor, wish: Book) -> uuid.UUID:
    """Whom a new booking is for; raises Forbidden, or ValidationFailed where staff name no patient."""
    if actor.is_patient:
        return own_patient(actor, wish.patient_id)
    if not actor.is_staff:
        raise errors.Forbidden
    if wish.patient_id is None:
        missing: errors.FieldError = {"pointer": "/patientId", "detail": "is required of staff"}
        raise errors.ValidationFailed(errors=[missing])
    return wish.patient_id


def own_patient(actor: Actor, named: uuid.UUID | None) -> uuid.UUID:
    """The patient for whom an account acts, itself where none is named; raises Forbidden for anybody else."""
    patient_id = named or actor.own_patient_id
    if patient_id not in actor.own_patient_ids or patient_id is None:
        raise errors.Forbidden("A patient books for themselves, and for those whose guardian they are.")
    return patient_id


def check_own_diary(actor: Actor, dentist_id: uuid.UUID) -> None:
    """Raise Forbidden for a dentist who writes into another diary."""
    if actor.is_staff and not actor.keeps_diary_of(dentist_id):
        raise errors.Forbidden("A dentist books into the own diary.")


def check_people(diary: Diary, dentist_id: uuid.UUID | None, patient_id: uuid.UUID | None) -> None:
    """Raise UnknownDentist or UnknownPatient for those of them that are named and not there."""
    if dentist_id is not None and dentist_id not in diary.dentists:
        raise errors.UnknownDentist
    if patient_id is not None and patient_id not in diary.patients:
        raise errors.UnknownPatient


def check_visit(diary: Diary, treatment_ids: Sequence[uuid.UUID], dentist_id: uuid.UUID) -> Treatment | None:
    """These treatments as one, as the dentist does them, if any is named.

    Raises UnknownTreatment, NotOffered, and InvalidDuration where they cannot be one visit.
    """
    if not treatment_ids:
        return None
    check_known_visit(diary, treatment_ids)
    check_offered(diary, treatment_ids, dentist_id)
    treatment = diary.visit(treatment_ids, dentist_id)
    if treatment is not None and treatment.duration > LONGEST_APPOINTMENT:
        raise errors.InvalidDuration("These treatments take longer than the longest appointment, twelve hours.")
    return treatment


def check_known_visit(diary: Diary, treatment_ids: Sequence[uuid.UUID]) -> None:
    """Raise UnknownTreatment, or InvalidDuration where they cannot be one visit, whoever the dentist is."""
    treatment = diary.visit(treatment_ids, None)
    if treatment is None or not treatment.is_offered:
        raise errors.UnknownTreatment
    if len({diary.treatments[id_].chair_kind for id_ in treatment_ids} - {None}) > 1:
        raise errors.InvalidDuration("These treatments need chairs of two kinds; book them as two appointments.")


def check_offered(diary: Diary, treatment_ids: Sequence[uuid.UUID], dentist_id: uuid.UUID) -> None:
    """Raise NotOffered where the dentist does not offer all of them."""
    if not offers_all(diary.dentists[dentist_id].offers, treatment_ids):
        raise errors.NotOffered


def wanted_time(
    diary: Diary, actor: Actor, starts_at: datetime, ends_at: datetime | None, treatment: Treatment | None
) -> Interval:
    """From when to when: until `ends_at`, or as long as the treatment takes; raises InvalidDuration.

    How long a treatment takes binds patients; staff know who needs longer.
    """
    if treatment is not None:
        if ends_at is None:
            return Interval(starts_at, starts_at + treatment.duration)
        if not actor.is_staff and ends_at != starts_at + treatment.duration:
            minutes = int(treatment.duration.total_seconds() // 60)
            raise errors.InvalidDuration(f"The treatment takes {minutes} minutes; endsAt says something else.")
    if ends_at is None or ends_at <= starts_at:
        raise errors.InvalidDuration("endsAt must come after startsAt.")
    longest = LONGEST_APPOINTMENT if actor.is_staff else diary.patient_booking
    if (treatment is None or actor.is_staff) and ends_at - starts_at > longest:
        minutes = int(longest.total_seconds() // 60)
        raise errors.InvalidDuration(f"At most {minutes} minutes can be booked.")
    return Interval(starts_at, ends_at)


def check_start(
    diary: Diary,
    actor: Actor,
    starts_at: datetime,
    treatment: Treatment | None,
    *,
    received_at: datetime,
    asked_at: datetime | None = None,
) -> None:
    """Raise InThePast, TooSoon or TooFarAhead.

    A patient needs the notice that is due since `asked_at`; staff enter what they like from the beginning of today in
    the practice's zone, for a patient who sits in the chair already.
    """
    if actor.is_staff:
        midnight = received_at.astimezone(diary.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        if starts_at < midnight:
            raise errors.InThePast("That was before today.")
        return
    if starts_at < received_at:
        raise errors.InThePast
    refusal = notice_refusal(diary, treatment, starts_at - (asked_at or received_at))
    if refusal is not None:
        raise refusal


def check_open(diary: Diary, dentist_id: uuid.UUID, time: Interval) -> None:
    """Raise OutsideWorkingHours unless the dentist works then, is not away, and the practice is not closed."""
    if not is_open(diary.open(dentist_id, diary.hours(dentist_id, time)), time):
        raise errors.OutsideWorkingHours


def check_force(actor: Actor, wish: Book | Reschedule) -> None:
    """Raise Forbidden for a patient who forces, or names a chair or an assistant: that is the practice's to decide."""
    if actor.is_staff:
        return
    if wish.force:
        raise errors.Forbidden("Only the practice books in spite of its hours or of others.")
    if wish.model_fields_set & {"chair_id", "assistant_id"}:
        raise errors.Forbidden("Only the practice chooses a chair or an assistant.")


def check_chair(diary: Diary, chair_id: uuid.UUID | None) -> None:
    """Raise UnknownChair for one that is not in use."""
    if chair_id is not None and not any(chair_id in chairs for chairs in diary.chairs.values()):
        raise errors.UnknownChair


def check_assistant(diary: Diary, assistant_id: uuid.UUID | None) -> None:
    """Raise UnknownAssistant for whoever does not work here as one."""
    if assistant_id is not None and assistant_id not in diary.assistants:
        raise errors.UnknownAssistant


def notice_refusal(diary: Diary, treatment: Treatment | None, notice: timedelta) -> type[errors.Refusal] | None:
    """The refusal of a start that lies so far ahead, None where there is none."""
    if notice < timedelta(0):
        return errors.InThePast
    if not diary.notice_binds:
        return None
    least, most = notice_limits(diary, treatment)
    if notice < least:
        return errors.TooSoon
    if notice > most:
        return errors.TooFarAhead
    return None


def notice_limits(diary: Diary, treatment: Treatment | None) -> tuple[timedelta, timedelta]:
    """How far ahead a patient's booking must be at least, and may be at most."""
    least = treatment.minimum_notice if treatment else None
    most = treatment.furthest_advance if treatment else None
    return (
        diary.minimum_notice if least is None else least,
        diary.furthest_advance if most is None else most,
    )


def notice_window(diary: Diary, treatment: Treatment | None, at: datetime) -> Interval:
    """When a time may begin so that `notice_refusal` has none at that moment."""
    if not diary.notice_binds:
        return Interval(at, NEVER)
    least, most = notice_limits(diary, treatment)
    return Interval(at + least, NEVER if most >= NEVER - at else at + most + datetime.resolution)


def is_open(windows: Sequence[Interval], time: Interval) -> bool:
    """Whether a time lies within one of the windows, which are disjoint and in order."""
    place = bisect_right(windows, time.start, key=_start) - 1
    return place >= 0 and time.end <= windows[place].end


_start = attrgetter("start")


def check_cutoff(diary: Diary, actor: Actor, appointment: Appointment, received_at: datetime) -> None:
    """Raise PastCutoff for a patient who is later than the practice allows; staff may always.

    So may who has only just booked it.
    """
    if appointment.last_move is not None and appointment.last_move.is_fresh_of(actor, received_at):
        return
    if actor.is_patient and received_at > appointment.time.start - diary.cancel_cutoff:
        raise errors.PastCutoff


def check_when(diary: Diary, move: Move, appointment: Appointment, received_at: datetime) -> None:
    """Raise IllegalTransition for a move that is not of this moment."""
    starts_at = appointment.time.start
    if move.when == "after the start" and received_at < starts_at:
        if appointment.status not in RUNNING:
            raise errors.IllegalTransition(f"The appointment has not begun; {move.name} is for afterwards.")
    elif move.when == "on the day" and appointment.status not in RUNNING:
        dentist = diary.dentists.get(appointment.dentist_id)
        zone = dentist.zone if dentist is not None else diary.zone
        is_the_day = received_at.astimezone(zone).date() == starts_at.astimezone(zone).date()
        if not is_the_day and not starts_at - COMES_EARLY <= received_at <= starts_at:
            raise errors.IllegalTransition(f"The appointment is on another day; {move.name} is for its day.")


def own_hold(diary: Diary, actor: Actor, hold_id: uuid.UUID | None, received_at: datetime) -> Hold | None:
    """The hold that the booking names, if it is the sender's and was alive when the request was received."""
    hold = diary.holds.get(hold_id) if hold_id is not None else None
    return hold if hold is not None and hold.user_id == actor.user_id and hold.expires_at > received_at else None


def take_seat(
    diary: Diary,
    appointment: Appointment,
    received_at: datetime,
    *,
    hold: Hold | None = None,
    wish: SeatWish = ANY_SEAT,
) -> tuple[Appointment, list[RowToStore]]:
    """Give it the dentist, a fitting chair and an assistant where they are needed, and the patient's own time.

    Also says which holds go: the one that it is booked from, and expired ones that have not been swept yet.
    """
    own = {appointment.id, *([hold.id] if hold is not None else [])}
    held = NOWHERE if hold is None else Seat(hold.chair_id, hold.assistant_id)
    has = Seat(appointment.chair_id or held.chair_id, appointment.assistant_id or held.assistant_id)
    needs = diary.needs(appointment.treatments)
    place = Place(appointment.dentist_id, appointment.time, appointment.claimed, needs)
    found = find_seat(diary, place, received_at, besides=own, has=has, wish=wish)
    if not diary.is_patient_free(appointment.patient_id, appointment.time, besides=appointment.id):
        raise errors.PatientDoubleBooked
    given_up = give_up(diary, [*found.expired, *([hold.id] if hold is not None else [])])
    layer = OWN_LAYER if wish.force else wish.layer
    seated = replace(
        appointment, chair_id=found.chair_id, assistant_id=found.assistant_id, forced=wish.force, layer=layer
    )
    return seated, given_up


def find_seat(
    diary: Diary,
    place: Place,
    received_at: datetime,
    *,
    besides: Collection[uuid.UUID] = (),
    has: Seat = NOWHERE,
    wish: SeatWish = ANY_SEAT,
) -> Seat:
    """The dentist, a fitting chair and an assistant who are there for a time with its buffers; raises SlotTaken."""
    look = functools.partial(seat, diary, at=received_at, besides=besides, has=has)
    found = look(place, wish=wish)
    if found is not None:
        return found
    alone = replace(wish, chair_id=None, assistant_id=None)
    if look(replace(place, needs=NOTHING_ELSE), wish=alone) is None:
        raise errors.SlotTaken
    if look(replace(place, needs=Needs(place.needs.chair_kind)), wish=replace(wish, assistant_id=None)) is None:
        raise errors.SlotTaken("Every fitting chair is taken at this time.")
    raise errors.SlotTaken("No assistant is free at this time.")


def give_up(diary: Diary, hold_ids: Iterable[uuid.UUID]) -> list[RowToStore]:
    """End holds in the diary; returns the rows to delete."""
    rows = []
    for hold_id in hold_ids:
        diary.release(hold_id)
        rows.append(RowToStore(DELETE, "holds", hold_id))
    return rows
