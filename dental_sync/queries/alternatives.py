"""What is offered instead of a time that is taken: the nearest that could be booked, by the rules of `booking`.

Looks at the dentist who was asked for and at a bounded number of others, so that it costs the same in a practice of
ten dentists and of five hundred. Reads hours and claims, and of patients only when the one who is to come is elsewhere.
"""

from __future__ import annotations

import itertools
import uuid
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.core.roles import Reach
from dental_sync.diary import shapes
from dental_sync.diary.claims import Claim, Claims
from dental_sync.diary.free_times import nearest_free_times
from dental_sync.diary.intervals import Interval, WeeklyWindow, calendar_of
from dental_sync.diary.model import Dentist, Diary, Treatment, with_buffers
from dental_sync.diary.rules import is_open
from dental_sync.queries import rows
from dental_sync.queries.availability import Slot

ALTERNATIVES = 3
# How far around the wanted time is looked: near first, and wider while that gave too few.
REACHES = (timedelta(hours=3), timedelta(days=2), timedelta(days=14))
# With how many dentists beside the one who was asked for, chosen among how many.
OTHER_DENTISTS, CONSIDERED = 7, 64
# In how many chairs of the kind that is needed: the last by name, because the first are given out first.
CHAIRS = 16
# At how many places on the grids for each reach: two days of eight dentists on a grid of five minutes.
LOOKS = 4_000
# How far the log may have moved on before the people are read anew instead of looking through it.
LOOKED_THROUGH = 500

# An appointment that may be given another time.
_MOVABLE = ["pending", "booked"]

# `same_people`: no hours, chairs, treatments or dentists have changed since a position (the log tells it as `hours`).
_ASKED = text("""
    SELECT head.epoch, head.position, anything_unpublished() AS is_unsettled,
        CASE WHEN head.epoch::text = :epoch AND head.position - :position BETWEEN 0 AND :looked_through
            THEN NOT hours_changed_since(:position) ELSE false END AS same_people,
        practice.minimum_notice_minutes, practice.furthest_advance_days, practice.slot_step_minutes,
        before.id AS before_id, before.dentist_id, before.patient_id, before.starts_at, before.ends_at,
        before.buffer_before_minutes, before.buffer_after_minutes,
        treatment.id AS treatment_id, treatment.duration_minutes, treatment.chair_kind,
        treatment.buffer_before_minutes AS treatment_buffer_before,
        treatment.buffer_after_minutes AS treatment_buffer_after,
        treatment.slot_step_minutes AS treatment_slot_step,
        treatment.minimum_notice_minutes AS treatment_minimum_notice,
        treatment.furthest_advance_days AS treatment_furthest_advance,
        elsewhere.ids AS elsewhere_ids, elsewhere.starts AS elsewhere_starts, elsewhere.ends AS elsewhere_ends
    FROM practice CROSS JOIN log_head AS head
    LEFT JOIN appointments AS before ON before.id = :subject_id AND before.status = ANY (:movable)
    LEFT JOIN treatments AS treatment ON treatment.id = coalesce(:treatment_id, before.treatment_id)
    LEFT JOIN LATERAL (
        SELECT array_agg(id) AS ids, array_agg(starts_at) AS starts, array_agg(ends_at) AS ends
        FROM times_of_patient(coalesce(before.patient_id, :patient_id), tstzrange(
            coalesce(:starts_at, before.starts_at) - :reach, coalesce(:starts_at, before.starts_at) + :reach))
    ) AS elsewhere ON true
""")

# The dentist, and others in the order of ids from there on, the first again after the last.
_PEOPLE = text("""
    WITH near AS (
        (SELECT id, time_zone, 0 AS lap FROM dentists WHERE active AND id >= :dentist_id ORDER BY id LIMIT :considered)
        UNION ALL
        (SELECT id, time_zone, 1 AS lap FROM dentists WHERE active AND id < :dentist_id ORDER BY id LIMIT :considered)
        ORDER BY lap, id LIMIT :considered
    )
    SELECT near.id, near.time_zone, iso_weekday, starts, ends, valid_from, valid_to, ends_next_day
    FROM near LEFT JOIN working_hours ON working_hours.dentist_id = near.id
""")
_CHAIRS = text("""
    SELECT kind, (array_agg(id ORDER BY name DESC, id DESC))[1 : :most] AS ids FROM chairs WHERE active GROUP BY kind
""")

# Of these dentists in their order those whom no claim takes then.
_UNCLAIMED = text("""
    SELECT one.id FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS one (id, place)
    WHERE NOT EXISTS (
        SELECT FROM claims WHERE resource_id = one.id AND during && tstzrange(:starts_at, :ends_at)
            AND (expires_at IS NULL OR expires_at > :at))
    ORDER BY place LIMIT :most
""")

_WHEN = text("""
    SELECT 'taken' AS kind, busy.resource_id AS id, lower(run) AS starts_at, upper(run) AS ends_at
    FROM (
        SELECT resource_id, range_agg(during) AS runs FROM claims
        WHERE resource_id = ANY (CAST(:ids AS uuid[])) AND during && tstzrange(:starts_at, :ends_at)
            AND (expires_at IS NULL OR expires_at > :at) AND owner_id <> ALL (CAST(:besides AS uuid[]))
        GROUP BY resource_id
    ) AS busy CROSS JOIN LATERAL unnest(busy.runs) AS run
    UNION ALL
    SELECT 'away', dentist_id, starts_at, ends_at FROM absences
    WHERE dentist_id = ANY (CAST(:ids AS uuid[])) AND starts_at < :ends_at AND ends_at > :starts_at
    UNION ALL
    SELECT 'away', chair_id, starts_at, ends_at FROM chair_absences
    WHERE chair_id = ANY (CAST(:ids AS uuid[])) AND starts_at < :ends_at AND ends_at > :starts_at
    UNION ALL
    SELECT 'closed', NULL, starts_at, ends_at FROM closures WHERE starts_at < :ends_at AND ends_at > :starts_at
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
    treatment: Treatment
    rules: Rules
    # A dentist books into the own diary only.
    only_this_dentist: bool = False
    # The appointment that is to be moved, or the hold that is to be used: its own time is not in the way.
    besides: frozenset[uuid.UUID] = frozenset()
    # What is to be moved is there already: no alternative.
    has: Slot | None = None
    # The patient's other appointments, as far as is looked.
    elsewhere: tuple[Interval, ...] = ()
    # Staff book without notice, and as far ahead as they like.
    notice_binds: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for, and where the log stood before it was looked: until it moves on, the answer is the same.

    Without `is_settled` there were changes that have no position yet: an answer is worth nothing to the next.
    """

    want: Want
    epoch: str
    position: int
    is_settled: bool


@dataclass(slots=True)
class People:
    """Dentists with their hours, in the order of ids, and chairs by kind, as they were at a position of the log.

    `all_of_them` when there are no other dentists. Hours and chairs change seldom, so that this is kept.
    """

    dentists: Mapping[uuid.UUID, Dentist]
    chairs: Mapping[str, Sequence[uuid.UUID]]
    all_of_them: bool
    epoch: str
    position: int
    _open: dict[date, dict[uuid.UUID, Sequence[Interval]]] = field(default_factory=dict)

    def open_on(self, day: date) -> Mapping[uuid.UUID, Sequence[Interval]]:
        """When each is open that day in UTC, and until the end of windows that have begun; not who is away."""
        if len(self._open) > 100:
            self._open.clear()
        found = self._open.get(day)
        if found is None:
            found = {
                id_: calendar_of(tuple(dentist.hours), dentist.zone, day, day).hours
                for id_, dentist in self.dentists.items()
            }
            self._open[day] = found
        return found

    def around(self, dentist_id: uuid.UUID) -> Iterable[uuid.UUID]:
        """The others from this one on, the first after the last: so that not the same few are offered to everybody."""
        ids = list(self.dentists)
        place = bisect_left(ids, dentist_id)
        return (id_ for id_ in [*ids[place:], *ids[:place]] if id_ != dentist_id)


def understand(
    session: Session, actor: Actor, subject_id: uuid.UUID | None, wish: shapes.AsksForTime, known: People | None
) -> tuple[Question | None, People | None]:
    """What a refused request would have taken instead, and the people that are known where they are still the same.

    No question where nothing can be offered any more. Reads with the rights of who asks: for an appointment that they
    no longer see, or that is over, no other time is looked for.
    """
    row = session.execute(
        _ASKED,
        {
            "epoch": known.epoch if known is not None else None,
            "position": known.position if known is not None else 0,
            "looked_through": LOOKED_THROUGH,
            "subject_id": subject_id,
            "movable": _MOVABLE,
            "treatment_id": wish.treatment_id,
            "patient_id": wish.patient() or actor.own_patient_id,
            "starts_at": wish.starts_at,
            "reach": REACHES[-1] + shapes.LONGEST_APPOINTMENT,
        },
    ).one()
    if known is not None and row.same_people and not row.is_unsettled:
        known.position = max(known.position, row.position)
    else:
        known = None
    dentist_id, starts_at = wish.dentist_id or row.dentist_id, wish.starts_at or row.starts_at
    if dentist_id is None or starts_at is None or (subject_id is not None and row.before_id is None):
        return None, known
    has = None if row.before_id is None else Slot(row.dentist_id, rows.interval(row))
    want = Want(
        dentist_id,
        starts_at.astimezone(UTC),
        _treatment(row, wish, has),
        Rules(
            timedelta(minutes=row.minimum_notice_minutes),
            timedelta(days=row.furthest_advance_days),
            timedelta(minutes=row.slot_step_minutes),
        ),
        only_this_dentist=actor.reach is Reach.OWN_DIARY,
        besides=frozenset(i for i in (subject_id, wish.hold()) if i is not None),
        has=has,
        elsewhere=_elsewhere(row, subject_id),
        notice_binds=not actor.is_staff,
    )
    return Question(want, str(row.epoch), row.position, not row.is_unsettled), known


def _elsewhere(row: Any, subject_id: uuid.UUID | None) -> tuple[Interval, ...]:
    if row.elsewhere_ids is None:
        return ()
    times = zip(row.elsewhere_ids, row.elsewhere_starts, row.elsewhere_ends, strict=True)
    return tuple(Interval(start.astimezone(UTC), end.astimezone(UTC)) for id_, start, end in times if id_ != subject_id)


def _treatment(row: Any, wish: shapes.AsksForTime, has: Slot | None) -> Treatment:
    starts_at = wish.starts_at or row.starts_at
    treatment = Treatment(timedelta(0) if wish.ends_at is None else wish.ends_at - starts_at)
    if row.treatment_id is not None:
        treatment = Treatment(
            duration=timedelta(minutes=row.duration_minutes),
            buffer_before_minutes=row.treatment_buffer_before,
            buffer_after_minutes=row.treatment_buffer_after,
            chair_kind=row.chair_kind,
            slot_step=rows.span(minutes=row.treatment_slot_step),
            minimum_notice=rows.span(minutes=row.treatment_minimum_notice),
            furthest_advance=rows.span(days=row.treatment_furthest_advance),
        )
    if has is None or wish.treatment_id is not None:
        return treatment
    # It keeps the buffers that it was booked with, and the length where no other is asked for.
    return replace(
        treatment,
        duration=wish.ends_at - starts_at if wish.ends_at is not None else has.time.end - has.time.start,
        buffer_before_minutes=row.buffer_before_minutes,
        buffer_after_minutes=row.buffer_after_minutes,
    )


def people(session: Session, question: Question) -> People:
    """Read who may be offered beside the wanted dentist, and the chairs."""
    hours: dict[uuid.UUID, list[WeeklyWindow]] = defaultdict(list)
    zones = {}
    near = session.execute(_PEOPLE, {"dentist_id": question.want.dentist_id, "considered": CONSIDERED})
    for row in near:
        zones[row.id] = ZoneInfo(row.time_zone)
        if row.iso_weekday is not None:
            hours[row.id].append(rows.weekly_window(row))
    chairs = {row.kind: row.ids for row in session.execute(_CHAIRS, {"most": CHAIRS})}
    dentists = {id_: Dentist(zones[id_], tuple(hours[id_]), ()) for id_ in sorted(zones)}
    return People(dentists, chairs, len(zones) < CONSIDERED, question.epoch, question.position)


def whom_to_ask(session: Session, settings: Settings, want: Want, found: People, *, at: datetime) -> Diary:
    """The wanted dentist and the others who are looked at, and the chairs; nobody is away or taken yet.

    The others are first who is open and free at the wanted time, then who works that day.
    """
    others: list[uuid.UUID] = []
    if not want.only_this_dentist:
        time = Interval(want.starts_at, want.starts_at + want.treatment.duration)
        windows = found.open_on(time.start.date())
        ring = list(found.around(want.dentist_id))
        if len(ring) > OTHER_DENTISTS:
            open_then = [id_ for id_ in ring if is_open(windows[id_], time)]
            others = _unclaimed(session, want, open_then, time, at)
            that_day = [id_ for id_ in ring if windows[id_]]
            ring = list(dict.fromkeys([*others, *that_day, *ring]))
        others = ring[:OTHER_DENTISTS]
    kind = want.treatment.chair_kind
    return Diary(
        minimum_notice=want.rules.minimum_notice,
        furthest_advance=want.rules.furthest_advance,
        slot_step=want.rules.slot_step,
        cancel_cutoff=timedelta(hours=settings.cancel_cutoff_hours),
        patient_booking=timedelta(minutes=settings.patient_booking_minutes),
        hold_for=timedelta(seconds=settings.hold_seconds),
        holds_per_patient=settings.holds_per_patient,
        dentists={id_: found.dentists[id_] for id_ in [want.dentist_id, *others] if id_ in found.dentists},
        patients=frozenset(),
        treatments={},
        chairs={} if kind is None else {kind: found.chairs.get(kind, ())},
        closures=(),
        appointments={},
        notice_binds=want.notice_binds,
    )


def _unclaimed(session: Session, want: Want, ids: Sequence[uuid.UUID], time: Interval, at: datetime) -> list[uuid.UUID]:
    claimed = with_buffers(time, want.treatment.buffer_before_minutes, want.treatment.buffer_after_minutes)
    values = {
        "ids": [str(id_) for id_ in ids],
        "starts_at": claimed.start,
        "ends_at": claimed.end,
        "at": at,
        "most": OTHER_DENTISTS,
    }
    return list(session.scalars(_UNCLAIMED, values))


def read(session: Session, diary: Diary, want: Want, reach: timedelta, *, at: datetime) -> Diary:
    """The same dentists and chairs with what is closed and taken around the wanted time at that moment."""
    within = _within(want, reach, at)
    found = session.execute(
        _WHEN,
        {
            "ids": [str(id_) for id_ in [*diary.dentists, *itertools.chain.from_iterable(diary.chairs.values())]],
            "starts_at": within.start,
            "ends_at": within.end,
            "at": at,
            "besides": [str(id_) for id_ in want.besides],
        },
    )
    taken: dict[uuid.UUID, list[Claim]] = defaultdict(list)
    away: dict[uuid.UUID, list[Interval]] = defaultdict(list)
    closed = []
    for row in found:
        time = rows.interval(row)
        if row.kind == "taken":
            taken[row.id].append(Claim(time, None))
        elif row.kind == "away":
            away[row.id].append(time)
        else:
            closed.append(time)
    claims = {id_: Claims() for id_ in taken}
    for id_, of_one in taken.items():
        claims[id_].extend(of_one)
    dentists = {id_: Dentist(dentist.zone, dentist.hours, away[id_]) for id_, dentist in diary.dentists.items()}
    return replace(diary, dentists=dentists, chairs_away=away, closures=closed, taken=claims)


def nearest(diary: Diary, want: Want, reach: timedelta, at: datetime) -> list[Slot]:
    """Up to three times that could be booked at that moment, the nearest first. Pure, and bounded."""
    if want.starts_at + reach < at:
        # A request that was decided long ago: nothing near it lies ahead.
        return []
    found: list[Slot] = []
    free = nearest_free_times(
        diary, want.treatment, want.starts_at, want.dentist_id, _within(want, reach, at), at=at, looks=LOOKS
    )
    for dentist_id, time in free:
        if abs(time.start - want.starts_at) > reach or len(found) == ALTERNATIVES:
            break
        slot = Slot(dentist_id, time)
        if slot != want.has and not any(time.overlaps(other) for other in want.elsewhere):
            found.append(slot)
    return found


def _within(want: Want, reach: timedelta, at: datetime) -> Interval:
    """Wide enough for what begins within reach to end, and for its buffers."""
    treatment = want.treatment
    margin = treatment.duration + timedelta(minutes=treatment.buffer_before_minutes + treatment.buffer_after_minutes)
    return Interval(max(at, want.starts_at - reach) - margin, want.starts_at + reach + margin)
