"""The shapes of the log's messages, as the API's and the sockets' descriptions have them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from dental_sync.core.wire_types import Answer, Count, Id, Instant

Channel = Annotated[str, Field(examples=["availability:all"])]


class AppointmentAnswer(Answer):
    """A booking, the same for everybody who may see it."""

    id: Id
    patient_id: Id
    patient_name: Annotated[str, Field(examples=["Mia Schmidt"])]
    dentist_id: Id
    dentist_name: Annotated[str, Field(examples=["Dr. Anna Keller"])]
    treatment_id: Id | None
    chair_id: Id | None
    starts_at: Instant
    ends_at: Annotated[Instant, Field(examples=["2030-01-07T09:30:00.000Z"])]
    status: Literal["booked", "pending", "arrived", "checked-in", "fulfilled", "cancelled", "noshow"]
    confirmation: Literal["unconfirmed", "reminded", "confirmed"]
    reason: str | None
    version: Count
    created_at: Instant
    updated_at: Instant
    cancelled_at: Instant | None
    cancelled_by: Literal["patient", "dentist", "admin"] | None
    cancel_reason: str | None


class Event(Answer):
    """A message of the log."""

    position: Count
    epoch: Id
    occurred_at: Instant
    channels: list[Channel]


class AppointmentCreated(Event):
    """An appointment that is to be seen from now on."""

    type: Literal["appointment:created"]
    appointment: AppointmentAnswer


class AppointmentUpdated(Event):
    """An appointment as it is now, and the old values of what changed."""

    type: Literal["appointment:updated"]
    appointment: AppointmentAnswer
    previous: dict[str, Any]


class AppointmentDeleted(Event):
    """An appointment that is not to be seen any more."""

    type: Literal["appointment:deleted"]
    appointment_id: Id


class AvailabilityAnswer(Answer):
    """A time that is taken, free again, or to be asked for anew."""

    change: Literal["busy", "free", "hours", "time-off", "closure"]
    from_: Annotated[Instant | None, Field(alias="from")]
    to: Instant | None
    time_zone: Annotated[str, Field(examples=["Europe/Berlin"])]


class AvailabilityChanged(Event):
    """Something else is free than before; without a dentist it is about all of them."""

    type: Literal["availability:changed"]
    dentist_id: Id | None
    availability: AvailabilityAnswer


class AccountRevoked(Event):
    """An account lost a right, or a session ended; for admins only."""

    type: Literal["account:revoked"]
    user_id: Id
