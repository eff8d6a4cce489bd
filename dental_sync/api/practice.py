"""What can be booked, and by which rules: treatments, the practice. Everybody reads, admins write."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, ClassVar

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field

from dental_sync.api import openapi, pages
from dental_sync.api.answers import StrandedBookings
from dental_sync.api.requests import ADMINS, actor, token_auth
from dental_sync.api.writes import submit
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Answer, Changes, Flag, Id, Name, Shape
from dental_sync.diary.hours_shapes import Duration
from dental_sync.diary.practice_shapes import Advance, ChangePractice, NewPatients, Notice, PublicBooking, SlotStep
from dental_sync.records import audit, logo, practice

blueprint = APIBlueprint("practice", __name__, tag="Practice")

Buffer = Annotated[int, Field(ge=0, le=240, examples=[0])]


class Listing(pages.Page):
    """Admins may ask for what is no longer offered as well."""

    include_inactive: Annotated[Flag, Field(description="For admins: also what is no longer offered.")] = False


class NewTreatment(Shape):
    """Something to be booked; where it has no rule of its own, the practice's holds."""

    name: Name
    duration_minutes: Duration
    buffer_before_minutes: Buffer = 0
    buffer_after_minutes: Buffer = 0
    requires_approval: bool = False
    chair_kind: Name | None = None
    needs_assistant: bool = False
    slot_step_minutes: SlotStep | None = None
    minimum_notice_minutes: Notice | None = None
    furthest_advance_days: Advance | None = None
    # Whether it is shown to those who have no account.
    public: bool = True


class TreatmentChanges(Changes):
    """What is to be different about a treatment; null takes a rule of its own away."""

    clearable: ClassVar[frozenset[str]] = frozenset(
        {"chair_kind", "slot_step_minutes", "minimum_notice_minutes", "furthest_advance_days"}
    )

    name: Name | None = None
    duration_minutes: Duration | None = None
    buffer_before_minutes: Buffer | None = None
    buffer_after_minutes: Buffer | None = None
    requires_approval: bool | None = None
    chair_kind: Name | None = None
    needs_assistant: bool | None = None
    slot_step_minutes: SlotStep | None = None
    minimum_notice_minutes: Notice | None = None
    furthest_advance_days: Advance | None = None
    public: bool | None = None
    active: bool | None = None


class TreatmentAnswer(Answer):
    """What can be booked, and how long it takes; `active` is there for admins."""

    id: Id
    name: Annotated[str, Field(examples=["Check-up"])]
    duration_minutes: Annotated[int, Field(examples=[30])]
    buffer_before_minutes: Annotated[int, Field(examples=[0])]
    buffer_after_minutes: Annotated[int, Field(examples=[10])]
    requires_approval: bool
    chair_kind: Annotated[str, Field(examples=["surgery"])] | None = None
    needs_assistant: bool
    public: bool
    slot_step_minutes: Annotated[int, Field(examples=[15])] | None = None
    minimum_notice_minutes: Annotated[int, Field(examples=[120])] | None = None
    furthest_advance_days: Annotated[int, Field(examples=[90])] | None = None
    active: bool | None = None


class PracticeAnswer(Answer):
    """The practice, and the rules that hold for every treatment without its own."""

    name: Annotated[str, Field(examples=["Smile Street Dental"])]
    time_zone: Annotated[str, Field(examples=["Europe/Berlin"])]
    minimum_notice_minutes: Annotated[int, Field(examples=[120])]
    furthest_advance_days: Annotated[int, Field(examples=[400])]
    slot_step_minutes: Annotated[int, Field(examples=[15])]
    country: Annotated[str, Field(examples=["DE"])] | None
    public_booking: PublicBooking
    new_patients: NewPatients
    open_bookings_per_patient: Annotated[int, Field(examples=[5])] | None
    cancel_cutoff_hours: Annotated[int, Field(examples=[24])] | None
    address: Annotated[str, Field(examples=["Smile Street 1\n10115 Berlin"])] | None
    phone: Annotated[str, Field(examples=["030 5550123"])] | None


class PracticeChanged(PracticeAnswer, StrandedBookings):
    """The practice as changed, and the bookings that are stranded now."""


@blueprint.get("/treatments")
@blueprint.auth_required(token_auth)
@blueprint.input(Listing, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[TreatmentAnswer], refuses=[errors.Forbidden])
def list_treatments(wanted: Listing) -> Response:
    """List what can be booked, by name."""
    if wanted.include_inactive and not actor().administers:
        raise errors.Forbidden
    offered = {} if wanted.include_inactive else {"active": True}
    found = practice.TREATMENTS.page(db.session(), after=wanted.after, limit=wanted.limit, **offered)
    return pages.respond([_shown(treatment) for treatment in found.rows], found.next)


@blueprint.post("/treatments")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(NewTreatment, arg_name="wish")
@openapi.answers(TreatmentAnswer, 201, headers=["Location"])
def add_treatment(wish: NewTreatment) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Offer a treatment."""
    treatment = practice.TREATMENTS.add(db.session(), wish.model_dump())
    audit.note_and_commit(db.session(), actor(), "create", "treatment", treatment.id)
    return _shown(treatment), 201, {"Location": f"/api/treatments/{treatment.id}"}


@blueprint.get("/treatments/<uuid:treatment_id>")
@blueprint.auth_required(token_auth)
@openapi.answers(TreatmentAnswer)
def get_treatment(treatment_id: uuid.UUID) -> dict[str, Any]:
    """One treatment, also when it is no longer offered."""
    return _shown(practice.TREATMENTS.get(db.session(), treatment_id))


@blueprint.patch("/treatments/<uuid:treatment_id>")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(TreatmentChanges, arg_name="wish")
@openapi.answers(TreatmentAnswer)
def change_treatment(treatment_id: uuid.UUID, wish: TreatmentChanges) -> dict[str, Any]:
    """Change a treatment; appointments that were made before stay as they are."""
    treatment = practice.TREATMENTS.change(db.session(), treatment_id, wish.values())
    audit.note_and_commit(db.session(), actor(), "change", "treatment", treatment_id)
    return _shown(treatment)


@blueprint.delete("/treatments/<uuid:treatment_id>")
@blueprint.auth_required(token_auth, roles=ADMINS)
@openapi.answers(None, 204)
def withdraw_treatment(treatment_id: uuid.UUID) -> tuple[str, int]:
    """Offer a treatment no longer; appointments that have it keep it."""
    practice.TREATMENTS.change(db.session(), treatment_id, {"active": False})
    audit.note_and_commit(db.session(), actor(), "withdraw", "treatment", treatment_id)
    return "", 204


@blueprint.get("/practice")
@blueprint.auth_required(token_auth)
@openapi.answers(PracticeAnswer)
def get_practice() -> dict[str, Any]:
    """The practice and its booking rules."""
    return PracticeAnswer.model_validate(practice.rules(db.session())).wire()


@blueprint.patch("/practice")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(ChangePractice, arg_name="wish")
@openapi.answers(PracticeChanged, refuses=[errors.BookingsInTheWay], lane=True)
def change_practice(wish: ChangePractice) -> Response:
    """Change the name or the rules; a new zone is that of every dentist without one of their own.

    With `force` although bookings are in the way.
    """
    return submit("change-practice", wish)


@blueprint.put("/practice/logo")
@blueprint.auth_required(token_auth, roles=ADMINS)
@openapi.answers(None, 204, body_types=logo.MEDIA_TYPES, refuses=[errors.UnsupportedMediaType])
def set_logo() -> tuple[str, int]:
    """Show this image as the practice's logo: a PNG or a WebP, up to 64 KiB and 4,096 pixels each way."""
    logo.put(db.session(), request.get_data(), request.mimetype)
    audit.note_and_commit(db.session(), actor(), "change", "practice", ())
    return "", 204


@blueprint.delete("/practice/logo")
@blueprint.auth_required(token_auth, roles=ADMINS)
@openapi.answers(None, 204)
def remove_logo() -> tuple[str, int]:
    """Show no logo from now on."""
    logo.remove(db.session())
    audit.note_and_commit(db.session(), actor(), "change", "practice", ())
    return "", 204


def for_reader(answer: Answer) -> dict[str, Any]:
    """Only who can change it is told whether it is still offered."""
    shown = answer.wire()
    if not actor().administers:
        del shown["active"]
    return shown


def _shown(treatment: object) -> dict[str, Any]:
    return for_reader(TreatmentAnswer.model_validate(treatment))
