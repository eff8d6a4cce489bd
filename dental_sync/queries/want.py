"""What would do instead of a time that is taken: understood from the request that was refused."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.roles import Reach
from dental_sync.diary import shapes
from dental_sync.diary.intervals import Interval
from dental_sync.diary.visits import Needs, Offers, Treatment, as_one, length_with, offers_all
from dental_sync.queries import rows
from dental_sync.queries.availability import Slot
from dental_sync.queries.people import People
from dental_sync.storage import one_call
from dental_sync.storage.one_call import Statement

# How far around the wanted time is looked: near first, and wider while that gave too few.
REACHES = (timedelta(hours=3), timedelta(days=2), timedelta(days=14))
# How far the log may have moved on before the people are read anew instead of looking through it.
LOOKED_THROUGH = 500

# An appointment that may be given another time.
_MOVABLE = ["pending", "booked"]

# `same_people`: no hours, chairs, treatments or dentists have changed since a position (the log tells it as `hours`).
_ASKED = Statement("""
    SELECT head.epoch, head.position, anything_unpublished() AS is_unsettled,
        CASE WHEN head.epoch::text = :epoch AND head.position - :position BETWEEN 0 AND :looked_through
            THEN NOT hours_changed_since(:position) ELSE false END AS same_people,
        practice.minimum_notice_minutes, practice.furthest_advance_days, practice.slot_step_minutes,
        before.id AS before_id, before.dentist_id, before.patient_id, before.starts_at, before.ends_at,
        before.buffer_before_minutes, before.buffer_after_minutes, visit.treatments,
        elsewhere.ids AS elsewhere_ids, elsewhere.starts AS elsewhere_starts, elsewhere.ends AS elsewhere_ends
    FROM practice CROSS JOIN log_head AS head
    LEFT JOIN appointments AS before ON before.id = :subject_id AND before.status = ANY (:movable)
    LEFT JOIN LATERAL (
        SELECT json_agg(treatments ORDER BY place) AS treatments
        FROM unnest(coalesce(
            CAST(:treatment_ids AS uuid[]), before.treatment_ids, ARRAY[before.treatment_id]))
            WITH ORDINALITY AS named (id, place)
        JOIN treatments USING (id)
    ) AS visit ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(id) AS ids, array_agg(starts_at) AS starts, array_agg(ends_at) AS ends
        FROM times_of_patient(coalesce(before.patient_id, :patient_id), tstzrange(
            coalesce(:starts_at, before.starts_at) - CAST(:reach AS interval),
            coalesce(:starts_at, before.starts_at) + CAST(:reach AS interval)))
    ) AS elsewhere ON true
""")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the practice says about every time."""

    minimum_notice: timedelta
    furthest_advance: timedelta
    slot_step: timedelta


@dataclass(frozen=True, slots=True)
class Want:
    """What would do as well as a time that was taken: the same length, as near as can be."""

    dentist_id: uuid.UUID
    starts_at: datetime
    # What is to be done, in order; none where only a length is asked for.
    treatments: tuple[tuple[uuid.UUID, Treatment], ...]
    rules: Rules
    # In place of what the treatments have: a length that was asked for, and what an appointment was booked with.
    length: timedelta | None = None
    buffers: tuple[int, int] | None = None
    # A dentist books into the own diary only.
    only_this_dentist: bool = False
    # The appointment that is to be moved, or the hold that is to be used: its own time is not in the way.
    besides: frozenset[uuid.UUID] = frozenset()
    # Staff book without notice, and as far ahead as they like.
    notice_binds: bool = True

    @property
    def needs(self) -> Needs:
        """What is needed beside the dentist."""
        kinds = [one.chair_kind for _, one in self.treatments if one.chair_kind is not None]
        return Needs(kinds[0] if kinds else None, any(one.needs_assistant for _, one in self.treatments))

    def with_offers(self, offers: Offers | None) -> Treatment | None:
        """How a dentist who offers this does it; None where it is not offered."""
        if not offers_all(offers, [id_ for id_, _ in self.treatments]):
            return None
        treatment = Treatment(timedelta(0))
        if self.treatments:
            treatment = as_one(
                [one for _, one in self.treatments],
                [length_with(offers, id_, one) for id_, one in self.treatments],
                minimum_notice=self.rules.minimum_notice,
                furthest_advance=self.rules.furthest_advance,
            )
        if self.length is not None:
            treatment = replace(treatment, duration=self.length)
        if self.buffers is not None:
            before, after = self.buffers
            treatment = replace(treatment, buffer_before_minutes=before, buffer_after_minutes=after)
        return treatment


@dataclass(frozen=True, slots=True)
class Own:
    """What is free and yet no alternative for who asks, of which nobody else may learn."""

    # What is to be moved is there already.
    has: Slot | None = None
    # The patient's other appointments, as far as is looked.
    elsewhere: tuple[Interval, ...] = ()

    def rules_out(self, slot: Slot) -> bool:
        """Whether it is the time that they have, or one at which they are elsewhere."""
        return slot == self.has or any(slot.time.overlaps(other) for other in self.elsewhere)


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for, and where the log stood before it was looked: until it moves on, what is free is the same.

    It says nothing of who asks, so that all who want the same ask the same.

    Without `is_settled` there were changes that have no position yet: an answer is worth nothing to the next.
    """

    want: Want
    epoch: str
    position: int
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Understood:
    """A refused request: what would do instead, what of that would not do for who asks, and whom it may be with.

    Nobody is known where people may have changed since they were read.
    """

    question: Question
    own: Own
    people: People | None


def understand(
    session: Session, actor: Actor, subject_id: uuid.UUID | None, wish: shapes.AsksForTime, known: People | None
) -> Understood | None:
    """What a refused request would have taken instead; None where nothing can be offered any more.

    Reads with the rights of who asks: for an appointment that they no longer see, or that is over, no other time is
    looked for. Leaves the session without a connection.
    """
    [row] = one_call.alone(
        session,
        _ASKED,
        {
            "epoch": known.epoch if known is not None else None,
            "position": known.position if known is not None else 0,
            "looked_through": LOOKED_THROUGH,
            "subject_id": subject_id,
            "movable": _MOVABLE,
            "treatment_ids": [str(id_) for id_ in wish.treatments()] or None,
            "patient_id": wish.patient() or actor.own_patient_id,
            "starts_at": wish.starts_at,
            "reach": REACHES[-1] + shapes.LONGEST_APPOINTMENT,
        },
    )
    if known is not None and row.same_people and not row.is_unsettled:
        known.position = max(known.position, row.position)
    else:
        known = None
    dentist_id, starts_at = wish.dentist_id or row.dentist_id, wish.starts_at or row.starts_at
    if dentist_id is None or starts_at is None or (subject_id is not None and row.before_id is None):
        return None
    has = None if row.before_id is None else Slot(row.dentist_id, rows.interval(row))
    want = Want(
        dentist_id,
        starts_at.astimezone(UTC),
        tuple((uuid.UUID(one["id"]), rows.treatment(one)) for one in row.treatments or ()),
        Rules(
            timedelta(minutes=row.minimum_notice_minutes),
            timedelta(days=row.furthest_advance_days),
            timedelta(minutes=row.slot_step_minutes),
        ),
        _length(wish, starts_at, has),
        # It keeps the buffers that it was booked with, unless something else is to be done.
        None if has is None or wish.treatments() else (row.buffer_before_minutes, row.buffer_after_minutes),
        only_this_dentist=actor.reach is Reach.OWN_DIARY,
        besides=frozenset(i for i in (subject_id, wish.hold()) if i is not None),
        notice_binds=not actor.is_staff,
    )
    question = Question(want, str(row.epoch), row.position, not row.is_unsettled)
    return Understood(question, Own(has, _elsewhere(row, subject_id)), known)


def _elsewhere(row: Any, subject_id: uuid.UUID | None) -> tuple[Interval, ...]:
    if row.elsewhere_ids is None:
        return ()
    times = zip(row.elsewhere_ids, row.elsewhere_starts, row.elsewhere_ends, strict=True)
    return tuple(Interval(start.astimezone(UTC), end.astimezone(UTC)) for id_, start, end in times if id_ != subject_id)


def _length(wish: shapes.AsksForTime, starts_at: datetime, has: Slot | None) -> timedelta | None:
    """A length that is asked for, or kept; None is as long as the treatments take."""
    if wish.ends_at is not None:
        return wish.ends_at - starts_at
    return None if has is None or wish.treatments() else has.time.end - has.time.start
