"""Invitations: the practice makes one for a patient, and whoever has the code joins their account with it."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from apiflask import APIBlueprint
from flask import request
from pydantic import Field

from dental_sync.api import openapi
from dental_sync.api.answers import UserAnswer
from dental_sync.api.guardians import Relation
from dental_sync.api.merging import follows_merges
from dental_sync.api.requests import PATIENTS, STAFF, actor, token_auth
from dental_sync.api.writes import submit
from dental_sync.core import callers, errors
from dental_sync.core.extensions import db
from dental_sync.core.rate_limits import rate_limits
from dental_sync.core.wire_types import Answer, Instant, Line, Shape
from dental_sync.records import audit, codes, invitations, merging, tokens

blueprint = APIBlueprint("invitations", __name__, tag="Patients")

# An hour, of one address, whoever tries.
TRIES = 10

InvitationCode = Annotated[Line, Field(examples=["7Q4M-2KXD-9VTA-3HJN"])]


class NewInvitation(Shape):
    """What the invited account is to the patient: the patient, or a guardian, and what kind of one."""

    as_: Annotated[Literal["self", "guardian"], Field(alias="as")] = "self"
    relation: Relation | None = None


class InvitationAnswer(Answer):
    """What is handed over. The code is shown once; `url` is null where `PUBLIC_URL` is not set."""

    code: InvitationCode
    url: Annotated[str | None, Field(examples=["https://practice.example/invitation#7Q4M-2KXD-9VTA-3HJN"])]
    expires_at: Instant


class UsedInvitation(Shape):
    """The code that the practice handed over."""

    code: InvitationCode


@blueprint.post("/patients/<uuid:patient_id>/invitation")
@blueprint.auth_required(token_auth, roles=STAFF)
@blueprint.input(NewInvitation, arg_name="wish")
@openapi.answers(InvitationAnswer, 201, refuses=[errors.AlreadyJoined, errors.PatientErased])
@follows_merges
def invite(patient_id: uuid.UUID, wish: NewInvitation) -> tuple[dict[str, Any], int]:
    """Invite somebody to act for a patient, within seven days; the patient's last invitation ends."""
    made = invitations.invite(db.session(), actor(), patient_id, kind=wish.as_, relation=wish.relation)
    audit.note_and_commit(db.session(), actor(), "invite", "patient", patient_id, details={"as": wish.as_})
    return InvitationAnswer.model_validate(made).wire(), 201


@blueprint.post("/auth/me/invitation")
@blueprint.auth_required(token_auth, roles=PATIENTS)
@blueprint.input(UsedInvitation, arg_name="wish")
@openapi.answers(UserAnswer, refuses=[errors.UnknownInvitation, errors.AlreadyJoined, errors.BookingsInTheWay])
@openapi.answers(openapi.WriteAnswer, 202, headers=["Location"])
def use_invitation(wish: UsedInvitation) -> Any:
    """Let the own account act for the patient of an invitation, and answer who it is from now on.

    Where the own record is in use, the invitation's takes it in; 202 where that takes longer.
    """
    count_try()
    try:
        patient_id = invitations.accept(db.session(), actor().user_id, wish.code)
    except invitations.OwnRecordInUse:
        db.session.rollback()
        return _join_both(wish)
    audit.note_and_commit(db.session(), actor(), "join", "patient", patient_id)
    return tokens.looked_up_again(db.session(), actor()).wire()


def _join_both(wish: UsedInvitation) -> Any:
    """Let the lane merge the own record into that of the invitation."""
    joining = merging.JoinByInvitation.model_validate({"codeHash": codes.digest(wish.code).hex()})
    response = submit("join-by-invitation", joining, actor().own_patient_id)
    return tokens.looked_up_again(db.session(), actor()).wire() if response.status_code == 200 else response


def count_try() -> None:
    """Count an attempt with a code; raises RateLimited after too many of one address."""
    rate_limits().check_hour(TRIES, "invitation", callers.network(request.remote_addr))
