"""Rows of the database as the values that the rules look at, and nothing decided about them."""

from __future__ import annotations

import dataclasses
import functools
import json
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, text
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.core.ids import array_of
from dental_sync.core.roles import ASSISTANT, DENTIST
from dental_sync.diary.intervals import Interval, WeeklyWindow
from dental_sync.diary.model import Absence, Appointment, ChairAbsence, Dentist, Diary, Hold
from dental_sync.diary.step_back import LastMove
from dental_sync.diary.visits import Offers, Treatment
from dental_sync.storage import models, one_call
from dental_sync.storage.one_call import Statement

# What the rules see of an appointment has the columns' names, but for these, which are read from others.
_READ = frozenset({"time", "layer", "last_move", "treatment_ids"})
APPOINTMENT_COLUMNS = [field.name for field in dataclasses.fields(Appointment) if field.name not in _READ]
_APPOINTMENTS = Statement(f"""
    SELECT starts_at, ends_at, lower(layers) AS layer, last_move, treatment_ids, {", ".join(APPOINTMENT_COLUMNS)}
    FROM appointments
    WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")  # noqa: S608 - our own names
_HOLDS = Statement("""
    SELECT id, user_id, dentist_id, treatment_id, treatment_ids, chair_id, assistant_id, starts_at, ends_at,
        claimed_from, claimed_to, expires_at, lower(layers) AS layer
    FROM holds WHERE id = ANY (CAST(:named AS uuid[])) OR user_id = ANY (CAST(:askers AS uuid[]))
""")

# As text and in one call each: what is composed anew for each batch of the lane takes longer than PostgreSQL does.
_RULES = text("""
    SELECT time_zone, minimum_notice_minutes, furthest_advance_days, slot_step_minutes,
        new_patients = 'verified' AS needs_confirmed_address, new_patients = 'approve' AS approves_new_patients,
        open_bookings_per_patient, cancel_cutoff_hours,
        (SELECT json_agg(t) FROM treatments t) AS treatments,
        (SELECT json_object_agg(kind, ids) FROM (
            SELECT kind, array_agg(id ORDER BY name) AS ids FROM chairs WHERE active GROUP BY kind
        ) AS of_kind) AS chairs
    FROM practice
""")
# What a person is to the rules, of the row `d`. A week of hours as one text: few weeks differ, and each is taken apart
# once.
PERSON = """
    d.id, d.time_zone, d.profession, d.offers, (
        SELECT json_agg(json_build_array(iso_weekday, starts, ends, valid_from, valid_to, ends_next_day) ORDER BY id)
        FROM working_hours WHERE dentist_id = d.id
    )::text AS hours
"""
# Of these, and with `:with_assistants` all who assist; in the order of their names, in which an assistant is chosen.
_PEOPLE = text(f"""
    SELECT {PERSON} FROM dentists d
    WHERE d.active AND (d.id = ANY (CAST(:ids AS uuid[])) OR (:all AND d.profession <> 'assistant')
        OR (:with_assistants AND d.profession = 'assistant'))
    ORDER BY d.folded_name, d.id
""")  # noqa: S608 - our own words


def shut_of(people: str) -> str:
    """When the people that an expression gives and chairs are away, by views that never say why, or all is closed."""
    return f"""
        SELECT 'person' AS kind, dentist_id AS id, starts_at, ends_at FROM absences
        WHERE dentist_id = ANY ({people}) AND starts_at < :end AND ends_at > :start
        UNION ALL
        SELECT 'chair', chair_id, starts_at, ends_at FROM chair_absences WHERE starts_at < :end AND ends_at > :start
        UNION ALL
        SELECT 'practice', NULL, starts_at, ends_at FROM closures WHERE starts_at < :end AND ends_at > :start
    """  # noqa: S608 - our own words


SHUT = shut_of("CAST(:ids AS uuid[])")
SHUT_KINDS = ("person", "chair", "practice")


def rules(session: Session, settings: Settings) -> Diary:
    """The diary of an empty practice: its rules, its treatments (those that are no longer offered too), its chairs."""
    practice = session.execute(_RULES).one()
    return Diary(
        minimum_notice=timedelta(minutes=practice.minimum_notice_minutes),
        furthest_advance=timedelta(days=practice.furthest_advance_days),
        cancel_cutoff=timedelta(
            hours=settings.cancel_cutoff_hours if practice.cancel_cutoff_hours is None else practice.cancel_cutoff_hours
        ),
        patient_booking=timedelta(minutes=settings.patient_booking_minutes),
        slot_step=timedelta(minutes=practice.slot_step_minutes),
        hold_for=timedelta(seconds=settings.hold_seconds),
        holds_per_patient=settings.holds_per_patient,
        dentists={},
        patients=frozenset(),
        treatments={uuid.UUID(row["id"]): treatment(row) for row in practice.treatments or ()},
        # In the order of their names.
        chairs={kind: [uuid.UUID(id_) for id_ in ids] for kind, ids in (practice.chairs or {}).items()},
        closures=(),
        appointments={},
        zone=ZoneInfo(practice.time_zone),
        needs_confirmed_address=practice.needs_confirmed_address,
        approves_new_patients=practice.approves_new_patients,
        open_bookings_per_patient=practice.open_bookings_per_patient,
    )


def treatment(row: Mapping[str, Any]) -> Treatment:
    """The JSON of a row of the treatments as the rules see it."""
    return Treatment(
        duration=timedelta(minutes=row["duration_minutes"]),
        buffer_before_minutes=row["buffer_before_minutes"],
        buffer_after_minutes=row["buffer_after_minutes"],
        requires_approval=row["requires_approval"],
        chair_kind=row["chair_kind"],
        is_offered=row["active"],
        slot_step=span(minutes=row["slot_step_minutes"]),
        minimum_notice=span(minutes=row["minimum_notice_minutes"]),
        furthest_advance=span(days=row["furthest_advance_days"]),
        needs_assistant=row["needs_assistant"],
    )


def holds(session: Session, named: set[uuid.UUID], askers: set[uuid.UUID]) -> dict[uuid.UUID, Hold]:
    """The holds with these ids, and all holds of these accounts."""
    if not named and not askers:
        return {}
    ids = {"named": array_of(named), "askers": array_of(askers)}
    return {row.id: hold(row) for row in one_call.execute(session, [_HOLDS], ids)}


def hold(row: Row[Any]) -> Hold:
    """A row of the holds, with its `layer`, as the rules see it."""
    return Hold(
        id=row.id,
        user_id=row.user_id,
        dentist_id=row.dentist_id,
        treatment_id=row.treatment_id,
        chair_id=row.chair_id,
        time=interval(row),
        claimed=Interval(row.claimed_from.astimezone(UTC), row.claimed_to.astimezone(UTC)),
        expires_at=row.expires_at,
        layer=row.layer,
        assistant_id=row.assistant_id,
        treatment_ids=row.treatment_ids and tuple(row.treatment_ids),
    )


def span(*, minutes: int | None = None, days: int | None = None) -> timedelta | None:
    """A column that is null where the practice's own rule holds."""
    return None if minutes is None and days is None else timedelta(minutes=minutes or 0, days=days or 0)


def locked_appointments(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, Appointment]:
    """These appointments, locked in the order of their ids until the transaction ends."""
    if not ids:
        return {}
    return {
        row.id: Appointment(
            time=interval(row),
            layer=row.layer,
            last_move=LastMove.from_wire(row.last_move),
            treatment_ids=row.treatment_ids and tuple(row.treatment_ids),
            **{name: getattr(row, name) for name in APPOINTMENT_COLUMNS},
        )
        for row in one_call.execute(session, [_APPOINTMENTS], {"ids": array_of(ids)})
    }


def add_people(session: Session, diary: Diary, ids: Collection[uuid.UUID] | None, *, with_assistants: bool) -> None:
    """Read the dentists who take bookings, all where `ids` is None, and those who assist: all, or those among `ids`."""
    values = {
        "ids": [str(id_) for id_ in ids or ()],
        "all": ids is None,
        "with_assistants": with_assistants,
    }
    people: dict[str, dict[uuid.UUID, Dentist]] = {ASSISTANT: {}, DENTIST: {}}
    for row in session.execute(_PEOPLE, values):
        people[ASSISTANT if row.profession == ASSISTANT else DENTIST][row.id] = person(row)
    diary.dentists, diary.assistants = people[DENTIST], people[ASSISTANT]


def person(row: Row[Any]) -> Dentist:
    """A row of `PERSON` as the rules see it; nobody is away yet."""
    return Dentist(ZoneInfo(row.time_zone), _week(row.hours), (), offers(row.offers))


@functools.lru_cache(maxsize=4_096)
def _week(hours: str | None) -> tuple[WeeklyWindow, ...]:
    """The hours of `PERSON`."""
    return tuple(
        WeeklyWindow(weekday, _clock(starts), _clock(ends), _date(valid_from), _date(valid_to), ends_next_day)
        for weekday, starts, ends, valid_from, valid_to, ends_next_day in json.loads(hours or "[]")
    )


def _clock(text: str) -> time:
    hour, minute, second = map(int, text.split(":"))
    # PostgreSQL knows 24:00.
    return time(hour % 24, minute, second)


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def shut(diary: Diary, span: Interval) -> dict[str, object]:
    """The values for `SHUT`: when these people, all chairs and the practice are away or closed within a span."""
    return {"ids": array_of([*diary.dentists, *diary.assistants]), "start": span.start, "end": span.end}


def enter_absences(diary: Diary, found: Iterable[Row[Any]]) -> None:
    """Write rows of `SHUT` into the diary."""
    away: dict[str, dict[uuid.UUID | None, list[Interval]]] = defaultdict(lambda: defaultdict(list))
    for absence in found:
        away[absence.kind][absence.id].append(interval(absence))
    diary.dentists, diary.assistants = (
        {id_: dataclasses.replace(one, away=away["person"][id_]) for id_, one in group.items()}
        for group in (diary.dentists, diary.assistants)
    )
    diary.chairs_away = {id_: times for id_, times in away["chair"].items() if id_ is not None}
    diary.closures = away["practice"][None]


def offers(stored: Mapping[str, int | None] | None) -> Offers | None:
    """What a dentist offers, from the column: minutes by treatment, null as the practice has it."""
    return None if stored is None else {uuid.UUID(id_): span(minutes=length) for id_, length in stored.items()}


def weekly_window(row: models.WorkingHours | Row[Any]) -> WeeklyWindow:
    """A row of the working hours as the rules see it."""
    return WeeklyWindow(row.iso_weekday, row.starts, row.ends, row.valid_from, row.valid_to, row.ends_next_day)


def absence(row: models.TimeOff | models.Closure) -> Absence:
    """A row of time off, which names its dentist, or of a closure."""
    return Absence(row.id, getattr(row, "dentist_id", None), interval(row), row.reason)


def chair_absence(row: models.ChairTimeOff) -> ChairAbsence:
    """A row of a chair's time off."""
    return ChairAbsence(row.id, row.chair_id, interval(row), row.reason)


def overlapping(
    table: type[models.Appointment | models.Hold | models.TimeOff | models.ChairTimeOff | models.Closure],
    start: datetime | None,
    end: datetime | None,
) -> list[ColumnElement[bool]]:
    """The conditions under which a row shares an instant with `[start, end)`, open where it is None."""
    after = [] if start is None else [table.ends_at > start]
    before = [] if end is None else [table.starts_at < end]
    return [*after, *before]


def interval(row: object) -> Interval:
    """`starts_at` and `ends_at` of a row, in UTC."""
    starts_at: datetime = row.starts_at  # type: ignore[attr-defined]  # a row of one of the queries above
    ends_at: datetime = row.ends_at  # type: ignore[attr-defined]
    return Interval(starts_at.astimezone(UTC), ends_at.astimezone(UTC))
