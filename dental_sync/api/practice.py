"""What can be booked, and by which rules: treatments, chairs, the practice. Everybody reads, admins write."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from dental_sync.api import openapi, pages
from dental_sync.api.requests import actor, token_auth
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Answer, Changes, Flag, Id, Name, Shape, TimeZone
from dental_sync.records import audit, practice

blueprint = APIBlueprint("practice", __name__, tag="Practice")

ADMINS = ["admin"]


# No treatment takes longer than the longest appointment, twelve hours.
Duration = Annotated[int, Field(ge=1, le=720, examples=[30])]
Buffer = Annotated[int, Field(ge=0, le=240, examples=[0])]
SlotStep = Annotated[int, Field(ge=1, le=1_440, examples=[15])]
# A year.
Notice = Annotated[int, Field(ge=0, le=525_600, examples=[120])]
# Ten years.
Advance = Annotated[int, Field(ge=1, le=3_653, examples=[400])]


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
    slot_step_minutes: SlotStep | None = None
    minimum_notice_minutes: Notice | None = None
    furthest_advance_days: Advance | None = None


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
    slot_step_minutes: SlotStep | None = None
    minimum_notice_minutes: Notice | None = None
    furthest_advance_days: Advance | None = None
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
    slot_step_minutes: Annotated[int, Field(examples=[15])] | None = None
    minimum_notice_minutes: Annotated[int, Field(examples=[120])] | None = None
    furthest_advance_days: Annotated[int, Field(examples=[90])] | None = None
    active: bool | None = None


class NewChair(Shape):
    """A place to treat in."""

    name: Name
    kind: Name


class ChairChanges(Changes):
    """What is to be different about a chair."""

    name: Name | None = None
    kind: Name | None = None
    active: bool | None = None


class ChairAnswer(Answer):
    """A place to treat in; `active` is there for admins."""

    id: Id
    name: Annotated[str, Field(examples=["Room 1"])]
    kind: Annotated[str, Field(examples=["surgery"])]
    active: bool | None = None


class PracticeChanges(Changes):
    """What is to be different about the practice."""

    name: Name | None = None
    time_zone: TimeZone | None = None
    minimum_notice_minutes: Notice | None = None
    furthest_advance_days: Advance | None = None
    slot_step_minutes: SlotStep | None = None


class PracticeAnswer(Answer):
    """The practice, and the rules that hold for every treatment without its own."""

    name: Annotated[str, Field(examples=["Smile Street Dental"])]
    time_zone: Annotated[str, Field(examples=["Europe/Berlin"])]
    minimum_notice_minutes: Annotated[int, Field(examples=[120])]
    furthest_advance_days: Annotated[int, Field(examples=[400])]
    slot_step_minutes: Annotated[int, Field(examples=[15])]


@blueprint.get("/treatments")
@blueprint.auth_required(token_auth)
@blueprint.input(Listing, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[TreatmentAnswer], refuses=[errors.Forbidden])
def list_treatments(wanted: Listing) -> Response:
    """List what can be booked, by name."""
    return _list(practice.TREATMENTS, _treatment, wanted)


@blueprint.post("/treatments")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(NewTreatment, arg_name="wish")
@openapi.answers(TreatmentAnswer, 201, headers=["Location"])
def add_treatment(wish: NewTreatment) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Offer a treatment."""
    treatment = practice.TREATMENTS.add(db.session(), wish.model_dump())
    _commit("create", "treatment", treatment.id)
    return _treatment(treatment), 201, {"Location": f"/api/treatments/{treatment.id}"}


@blueprint.get("/treatments/<uuid:treatment_id>")
@blueprint.auth_required(token_auth)
@openapi.answers(TreatmentAnswer)
def get_treatment(treatment_id: uuid.UUID) -> dict[str, Any]:
    """One treatment, also when it is no longer offered."""
    return _treatment(practice.TREATMENTS.get(db.session(), treatment_id))


@blueprint.patch("/treatments/<uuid:treatment_id>")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(TreatmentChanges, arg_name="wish")
@openapi.answers(TreatmentAnswer)
def change_treatment(treatment_id: uuid.UUID, wish: TreatmentChanges) -> dict[str, Any]:
    """Change a treatment; appointments that were made before stay as they are."""
    treatment = practice.TREATMENTS.change(db.session(), treatment_id, wish.values())
    _commit("change", "treatment", treatment_id)
    return _treatment(treatment)


@blueprint.delete("/treatments/<uuid:treatment_id>")
@blueprint.auth_required(token_auth, roles=ADMINS)
@openapi.answers(None, 204)
def withdraw_treatment(treatment_id: uuid.UUID) -> tuple[str, int]:
    """Offer a treatment no longer; appointments that have it keep it."""
    practice.TREATMENTS.change(db.session(), treatment_id, {"active": False})
    _commit("withdraw", "treatment", treatment_id)
    return "", 204


@blueprint.get("/chairs")
@blueprint.auth_required(token_auth)
@blueprint.input(Listing, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[ChairAnswer], refuses=[errors.Forbidden])
def list_chairs(wanted: Listing) -> Response:
    """List the chairs, by name."""
    return _list(practice.CHAIRS, _chair, wanted)


@blueprint.post("/chairs")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(NewChair, arg_name="wish")
@openapi.answers(ChairAnswer, 201, headers=["Location"])
def add_chair(wish: NewChair) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Put up a chair."""
    chair = practice.CHAIRS.add(db.session(), wish.model_dump())
    _commit("create", "chair", chair.id)
    return _chair(chair), 201, {"Location": f"/api/chairs/{chair.id}"}


@blueprint.get("/chairs/<uuid:chair_id>")
@blueprint.auth_required(token_auth)
@openapi.answers(ChairAnswer)
def get_chair(chair_id: uuid.UUID) -> dict[str, Any]:
    """One chair, also when it is no longer used."""
    return _chair(practice.CHAIRS.get(db.session(), chair_id))


@blueprint.patch("/chairs/<uuid:chair_id>")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(ChairChanges, arg_name="wish")
@openapi.answers(ChairAnswer)
def change_chair(chair_id: uuid.UUID, wish: ChairChanges) -> dict[str, Any]:
    """Change a chair; appointments that have it keep it."""
    chair = practice.CHAIRS.change(db.session(), chair_id, wish.values())
    _commit("change", "chair", chair_id)
    return _chair(chair)


@blueprint.delete("/chairs/<uuid:chair_id>")
@blueprint.auth_required(token_auth, roles=ADMINS)
@openapi.answers(None, 204)
def withdraw_chair(chair_id: uuid.UUID) -> tuple[str, int]:
    """Use a chair no longer; appointments that have it keep it."""
    practice.CHAIRS.change(db.session(), chair_id, {"active": False})
    _commit("withdraw", "chair", chair_id)
    return "", 204


@blueprint.get("/practice")
@blueprint.auth_required(token_auth)
@openapi.answers(PracticeAnswer)
def get_practice() -> dict[str, Any]:
    """The practice and its booking rules."""
    return PracticeAnswer.model_validate(practice.rules(db.session())).wire()


@blueprint.patch("/practice")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(PracticeChanges, arg_name="wish")
@openapi.answers(PracticeAnswer)
def change_practice(wish: PracticeChanges) -> dict[str, Any]:
    """Change the name or the rules; a new zone is that of dentists who start from now on."""
    changed = practice.change_rules(db.session(), wish.values())
    _commit("change", "practice")
    return PracticeAnswer.model_validate(changed).wire()


def _commit(action: str, kind: str, *record_ids: uuid.UUID) -> None:
    audit.note(db.session(), actor(), action, kind, record_ids)
    db.session.commit()


def _list(
    offers: practice.Offers[practice.Offer], shown: Callable[[practice.Offer], dict[str, Any]], wanted: Listing
) -> Response:
    if wanted.include_inactive and actor().role != "admin":
        raise errors.Forbidden
    found = offers.page(db.session(), inactive_too=wanted.include_inactive, after=wanted.after, limit=wanted.limit)
    return pages.respond([shown(offer) for offer in found.rows], found.next)


def _treatment(treatment: object) -> dict[str, Any]:
    return _for_reader(TreatmentAnswer.model_validate(treatment))


def _chair(chair: object) -> dict[str, Any]:
    return _for_reader(ChairAnswer.model_validate(chair))


def _for_reader(answer: Answer) -> dict[str, Any]:
    """Only who can change it is told whether it is still offered."""
    shown = answer.wire()
    if actor().role != "admin":
        del shown["active"]
    return shown
