"""The tables of the practice and its diary, as migrations/ makes them. Triggers fill what follows from other rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ForeignKey, Identity, types
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, Range
from sqlalchemy.orm import Mapped, mapped_column

from dental_sync.core.ids import new_id
from dental_sync.storage.base import Base, generated

# By column name: a row of a table, or the JSON of one that a trigger noted.
Row = Mapping[Any, Any]


class Practice(Base):
    """The one row of what holds for the whole practice."""

    __tablename__ = "practice"
    id: Mapped[int] = mapped_column(types.SmallInteger, primary_key=True, server_default="1")
    name: Mapped[str]
    time_zone: Mapped[str]
    minimum_notice_minutes: Mapped[int]
    furthest_advance_days: Mapped[int]
    slot_step_minutes: Mapped[int] = mapped_column(types.SmallInteger, server_default="15")
    # None: nothing is known about phone numbers without a country code.
    country: Mapped[str | None]
    public_booking: Mapped[str] = mapped_column(server_default="off")
    new_patients: Mapped[str] = mapped_column(server_default="open")
    # None: as many as they like.
    open_bookings_per_patient: Mapped[int | None] = mapped_column(types.SmallInteger)
    # None: what the process was started with.
    cancel_cutoff_hours: Mapped[int | None]
    address: Mapped[str | None]
    phone: Mapped[str | None]


class PracticeLogo(Base):
    """The one image that the practice shows everybody, if it has one."""

    __tablename__ = "practice_logo"
    id: Mapped[int] = mapped_column(types.SmallInteger, primary_key=True, server_default="1")
    media_type: Mapped[str]
    image: Mapped[bytes]


class Dentist(Base):
    """A person who treats, with their own diary and time zone."""

    __tablename__ = "dentists"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"), unique=True)
    name: Mapped[str]
    # The zone that holds; triggers keep it the practice's where the dentist follows it.
    time_zone: Mapped[str]
    follows_practice: Mapped[bool] = mapped_column(server_default="true")
    folded_name: Mapped[str] = generated()
    active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime] = mapped_column(server_default="now")
    profession: Mapped[str] = mapped_column(server_default="dentist")
    # Minutes by treatment, null as the practice has it; None is every treatment.
    offers: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Chair(Base):
    """What a patient is treated in; a treatment may need one of a kind."""

    __tablename__ = "chairs"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    kind: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default="true")
    folded_name: Mapped[str] = generated()


class ChairTimeOff(Base):
    """A chair is away."""

    __tablename__ = "chair_time_off"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    chair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("chairs.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str | None]


class Treatment(Base):
    """What can be booked, and how long it takes."""

    __tablename__ = "treatments"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    duration_minutes: Mapped[int] = mapped_column(types.SmallInteger)
    buffer_before_minutes: Mapped[int] = mapped_column(types.SmallInteger, server_default="0")
    buffer_after_minutes: Mapped[int] = mapped_column(types.SmallInteger, server_default="0")
    requires_approval: Mapped[bool] = mapped_column(server_default="false")
    chair_kind: Mapped[str | None]
    needs_assistant: Mapped[bool] = mapped_column(server_default="false")
    active: Mapped[bool] = mapped_column(server_default="true")
    # None: as the practice has it.
    slot_step_minutes: Mapped[int | None] = mapped_column(types.SmallInteger)
    minimum_notice_minutes: Mapped[int | None]
    furthest_advance_days: Mapped[int | None]
    # Whether it is shown to those who have no account.
    public: Mapped[bool] = mapped_column(server_default="true")
    folded_name: Mapped[str] = generated()


class WorkingHours(Base):
    """One weekly window, in wall-clock time of the dentist's zone."""

    __tablename__ = "working_hours"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    dentist_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dentists.id"))
    iso_weekday: Mapped[int] = mapped_column(types.SmallInteger)
    starts: Mapped[time]
    ends: Mapped[time]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    # Where it is false a window ends after it starts; where it is true it ends on the day after, 00:00 being midnight.
    ends_next_day: Mapped[bool] = mapped_column(server_default="false")


class TimeOff(Base):
    """A dentist is away."""

    __tablename__ = "time_off"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    dentist_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dentists.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str | None]


class Closure(Base):
    """The whole practice is closed."""

    __tablename__ = "closures"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str | None]


class Appointment(Base):
    """One booking. Names, version, and claimed range are kept by triggers, for plain SQL too."""

    __tablename__ = "appointments"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patients.id"))
    patient_name: Mapped[str]
    dentist_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dentists.id"))
    dentist_name: Mapped[str]
    treatment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("treatments.id"))
    chair_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("chairs.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    buffer_before_minutes: Mapped[int] = mapped_column(types.SmallInteger)
    buffer_after_minutes: Mapped[int] = mapped_column(types.SmallInteger)
    claimed_from: Mapped[datetime]
    claimed_to: Mapped[datetime]
    status: Mapped[str]
    confirmation: Mapped[str]
    reason: Mapped[str | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]
    cancel_reason: Mapped[str | None]
    # '(,)' is every layer: it stands alone. Written as 'empty' it is forced, and gets one of its own.
    layers: Mapped[Range[int]] = mapped_column(server_default="(,)")
    forced: Mapped[bool] = mapped_column(server_default="false")
    overbooked: Mapped[bool] = mapped_column(server_default="false")
    assistant_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("dentists.id"))
    assistant_name: Mapped[str | None]
    # Of a visit of several, the first being treatment_id.
    treatment_ids: Mapped[list[uuid.UUID] | None]
    series_id: Mapped[uuid.UUID | None]
    arrived_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    # diary/step_back.py
    last_move: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class AppointmentNotes(Base):
    """What the dentist wrote about an appointment: never part of the appointment, of a list or of an event."""

    __tablename__ = "appointment_notes"
    appointment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("appointments.id", ondelete="CASCADE"), primary_key=True
    )
    notes: Mapped[str]
    version: Mapped[int] = mapped_column(server_default="1")
    updated_at: Mapped[datetime] = mapped_column(server_default="now")
    updated_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))


class Hold(Base):
    """A time kept for one account for a few minutes."""

    __tablename__ = "holds"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    dentist_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dentists.id"))
    treatment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("treatments.id"))
    chair_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("chairs.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    buffer_before_minutes: Mapped[int] = mapped_column(types.SmallInteger)
    buffer_after_minutes: Mapped[int] = mapped_column(types.SmallInteger)
    claimed_from: Mapped[datetime]
    claimed_to: Mapped[datetime]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    layers: Mapped[Range[int]] = mapped_column(server_default="(,)")
    assistant_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("dentists.id"))
    treatment_ids: Mapped[list[uuid.UUID] | None]


class Claim(Base):
    """Who occupies a dentist, a chair or an assistant, and when; filled by triggers, read by everybody."""

    __tablename__ = "claims"
    owner_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    owner_kind: Mapped[str]
    resource_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    during: Mapped[Range[datetime]]
    expires_at: Mapped[datetime | None]
    layers: Mapped[Range[int]] = mapped_column(server_default="(,)")


class WriteRequest(Base):
    """A request to change something, stored before it is decided."""

    __tablename__ = "write_requests"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    seq: Mapped[int] = mapped_column(types.BigInteger, Identity(always=True), unique=True)
    # None: whoever has the link of a reminder, for its patient.
    sender_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    action: Mapped[str]
    # What it acts on or made: requests about one subject are applied in their order.
    subject_id: Mapped[uuid.UUID | None]
    body: Mapped[dict[str, Any]]
    if_match: Mapped[str | None]
    method: Mapped[str]
    path: Mapped[str]
    idempotency_key: Mapped[str | None]
    body_hash: Mapped[bytes]
    received_at: Mapped[datetime] = mapped_column(server_default="now")
    status: Mapped[str] = mapped_column(server_default="pending")
    attempts: Mapped[int] = mapped_column(types.SmallInteger, server_default="0")
    not_before: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default="-infinity")
    decided_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, Any] | None]
    resource: Mapped[str | None]
    request_id: Mapped[str | None]
    caller_request_id: Mapped[str | None]
    # Of who sent it, for the audit trail.
    address: Mapped[str | None]
    user_agent: Mapped[str | None]


class KeptAnswer(Base):
    """What was answered to a request with an Idempotency-Key that is no write request."""

    __tablename__ = "kept_answers"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    sender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    method: Mapped[str]
    path: Mapped[str]
    idempotency_key: Mapped[str]
    body_hash: Mapped[bytes]
    sent_at: Mapped[datetime] = mapped_column(server_default="now")
    answer: Mapped[dict[str, Any] | None]


class Lane(Base):
    """One row; who holds its lock is the lane."""

    __tablename__ = "lane"
    id: Mapped[int] = mapped_column(types.SmallInteger, primary_key=True, server_default="1")
    # Of what it remembers, see `RuleChange`.
    rules_version: Mapped[uuid.UUID] = mapped_column(server_default="random")


class AuditEntry(Base):
    """What an account did, read or was refused."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(types.BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default="now")
    actor_id: Mapped[uuid.UUID | None]
    actor_role: Mapped[str | None]
    action: Mapped[str]
    record_kind: Mapped[str]
    record_ids: Mapped[list[uuid.UUID]]
    request_id: Mapped[str | None]
    caller_request_id: Mapped[str | None]
    address: Mapped[str | None]
    user_agent: Mapped[str | None]
    details: Mapped[dict[str, Any] | None]
