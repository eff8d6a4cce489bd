"""What can be booked, and by which rules: treatments, chairs, the practice. Everybody reads, admins write."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from dental_sync.api import openapi, pages
from dental_sync.api.answers import StrandedBookings
from dental_sync.api.requests import ADMINS, actor, token_auth
from dental_sync.api.writes import submit
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Answer, Changes, Flag, Id, Name, Shape
from dental_sync.diary.practice_shapes import Advance, ChangePractice, Notice, SlotStep
from dental_sync.records import audit, practice

blueprint = APIBlueprint("practice", __name__, tag="Practice")

View = TypeVar("View", bound=Callable[..., Any])
Verb = Literal["list", "add", "get", "change", "withdraw"]


# No treatment takes longer than the longest appointment, twelve hours.
Duration = Annotated[int, Field(ge=1, le=720, examples=[30])]
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


class PracticeAnswer(Answer):
    """The practice, and the rules that hold for every treatment without its own."""

    name: Annotated[str, Field(examples=["Smile Street Dental"])]
    time_zone: Annotated[str, Field(examples=["Europe/Berlin"])]
    minimum_notice_minutes: Annotated[int, Field(examples=[120])]
    furthest_advance_days: Annotated[int, Field(examples=[400])]
    slot_step_minutes: Annotated[int, Field(examples=[15])]
    country: Annotated[str, Field(examples=["DE"])] | None


class PracticeChanged(PracticeAnswer, StrandedBookings):
    """The practice as changed, and the bookings that are stranded now."""


def _offer_doors(
    offers: practice.Offers[Any],
    path: str,
    *,
    new: type[Shape],
    changes: type[Changes],
    answer: type[Answer],
    summaries: Mapping[Verb, str],
) -> None:
    """The five routes below `path` by which treatments, or chairs, are read and kept."""
    kind, id_name = offers.kind, f"{offers.kind}_id"
    one = f"{path}/<uuid:{id_name}>"

    def named(verb: Verb) -> Callable[[View], View]:
        return openapi.named(f"{verb}_{path[1:] if verb == 'list' else kind}", summaries[verb])

    def shown(offer: object) -> dict[str, Any]:
        return _for_reader(answer.model_validate(offer))

    @blueprint.get(path)
    @blueprint.auth_required(token_auth)
    @blueprint.input(Listing, location="query", arg_name="wanted")
    @openapi.answers(pages.PageOf[answer], refuses=[errors.Forbidden])  # type: ignore[valid-type]  # made for each kind
    @named("list")
    def _list(wanted: Listing) -> Response:
        if wanted.include_inactive and not actor().administers:
            raise errors.Forbidden
        found = offers.page(db.session(), inactive_too=wanted.include_inactive, after=wanted.after, limit=wanted.limit)
        return pages.respond([shown(offer) for offer in found.rows], found.next)

    @blueprint.post(path)
    @blueprint.auth_required(token_auth, roles=ADMINS)
    @blueprint.input(new, arg_name="wish")
    @openapi.answers(answer, 201, headers=["Location"])
    @named("add")
    def _add(wish: Shape) -> tuple[dict[str, Any], int, dict[str, str]]:
        offer = offers.add(db.session(), wish.model_dump())
        audit.note_and_commit(db.session(), actor(), "create", kind, offer.id)
        return shown(offer), 201, {"Location": f"/api{path}/{offer.id}"}

    @blueprint.get(one)
    @blueprint.auth_required(token_auth)
    @openapi.answers(answer)
    @named("get")
    def _get(**ids: uuid.UUID) -> dict[str, Any]:
        return shown(offers.get(db.session(), ids[id_name]))

    @blueprint.patch(one)
    @blueprint.auth_required(token_auth, roles=ADMINS)
    @blueprint.input(changes, arg_name="wish")
    @openapi.answers(answer)
    @named("change")
    def _change(wish: Changes, **ids: uuid.UUID) -> dict[str, Any]:
        offer = offers.change(db.session(), ids[id_name], wish.values())
        audit.note_and_commit(db.session(), actor(), "change", kind, offer.id)
        return shown(offer)

    @blueprint.delete(one)
    @blueprint.auth_required(token_auth, roles=ADMINS)
    @openapi.answers(None, 204)
    @named("withdraw")
    def _withdraw(**ids: uuid.UUID) -> tuple[str, int]:
        offer = offers.change(db.session(), ids[id_name], {"active": False})
        audit.note_and_commit(db.session(), actor(), "withdraw", kind, offer.id)
        return "", 204


_offer_doors(
    practice.TREATMENTS,
    "/treatments",
    new=NewTreatment,
    changes=TreatmentChanges,
    answer=TreatmentAnswer,
    summaries={
        "list": "List what can be booked, by name.",
        "add": "Offer a treatment.",
        "get": "One treatment, also when it is no longer offered.",
        "change": "Change a treatment; appointments that were made before stay as they are.",
        "withdraw": "Offer a treatment no longer; appointments that have it keep it.",
    },
)
_offer_doors(
    practice.CHAIRS,
    "/chairs",
    new=NewChair,
    changes=ChairChanges,
    answer=ChairAnswer,
    summaries={
        "list": "List the chairs, by name.",
        "add": "Put up a chair.",
        "get": "One chair, also when it is no longer used.",
        "change": "Change a chair; appointments that have it keep it.",
        "withdraw": "Use a chair no longer; appointments that have it keep it.",
    },
)


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


def _for_reader(answer: Answer) -> dict[str, Any]:
    """Only who can change it is told whether it is still offered."""
    shown = answer.wire()
    if not actor().administers:
        del shown["active"]
    return shown
