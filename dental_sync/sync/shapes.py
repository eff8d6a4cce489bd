"""The messages of the log: one class for each event, which is built where the event is made.

A field that is forgotten or not declared fails there. What is read from the log or from Redis may have been written by
another release: it is passed on as it is and never validated (`events.Message`). OpenAPI, AsyncAPI and the clients'
types and lists of events are made from these classes.
"""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, create_model

from dental_sync.core.roles import BOOKING_ROLES
from dental_sync.core.wire_types import Answer, Count, Id, Instant, one_of

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
    status: Annotated[str, one_of("booked", "pending", "arrived", "checked-in", "fulfilled", "cancelled", "noshow")]
    confirmation: Annotated[str, one_of("unconfirmed", "reminded", "confirmed")]
    reason: str | None
    version: Count
    created_at: Instant
    updated_at: Instant
    cancelled_at: Instant | None
    cancelled_by: Annotated[str, one_of(*BOOKING_ROLES)] | None
    cancel_reason: str | None
    overbooked: Annotated[bool, Field(description="It shares a dentist's or a chair's time with another appointment.")]
    forced: Annotated[bool, Field(description="Staff booked it in spite of hours or of others.")]
    assistant_id: Id | None
    assistant_name: str | None
    treatment_ids: Annotated[list[Id], Field(description="In their order; the first is treatmentId.")]
    series_id: Id | None
    arrived_at: Instant | None
    checked_in_at: Instant | None


class Envelope(Answer):
    """The envelope of every message: where it stands in the log, and which rooms hear it."""

    position: Count
    epoch: Id
    occurred_at: Instant
    channels: list[Channel]


class Event(Answer):
    """What one kind of message says, beside its envelope."""

    # The event's name, as sockets hear it and as the log stores it: a name is never changed.
    type: ClassVar[str]


class AppointmentCreated(Event):
    """An appointment that is to be seen from now on."""

    type = "appointment:created"
    appointment: AppointmentAnswer


class AppointmentUpdated(Event):
    """An appointment as it is now, and the old values of what changed."""

    type = "appointment:updated"
    appointment: AppointmentAnswer
    previous: dict[str, Any]


class AppointmentDeleted(Event):
    """An appointment that is not to be seen any more."""

    type = "appointment:deleted"
    appointment_id: Id


AvailabilityChange = Literal["busy", "free", "hours", "time-off", "closure"]


class AvailabilityAnswer(Answer):
    """A time that is taken, free again, or to be asked for anew."""

    change: AvailabilityChange
    from_: Annotated[Instant | None, Field(alias="from")]
    to: Instant | None
    time_zone: Annotated[str, Field(examples=["Europe/Berlin"])]


class AvailabilityChanged(Event):
    """Something else is free than before; without a dentist it is about all of them."""

    type = "availability:changed"
    dentist_id: Id | None
    availability: AvailabilityAnswer


class RecordChanged(Event):
    """A record that staff work with is another one than before, or gone; the practice has no id. Read it by REST."""

    type = "record:changed"
    kind: Annotated[str, one_of("hold", "patient", "time-off", "closure", "treatment", "chair", "dentist", "practice")]
    id: Id | None
    change: Annotated[str, one_of("created", "updated", "deleted")]


class AccountRevoked(Event):
    """An account lost a right, or a session ended; for admins only."""

    type = "account:revoked"
    user_id: Id


# What goes to rooms, and everything that the log holds.
HEARD: tuple[type[Event], ...] = (
    AppointmentCreated,
    AppointmentUpdated,
    AppointmentDeleted,
    AvailabilityChanged,
    RecordChanged,
)
EVENTS: tuple[type[Event], ...] = (*HEARD, AccountRevoked)


@functools.cache
def with_envelope(event: type[Event]) -> type[Answer]:
    """An event's class as the documents show it: its envelope, its type, and what it says."""
    said: dict[str, Any] = {name: (field.rebuild_annotation(), field) for name, field in event.model_fields.items()}
    type_: Any = (Literal[event.type], ...)
    return create_model(event.__name__, __base__=Envelope, __doc__=event.__doc__, type=type_, **said)


# Any message of the log, as the documents show it; made of the list above.
if TYPE_CHECKING:
    AnyEvent = Answer
else:
    AnyEvent = functools.reduce(operator.or_, map(with_envelope, EVENTS))
