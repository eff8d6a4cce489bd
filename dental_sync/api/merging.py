"""Merging two records of one person, and undoing it; and what an id means in a path whose record was merged."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any, TypeVar, cast

from apiflask import APIBlueprint
from flask import Response, request

from dental_sync.api import openapi
from dental_sync.api.requests import DESK, actor, token_auth
from dental_sync.api.writes import submit
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Answer, Id, Instant, Nothing
from dental_sync.records import audit, merging, patients

blueprint = APIBlueprint("merging", __name__, tag="Patients")

View = TypeVar("View", bound=Callable[..., Any])


class MergeAnswer(Answer):
    """The merge, the record that is left, and until when the merge can be undone."""

    id: Id
    into: Id
    undo_until: Instant


class MergesAnswer(Answer):
    """What a record has taken in and can still be parted from, the newest first."""

    items: list[MergeAnswer]


def follows_merges(view: View) -> View:
    """Let a view of a patient's record see the record that the path's id means now; the lowest decorator.

    What is only read is answered with 308 and the new address, to those who may see the record there.
    """

    @functools.wraps(view)
    def of_the_record_now(patient_id: uuid.UUID, **kwargs: Any) -> Any:
        now = merging.now(db.session(), patient_id)
        if now != patient_id and request.method == "GET":
            patients.get(db.session(), actor(), now)
            before, _, after = request.path.partition(str(patient_id))
            return Response(status=308, headers={"Location": f"{before}{now}{after}"})
        return view(patient_id=now, **kwargs)

    return cast(View, of_the_record_now)


@blueprint.get("/patients/<uuid:patient_id>/merges")
@blueprint.auth_required(token_auth, roles=DESK)
@openapi.answers(MergesAnswer)
@openapi.answers(None, 308, headers=["Location"])
@follows_merges
def list_merges(patient_id: uuid.UUID) -> dict[str, Any]:
    """The merges into a record that can still be undone, the newest first."""
    found = merging.undoable(db.session(), actor(), patient_id)
    audit.note_read(db.session(), actor(), "list", "patient", [one.source_id for one in found])
    items = [{"id": one.id, "into": one.target_id, "undo_until": one.undo_until} for one in found]
    return MergesAnswer.model_validate({"items": items}).wire()


@blueprint.post("/patients/<uuid:patient_id>/merge")
@blueprint.auth_required(token_auth, roles=DESK)
@blueprint.input(merging.Merge, arg_name="wish")
@openapi.answers(
    MergeAnswer,
    refuses=[errors.UnknownPatient, errors.AlreadyJoined, errors.BookingsInTheWay, errors.PatientErased],
    lane=True,
)
def merge_patient(patient_id: uuid.UUID, wish: merging.Merge) -> Response:
    """Let another record of the same person take this one in, with its appointments, account and guardians.

    The old id means the record that is left from then on.
    """
    return submit("merge", wish, patient_id)


@blueprint.post("/patients/merges/<uuid:merge_id>/undo")
@blueprint.auth_required(token_auth, roles=DESK)
@blueprint.input(Nothing, arg_name="wish")
@openapi.answers(MergeAnswer, refuses=[errors.NothingToUndo, errors.TooLate], lane=True)
def undo_merge(merge_id: uuid.UUID, wish: Nothing) -> Response:
    """Part two records that were merged within the last day: what came from one and still exists goes back."""
    return submit("undo-merge", wish, merge_id)
