"""The diary in memory, as the rules see it: people, hours, treatments, chairs, and who has claimed what. No I/O."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from dental_sync.core.roles import DENTIST
from dental_sync.diary.claims import Claim, Claims
from dental_sync.diary.intervals import NEVER, Interval, WeeklyWindow, open_windows, subtract
from dental_sync.diary.step_back import LastMove
from dental_sync.diary.transitions import BLOCKING_STATUSES, OPEN_STATUSES
from dental_sync.diary.visits import NOTHING_ELSE, Needs, Offers, Treatment, as_one, length_with, named_treatments


@dataclass(frozen=True, slots=True)
class Dentist:
    """A person with a diary as the rules see them; `offers` None is every treatment."""

    zone: ZoneInfo
    hours: Sequence[WeeklyWindow]
    away: Sequence[Interval]
    offers: Offers | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment as the rules see it."""

    id: uuid.UUID
    patient_id: uuid.UUID
    dentist_id: uuid.UUID
    treatment_id: uuid.UUID | None
    chair_id: uuid.UUID | None
    time: Interval
    buffer_before_minutes: int
    buffer_after_minutes: int
    status: str
    confirmation: str = "unconfirmed"
    reason: str | None = None
    version: int = 1
    # Asked for in spite of hours or of others.
    forced: bool = False
    # The one that it claims, where it was forced or stands beside a forced one; None: all of them.
    layer: int | None = None
    last_move: LastMove | None = None
    assistant_id: uuid.UUID | None = None
    # Of a visit of several, in their order, the first being treatment_id.
    treatment_ids: tuple[uuid.UUID, ...] | None = None

    @property
    def treatments(self) -> tuple[uuid.UUID, ...]:
        """What is done, in order; empty where no treatment was named."""
        return named_treatments(self.treatment_id, self.treatment_ids)

    @property
    def claimed(self) -> Interval:
        """The time that is taken by it, buffers included."""
        return with_buffers(self.time, self.buffer_before_minutes, self.buffer_after_minutes)

    @property
    def blocks(self) -> bool:
        """Whether its time is taken."""
        return self.status in BLOCKING_STATUSES


@dataclass(frozen=True, slots=True)
class Hold:
    """A time that is kept for one account, until it expires."""

    id: uuid.UUID
    user_id: uuid.UUID
    dentist_id: uuid.UUID
    treatment_id: uuid.UUID | None
    chair_id: uuid.UUID | None
    time: Interval
    claimed: Interval
    expires_at: datetime
    # The one that it claims, where it stands beside a forced appointment; None: all of them.
    layer: int | None = None
    assistant_id: uuid.UUID | None = None
    treatment_ids: tuple[uuid.UUID, ...] | None = None

    @property
    def treatments(self) -> tuple[uuid.UUID, ...]:
        """What it is held for, in order; empty where no treatment was named."""
        return named_treatments(self.treatment_id, self.treatment_ids)


@dataclass(frozen=True, slots=True)
class Absence:
    """A dentist's time off, or with `dentist_id` None a closure of the practice."""

    id: uuid.UUID
    dentist_id: uuid.UUID | None
    time: Interval
    reason: str | None


@dataclass(frozen=True, slots=True)
class Chair:
    """What a patient is treated in, and whether it is in use."""

    id: uuid.UUID
    name: str
    kind: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class ChairAbsence:
    """A chair's time off."""

    id: uuid.UUID
    chair_id: uuid.UUID
    time: Interval
    reason: str | None


@dataclass(frozen=True, slots=True)
class DentistHours:
    """A dentist's whole week, whether bookings are taken, and for what; `offers` None is every treatment."""

    id: uuid.UUID
    name: str
    zone: ZoneInfo
    hours: Sequence[WeeklyWindow]
    is_active: bool
    profession: str = DENTIST
    offers: Offers | None = None


@dataclass(frozen=True, slots=True)
class PracticeRules:
    """The practice: its name, its zone, and the rules that hold for every treatment without its own."""

    name: str
    time_zone: str
    minimum_notice_minutes: int
    furthest_advance_days: int
    slot_step_minutes: int
    country: str | None = None
    public_booking: str = "off"
    new_patients: str = "open"
    open_bookings_per_patient: int | None = None
    cancel_cutoff_hours: int | None = None
    address: str | None = None
    phone: str | None = None


_UTC = ZoneInfo("UTC")


@dataclass(slots=True)
class Diary:
    """What is known about the practice around the wanted times; decisions change it, for the next one to see."""

    minimum_notice: timedelta
    furthest_advance: timedelta
    cancel_cutoff: timedelta
    patient_booking: timedelta
    slot_step: timedelta
    hold_for: timedelta
    holds_per_patient: int
    dentists: Mapping[uuid.UUID, Dentist]
    patients: frozenset[uuid.UUID]
    treatments: Mapping[uuid.UUID, Treatment]
    chairs: Mapping[str, Sequence[uuid.UUID]]
    closures: Sequence[Interval]
    appointments: dict[uuid.UUID, Appointment]
    # Those who assist, in the order in which one is chosen; none of them is a dentist.
    assistants: Mapping[uuid.UUID, Dentist] = field(default_factory=dict)
    # chair -> when it cannot be used
    chairs_away: Mapping[uuid.UUID, Sequence[Interval]] = field(default_factory=dict)
    # The practice's.
    zone: ZoneInfo = _UTC
    # Whether notice and horizon bind who looks for a time; they bind patients.
    notice_binds: bool = True
    # The patients among them who may not book for themselves.
    barred: frozenset[uuid.UUID] = frozenset()
    # What binds patients who book for themselves: a confirmed address; approval, unless the practice has ever accepted
    # an appointment of theirs; how many they may have to come.
    needs_confirmed_address: bool = False
    approves_new_patients: bool = False
    accepted: frozenset[uuid.UUID] = frozenset()
    open_bookings_per_patient: int | None = None
    holds: dict[uuid.UUID, Hold] = field(default_factory=dict)
    # dentist, chair or assistant -> who has claimed it
    taken: dict[uuid.UUID, Claims] = field(default_factory=dict)
    # When the first of these claims expires, where they say neither whose they are nor until when.
    first_expiry: datetime = NEVER
    # patient -> appointment -> time
    patient_times: dict[uuid.UUID, dict[uuid.UUID, Interval]] = field(default_factory=dict)
    # patient -> pending or booked appointment -> start; where there is a limit
    open_starts: dict[uuid.UUID, dict[uuid.UUID, datetime]] = field(default_factory=dict)

    # What is free: the one definition, for listing, holding and booking alike.

    def hours(self, dentist_id: uuid.UUID, within: Interval) -> list[Interval]:
        """A dentist's working hours as merged windows in order that touch `within`; time off is no matter here."""
        dentist = self.dentists[dentist_id]
        return open_windows(dentist.hours, dentist.zone, within)

    def open(self, dentist_id: uuid.UUID, hours: Sequence[Interval]) -> list[Interval]:
        """What is left of these hours after time off and closures, in order."""
        return subtract(hours, [*self.dentists[dentist_id].away, *self.closures])

    def claims_over(
        self, resource_id: uuid.UUID, time: Interval, *, besides: Collection[uuid.UUID], layer: int | None
    ) -> list[Claim]:
        """Who has claimed a time of a dentist, a chair or an assistant, expired holds too.

        Without those of `besides`, and what is on another layer.
        """
        claims = self.taken.get(resource_id)
        over = claims.over(time) if claims is not None else ()
        return [claim for claim in over if claim.owner_id not in besides and claim.meets(layer)]

    def is_patient_free(self, patient_id: uuid.UUID, time: Interval, *, besides: uuid.UUID | None = None) -> bool:
        """Whether the patient has no other appointment at that time."""
        times = self.patient_times.get(patient_id, {})
        return not any(other.overlaps(time) for owner, other in times.items() if owner != besides)

    def open_bookings(self, patient_id: uuid.UUID, at: datetime) -> int:
        """How many appointments a patient has at that moment that are still to come."""
        return sum(starts_at > at for starts_at in self.open_starts.get(patient_id, {}).values())

    def visit(self, treatment_ids: Sequence[uuid.UUID], dentist_id: uuid.UUID | None) -> Treatment | None:
        """These treatments as one, at the lengths that they have with this dentist, if that is one who is known.

        None where none is named, or one is not known. Whether the dentist offers them is no matter here.
        """
        treatments = [self.treatments[id_] for id_ in treatment_ids if id_ in self.treatments]
        if not treatments or len(treatments) < len(treatment_ids):
            return None
        dentist = self.dentists.get(dentist_id) if dentist_id is not None else None
        offers = None if dentist is None else dentist.offers
        lengths = [length_with(offers, id_, one) for id_, one in zip(treatment_ids, treatments, strict=True)]
        return as_one(treatments, lengths, minimum_notice=self.minimum_notice, furthest_advance=self.furthest_advance)

    def needs(self, treatment_ids: Sequence[uuid.UUID]) -> Needs:
        """What these treatments need beside the dentist."""
        treatment = self.visit(treatment_ids, None)
        return NOTHING_ELSE if treatment is None else treatment.needs

    # What decisions change.

    def claim(self, resource_ids: Collection[uuid.UUID | None], claim: Claim) -> None:
        """Note that dentists, chairs or assistants are taken."""
        for resource_id in resource_ids:
            if resource_id is not None:
                self.taken.setdefault(resource_id, Claims()).put(claim)

    def release(self, owner_id: uuid.UUID) -> None:
        """Forget what an appointment or a hold has claimed, and the hold itself."""
        self.holds.pop(owner_id, None)
        for claims in self.taken.values():
            claims.drop(owner_id)

    def enter(self, appointment: Appointment) -> None:
        """Write an appointment into the diary, in place of what it said before; its version rises if it differs."""
        before = self.appointments.get(appointment.id)
        if before is not None:
            if appointment != before:
                appointment = replace(appointment, version=before.version + 1)
            self.release(appointment.id)
            self.patient_times.get(before.patient_id, {}).pop(appointment.id, None)
            self.open_starts.get(before.patient_id, {}).pop(appointment.id, None)
        self.appointments[appointment.id] = appointment
        if appointment.blocks:
            claim = Claim(appointment.claimed, appointment.id, layer=appointment.layer)
            self.claim((appointment.dentist_id, appointment.chair_id, appointment.assistant_id), claim)
            self.patient_times.setdefault(appointment.patient_id, {})[appointment.id] = appointment.time
        if appointment.status in OPEN_STATUSES:
            self.open_starts.setdefault(appointment.patient_id, {})[appointment.id] = appointment.time.start

    def hold(self, hold: Hold) -> None:
        """Keep a time for an account."""
        self.holds[hold.id] = hold
        claim = Claim(hold.claimed, hold.id, hold.expires_at, hold.layer)
        self.claim((hold.dentist_id, hold.chair_id, hold.assistant_id), claim)


INSERT: Final = "insert"
UPDATE: Final = "update"
DELETE: Final = "delete"


Record = Appointment | Hold | Absence | DentistHours | PracticeRules | Chair | ChairAbsence

# A table that rules write to.
TableName = Literal[
    "appointments",
    "holds",
    "dentists",
    "working_hours",
    "time_off",
    "closures",
    "practice",
    "chairs",
    "chair_time_off",
]


@dataclass(frozen=True, slots=True)
class RowToStore:
    """One row to be inserted, updated or deleted."""

    kind: Literal["insert", "update", "delete"]
    table: TableName
    id: uuid.UUID | int
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """One record that is made, changed or removed: as it is afterwards, or was before it was removed.

    `rows` are stored in their order. `stranded` are the appointments that are left outside the hours, in order. One
    that `changes_others` changes, when it is stored, what is known about others: it is stored by itself, and what comes
    after it is read anew. `before` is what an appointment that was there said.
    """

    effect: Literal["made", "changed", "removed"]
    record: Record
    rows: Sequence[RowToStore]
    stranded: Sequence[uuid.UUID] = ()
    changes_others: bool = False
    before: Appointment | None = None


def with_buffers(time: Interval, before_minutes: int, after_minutes: int) -> Interval:
    """A time with what is kept free around it."""
    if not before_minutes and not after_minutes:
        return time
    return Interval(time.start - timedelta(minutes=before_minutes), time.end + timedelta(minutes=after_minutes))
