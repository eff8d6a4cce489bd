"""A patient's personal data: all of them as a file, and erasing them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Annotated

from apiflask import APIBlueprint, APIFlask
from flask import Response, request
from pydantic import Field

from dental_sync.api import openapi
from dental_sync.api.merging import follows_merges
from dental_sync.api.requests import ADMINS, PATIENTS, actor, token_auth
from dental_sync.api.writes import submit
from dental_sync.core import errors, services
from dental_sync.core.extensions import db
from dental_sync.core.rate_limits import rate_limits
from dental_sync.core.wire_types import Answer, Id, Instant, Nothing, Shape
from dental_sync.records import audit, export, export_archive
from dental_sync.records.export_words import LANGUAGES, Language

blueprint = APIBlueprint("personal_data", __name__, tag="Patients")

ZIP = "application/zip"
# Of one account and minute: a file may take seconds of a processor.
EXPORTS_PER_MINUTE = 10
# Of one process: each holds a connection to the database while it is written.
EXPORTS_AT_ONCE = 2
# What is sent at once.
PART_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ExportPlaces:
    """So many exports are written at once; others are to be asked for again."""

    places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(EXPORTS_AT_ONCE))

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place; raises Unavailable where there is none."""
        if not self.places.acquire(blocking=False):
            raise errors.Unavailable("Other exports are being written; try again shortly.")
        try:
            yield
        finally:
            self.places.release()


def register(app: APIFlask) -> None:
    """Give the process its places."""
    services.provide(app, ExportPlaces())


class Exported(Shape):
    """How the file is written."""

    lang: Annotated[
        Language | None,
        Field(description="The language of the readable page; unless said, as `Accept-Language` has it."),
    ] = None


class ErasedAnswer(Answer):
    """The patient whose data are erased, and since when."""

    id: Id
    erased_at: Instant


@blueprint.get("/patients/<uuid:patient_id>/export")
@blueprint.auth_required(token_auth, roles=[*PATIENTS, *ADMINS])
@blueprint.input(Exported, location="query", arg_name="wanted")
@openapi.answers(None, 308, headers=["Location"])
@openapi.answers(None, media_types=[ZIP], headers=["Content-Disposition"], takes=["Accept-Language"])
@follows_merges
def export_patient(patient_id: uuid.UUID, wanted: Exported) -> Response:
    """All that is kept of a patient, as a zip with JSON and a readable page.

    The patient and whoever acts for them get it without clinical notes, remarks and the audit trail, and what belongs
    to an account only that account.
    """
    session = db.session()
    rate_limits().check(EXPORTS_PER_MINUTE, "export", str(actor().user_id))
    person = export.person(session, actor(), patient_id)
    with services.current(ExportPlaces).one():
        file = export_archive.write(session, person, language=_language(wanted), now=datetime.now(UTC))
    audit.note_and_commit(session, actor(), "export", "patient", patient_id)
    response = Response(_parts(file), mimetype=ZIP)
    response.headers["Content-Disposition"] = f'attachment; filename="patient-{patient_id}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _language(wanted: Exported) -> Language:
    is_german = request.accept_languages.best_match(LANGUAGES) == "de"
    return wanted.lang or ("de" if is_german else "en")


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(PART_BYTES):
            yield part


@blueprint.post("/patients/<uuid:patient_id>/erase")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(Nothing, arg_name="wish")
@openapi.answers(ErasedAnswer, refuses=[errors.BookingsInTheWay], lane=True)
@follows_merges
def erase_patient(patient_id: uuid.UUID, wish: Nothing) -> Response:
    """Erase what is kept of a patient, with their account.

    Appointments stay, as nobody's. Who is erased already stays so, and the answer is the same.
    """
    return submit("erase", wish, patient_id)
