"""Shapes of answers that more than one route gives, or that a verb writes: for the API's description only.

What is written here is made by `diary/wire`, `Actor.wire` and the like; tests/described.py compares each answer of a
test with the description.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, RootModel

from dental_sync.api.pages import PageOf
from dental_sync.core import errors
from dental_sync.core.roles import Profession, Role
from dental_sync.core.wire_types import Answer, Count, Date, Id, Instant, Language
from dental_sync.sockets.protocol import SubscriptionAnswer
from dental_sync.sync.shapes import AnyEvent, AppointmentAnswer

# In the order in which they are judged.
REFUSED_TIMES = (
    errors.UnknownDentist,
    errors.UnknownPatient,
    errors.UnknownTreatment,
    errors.NotOffered,
    errors.InvalidDuration,
    errors.InThePast,
    errors.TooSoon,
    errors.TooFarAhead,
    errors.OutsideWorkingHours,
    errors.SlotTaken,
    errors.PatientDoubleBooked,
)
REFUSED_HOLDS = (errors.HoldExpired,)
# Where staff may name what the dentist has beside.
REFUSED_HELP = (errors.UnknownChair, errors.UnknownAssistant)
# To a patient who asks for a time: the former two judged before all others, the last one when a time could be had.
REFUSED_PATIENTS = (errors.BookingBarred, errors.AddressNotConfirmed, errors.TooManyBookings)
REFUSED_CHANGES = (errors.PastCutoff, errors.IllegalTransition)


class OwnPatientAnswer(Answer):
    """A patient for whom an account acts: itself (`relation` is "self"), or as a guardian, in words or null."""

    id: Id
    name: Annotated[str, Field(examples=["Ben Schmidt"])]
    relation: Annotated[str | None, Field(examples=["mother"])]


class UserAnswer(Answer):
    """An account; the ids are those of the records that belong to it, and `patients` those for whom it acts."""

    id: Id
    role: Role
    name: Annotated[str, Field(examples=["Mia Schmidt"])]
    email: Annotated[str, Field(examples=["mia@example.test"])]
    language: Language
    patient_id: Id | None = None
    dentist_id: Id | None = None
    profession: Profession | None = None
    patients: list[OwnPatientAnswer]


class AccountAnswer(UserAnswer):
    """An account as admins see it."""

    active: bool
    second_factor: bool


class TokensAnswer(Answer):
    """Who signed in, the two tokens, and how many seconds the first is good for."""

    user: UserAnswer
    access_token: str
    refresh_token: str
    expires_in: Annotated[int, Field(examples=[900])]


class WorkingHoursAnswer(Answer):
    """A weekly window, by the dentist's clock; the dates are included."""

    iso_weekday: Annotated[int, Field(ge=1, le=7)]
    start: Annotated[str, Field(examples=["08:00"])]
    end: Annotated[str, Field(examples=["12:00"])]
    valid_from: Date | None = None
    valid_to: Date | None = None


class OfferedAnswer(Answer):
    """A treatment that a dentist offers; null as its length is the practice's."""

    treatment_id: Id
    duration_minutes: Annotated[int, Field(examples=[45])] | None


class DentistAnswer(Answer):
    """A dentist, the weekly hours, and what is offered; null as treatments is everything."""

    id: Id
    name: Annotated[str, Field(examples=["Dr. Anna Keller"])]
    time_zone: Annotated[str, Field(examples=["Europe/Berlin"])]
    working_hours: list[WorkingHoursAnswer]
    active: bool
    profession: Profession
    treatments: list[OfferedAnswer] | None


class StrandedBookings(Answer):
    """The ids of the bookings in the way, where it was done all the same."""

    appointments: list[Id]


class DentistChanged(DentistAnswer, StrandedBookings):
    """The dentist as changed, and the bookings that are stranded now."""


class TimeOffAnswer(Answer):
    """When a dentist is away."""

    id: Id
    dentist_id: Id
    starts_at: Instant
    ends_at: Annotated[Instant, Field(examples=["2030-01-14T09:00:00.000Z"])]
    reason: str | None


class TimeOffTaken(TimeOffAnswer, StrandedBookings):
    """When a dentist is away, and the bookings that are stranded now."""


class ClosureAnswer(Answer):
    """When the whole practice is closed."""

    id: Id
    starts_at: Instant
    ends_at: Annotated[Instant, Field(examples=["2030-01-14T09:00:00.000Z"])]
    reason: str | None


class ClosureMade(ClosureAnswer, StrandedBookings):
    """When the whole practice is closed, and the bookings that are stranded now."""


class RefusedAnswer(Answer):
    """One that could not be had, and the code of the refusal."""

    id: Id
    code: Annotated[str, Field(examples=["slot-taken"])]


class HandedOverAnswer(Answer):
    """The ids of the appointments that the colleague has now, and those that stayed where they were."""

    moved: list[Id]
    refused: list[RefusedAnswer]


class FollowingAnswer(Answer):
    """Appointments of one series as they are now, and those that could not be changed."""

    appointments: list[AppointmentAnswer]
    refused: list[RefusedAnswer]


class ChangedAnswer(RootModel[AppointmentAnswer | FollowingAnswer]):
    """The appointment; with `scope: "following"` those of its series, too."""


class TimeRefused(Answer):
    """A time that could not be had, and the code of the refusal."""

    starts_at: Instant
    code: Annotated[str, Field(examples=["slot-taken"])]


class SeriesAnswer(Answer):
    """The appointments of a series, and the times that could not be had."""

    series_id: Id
    appointments: list[AppointmentAnswer]
    refused: list[TimeRefused]


class HoldAnswer(Answer):
    """A time that is kept."""

    id: Id
    dentist_id: Id
    treatment_id: Id | None
    treatment_ids: Annotated[list[Id], Field(description="In their order; the first is treatmentId.")]
    starts_at: Instant
    ends_at: Annotated[Instant, Field(examples=["2030-01-07T09:30:00.000Z"])]
    expires_at: Annotated[Instant, Field(examples=["2030-01-06T18:05:00.000Z"])]


class SlotAnswer(Answer):
    """A time that can be booked."""

    dentist_id: Id
    starts_at: Instant
    ends_at: Annotated[Instant, Field(examples=["2030-01-07T09:30:00.000Z"])]


class SlotsAnswer(Answer):
    """What is free, and the position from which to follow what changes; `next` is there where there is more."""

    slots: list[SlotAnswer]
    position: Count
    epoch: Id
    next: Annotated[str, Field(examples=["WyJNaWEiXQ"])] | None = None


class AppointmentPage(PageOf[AppointmentAnswer]):
    """A page of appointments, and the position from which to follow the log."""

    position: Count
    epoch: Id


class EventsAnswer(Answer):
    """What a socket would have sent, and where to go on."""

    events: list[AnyEvent]
    position: Count
    epoch: Id
    more: bool


class ProcessAnswer(Answer):
    """How far a web process has come, and how far behind the log that is."""

    model_config = ConfigDict(extra="allow")

    id: str
    position: Count
    lag: Count
    connections: Count
    subscriptions: Count
    timestamp: Instant
    # A process of the release before does not say them.
    delivered: Annotated[Count | None, Field(description="Messages passed on since the process started.")] = None
    refusals: Annotated[dict[str, Count] | None, Field(description="Refusals since the process started, by code.")] = (
        None
    )


class Positions(Answer):
    """Where the log ends, and how far each process has come."""

    position: Count
    epoch: Id
    processes: list[ProcessAnswer]


class StatusAnswer(Positions):
    """Live subscriptions."""

    status: Literal["active"]
    active_subscriptions: Count
    subscriptions: list[SubscriptionAnswer]
    timestamp: Instant


class Statistics(Answer):
    """How many listen to appointments, to one dentist's availability, to everybody's."""

    appointments: Count
    availability: Count
    global_: Annotated[Count, Field(alias="global")]
    total: Count


class RoleStatistics(Statistics):
    """The same for one role, and on how many sockets."""

    connections: Count


class StatsAnswer(Positions):
    """How many listen to what."""

    stats: Statistics
    roles: dict[str, RoleStatistics]
    subscriptions: list[SubscriptionAnswer]
    timestamp: Instant
    by_role: dict[str, Count]
    active_connections: Count
    last_heartbeat: Instant | None


class HealthAnswer(Answer):
    """`ok`, or a sentence about the fault, for each check; and what is amiss by choice, which changes no status."""

    status: Literal["healthy", "degraded", "unhealthy"]
    service: Literal["realtime-sync"]
    active_subscriptions: Count
    timestamp: Instant
    checks: dict[str, str]
    notices: Annotated[
        list[str], Field(examples=[["REDIS_URL names another machine and is without TLS; use rediss://."]])
    ]


class LiveAnswer(Answer):
    """This process turns."""

    status: Literal["live"]


class ReadyAnswer(Answer):
    """Whether this process should be sent calls; `reasons` says why not, one sentence each."""

    status: Literal["ready", "unready"]
    reasons: list[str]
