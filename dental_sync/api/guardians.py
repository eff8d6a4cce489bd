"""Guardians of a patient: the practice grants, and the patient, the guardian and the practice end."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Self

from apiflask import APIBlueprint
from pydantic import Field, model_validator

from dental_sync.api import openapi
from dental_sync.api.merging import follows_merges
from dental_sync.api.requests import PEOPLE, STAFF, actor, token_auth
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Answer, Id, Instant, Name, Shape
from dental_sync.records import audit, guardians

blueprint = APIBlueprint("guardians", __name__, tag="Patients")

Relation = Annotated[Name, Field(max_length=100, examples=["mother"])]


class NewGuardian(Shape):
    """An account, by its id or by that of its patient's record, and what it is to the patient."""

    user_id: Id | None = None
    patient_id: Id | None = None
    relation: Relation | None = None

    @model_validator(mode="after")
    def _names_one_account(self) -> Self:
        if (self.user_id is None) == (self.patient_id is None):
            raise ValueError("either userId or patientId is required")
        return self


class GuardianAnswer(Answer):
    """An account that acts for the patient, since when, and what it is to the patient."""

    user_id: Id
    name: Annotated[str, Field(examples=["Ada Schmidt"])]
    relation: Annotated[str | None, Field(examples=["mother"])]
    granted_at: Instant


class GuardiansAnswer(Answer):
    """All guardians of a patient, by name."""

    items: list[GuardianAnswer]


@blueprint.get("/patients/<uuid:patient_id>/guardians")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@openapi.answers(GuardiansAnswer)
@openapi.answers(None, 308, headers=["Location"])
@follows_merges
def list_guardians(patient_id: uuid.UUID) -> dict[str, Any]:
    """The guardians of a patient."""
    found = guardians.of(db.session(), patient_id)
    audit.note_read(db.session(), actor(), "list", "guardian", patient_id)
    return GuardiansAnswer.model_validate({"items": found}).wire()


@blueprint.post("/patients/<uuid:patient_id>/guardians")
@blueprint.auth_required(token_auth, roles=STAFF)
@blueprint.input(NewGuardian, arg_name="wish")
@openapi.answers(GuardianAnswer, 201, refuses=[errors.UnknownAccount, errors.AlreadyJoined, errors.PatientErased])
@follows_merges
def grant_guardian(patient_id: uuid.UUID, wish: NewGuardian) -> tuple[dict[str, Any], int]:
    """Let an account act for a patient, as for itself: see, book, move and cancel.

    Granting again sets the relation.
    """
    granted = guardians.grant(
        db.session(),
        actor(),
        patient_id,
        user_id=wish.user_id,
        record_id=wish.patient_id,
        relation=wish.relation,
    )
    audit.note_and_commit(
        db.session(), actor(), "grant", "guardian", patient_id, details={"userId": str(granted.user_id)}
    )
    return GuardianAnswer.model_validate(granted).wire(), 201


@blueprint.delete("/patients/<uuid:patient_id>/guardians/<uuid:user_id>")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@openapi.answers(None, 204, refuses=[errors.Forbidden])
@follows_merges
def end_guardian(patient_id: uuid.UUID, user_id: uuid.UUID) -> tuple[str, int]:
    """End what an account may for a patient; its sockets hear nothing more of the patient."""
    guardians.end(db.session(), actor(), patient_id, user_id)
    audit.note_and_commit(db.session(), actor(), "end", "guardian", patient_id, details={"userId": str(user_id)})
    return "", 204
