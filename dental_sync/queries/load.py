"""Reads from the database what the booking rules look at: the people, the rules of the practice, and what is taken."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from dental_sync.core import roles
from dental_sync.core.actor import Actor, OwnPatient
from dental_sync.core.config import Settings
from dental_sync.core.ids import array_of
from dental_sync.diary import shapes
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Appointment, Diary
from dental_sync.queries import around, remembered, rows, taken

# The active accounts among `{ids}`, an array.
ACTORS = """
    SELECT u.id AS actor_id, u.role, u.name, u.email, p.id AS patient_id, d.id AS dentist_id, d.profession,
        patients_of(u.id) AS patients, u.email_confirmed_at IS NOT NULL AS has_confirmed_address,
        u.vouched_at IS NOT NULL AS is_vouched_for
    FROM users u LEFT JOIN LATERAL (SELECT id FROM patients WHERE user_id = u.id OFFSET 0) AS p ON true
    LEFT JOIN LATERAL (SELECT id, profession FROM dentists WHERE user_id = u.id OFFSET 0) AS d ON true
    WHERE u.id = ANY ({ids}) AND u.active
"""
_ACTORS = text(ACTORS.format(ids="CAST(:ids AS uuid[])"))

_PATIENTS_OF_APPOINTMENTS = text("""
    SELECT a.id, a.patient_id, p.user_id, p.name FROM appointments a JOIN patients p ON p.id = a.patient_id
    WHERE a.id = ANY (CAST(:ids AS uuid[]))
""")

# The time that a request asks for, from the practice's rules and the appointment as it stands.
WantedTimeOf = Callable[[Diary, Appointment | None], shapes.Wanted | None]


@dataclasses.dataclass(frozen=True, slots=True)
class Need:
    """What one request needs to be decided: an appointment, a hold, and what is taken around a time.

    `own_holds`: the other holds of the account that asks count as well.
    """

    actor: Actor | None
    appointment_id: uuid.UUID | None = None
    hold_id: uuid.UUID | None = None
    own_holds: bool = False
    wanted: WantedTimeOf = shapes.no_time


def load(session: Session, settings: Settings, needs: Sequence[Need]) -> Diary:
    """Read all that deciding these requests needs; locks the appointments that they are about, in the order of ids."""
    diary = remembered.rules(session, settings)
    diary.appointments = rows.locked_appointments(
        session, {need.appointment_id for need in needs if need.appointment_id is not None}
    )
    diary.holds = rows.holds(
        session,
        {need.hold_id for need in needs if need.hold_id is not None},
        {need.actor.user_id for need in needs if need.own_holds and need.actor is not None},
    )
    wanted = _wanted(diary, needs)
    people = {id_ for one in wanted for id_ in (one.dentist_id, one.assistant_id) if id_ is not None}
    remembered.choose(diary, people, with_assistants=any(one.needs.assistant for one in wanted))
    if wanted:
        # One that is moved twice in a batch may end up later than it was read to be, by no more than its length.
        longest = max(one.time.end - one.time.start for one in wanted)
        span = Interval(min(one.time.start for one in wanted), max(one.time.end for one in wanted) + longest)
        claimable = [(id_, one.time) for one in wanted for id_ in _claimable(diary, one)]
        patients = [(one.patient_id, one.time) for one in wanted if one.patient_id is not None]
        around.add(session, diary, span, claimable=claimable, patients=patients)
    return diary


def _wanted(diary: Diary, needs: Sequence[Need]) -> list[shapes.Wanted]:
    """The times that these requests ask for, as far as the diary knows; each with its patient."""
    found = []
    for need in needs:
        before = diary.appointments.get(need.appointment_id) if need.appointment_id is not None else None
        wanted = need.wanted(diary, before)
        if wanted is not None:
            own = need.actor.patient_id if need.actor is not None else None
            found.append(dataclasses.replace(wanted, patient_id=wanted.patient_id or own))
    return found


def _claimable(diary: Diary, wanted: shapes.Wanted) -> set[uuid.UUID]:
    """Whose time may be claimed: the dentist's, and that of each chair and assistant who may be chosen."""
    chosen = {wanted.dentist_id, wanted.chair_id, wanted.assistant_id} - {None}
    chairs = diary.chairs.get(wanted.needs.chair_kind, ()) if wanted.needs.chair_kind is not None else ()
    assistants = diary.assistants if wanted.needs.assistant else ()
    return {id_ for id_ in (*chosen, *chairs, *assistants) if id_ is not None}


def load_range(
    session: Session,
    settings: Settings,
    span: Interval,
    *,
    at: datetime,
    treatment_ids: Sequence[uuid.UUID],
    dentist_id: uuid.UUID | None,
    until: datetime | None = None,
    duration: timedelta | None = None,
) -> Diary:
    """Read what is open and, at that moment, taken in a whole range, of one dentist or of all; of no patient anything.

    Of the chairs and assistants that the treatments may need; who has claimed what is not told. Claims are read as far
    beyond the range as the buffers of any treatment reach. Where `until` is given, the range is one of starts: what
    begins in it may go on until then, for `duration` or as long as the treatments take.
    """
    diary = rows.rules(session, settings)
    needs = diary.needs(treatment_ids)
    rows.add_people(session, diary, None if dentist_id is None else {dentist_id}, with_assistants=needs.assistant)
    if until is not None:
        visits = (diary.visit(treatment_ids, one) for one in diary.dentists)
        lengths = [visit.duration for visit in visits if visit is not None]
        length = max(lengths, default=timedelta(0)) if duration is None else duration
        span = Interval(span.start, min(span.end + length, until))
    diary.chairs = {kind: ids for kind, ids in diary.chairs.items() if kind == needs.chair_kind}
    buffers = [max(t.buffer_before_minutes, t.buffer_after_minutes) for t in diary.treatments.values()]
    reach = timedelta(minutes=max(buffers, default=0))
    taken.add(session, diary, Interval(span.start - reach, span.end + reach), at=at)
    return diary


def actors(session: Session, user_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, Actor]:
    """The active accounts among these, with the rights that they have now."""
    return {row.actor_id: actor(row) for row in session.execute(_ACTORS, {"ids": array_of(user_ids)})}


def actor(row: Row[Any]) -> Actor:
    """A row of `ACTORS`."""
    return Actor(
        row.actor_id,
        row.role,
        row.name,
        row.email,
        row.patient_id,
        row.dentist_id,
        profession=row.profession or roles.DENTIST,
        patients=OwnPatient.read(row.patients),
        has_confirmed_address=row.has_confirmed_address,
        is_vouched_for=row.is_vouched_for,
    )


def patients_of_appointments(session: Session, appointment_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, Actor]:
    """By appointment, its patient as one who acts for the own record, with an account or without one."""
    found = session.execute(_PATIENTS_OF_APPOINTMENTS, {"ids": [str(id_) for id_ in appointment_ids]})
    return {
        row.id: Actor(row.user_id or row.patient_id, roles.PATIENT, row.name, "", patient_id=row.patient_id)
        for row in found
    }
