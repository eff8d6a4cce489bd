"""docs/asyncapi.yaml says what the code says, and is AsyncAPI."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from jsonschema import Draft7Validator

from dental_sync import asyncapi, sockets

ROOT = Path(__file__).resolve().parent.parent
SPECIFICATION = ROOT / "tests/live/node_modules/@asyncapi/specs/schemas/3.0.0.json"


def test_the_document_is_what_the_code_says() -> None:
    """Whoever changes a shape runs `make docs`."""
    assert (ROOT / "docs" / "asyncapi.yaml").read_text() == asyncapi.text()


def test_the_document_is_asyncapi() -> None:
    """By the specification's own JSON schema."""
    schema = json.loads(SPECIFICATION.read_text())
    document = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text())
    assert [error.message[:500] for error in Draft7Validator(schema).iter_errors(document)] == []
    del document["operations"]["sendReady"]["action"]
    assert not Draft7Validator(schema).is_valid(document)


def test_every_reference_leads_somewhere() -> None:
    """A schema's own check does not look where references lead."""
    document = asyncapi.document()

    def references(part: object) -> list[str]:
        if isinstance(part, dict):
            return [part["$ref"]] if "$ref" in part else [r for value in part.values() for r in references(value)]
        return [r for value in part for r in references(value)] if isinstance(part, list) else []

    assert len(references(document)) > 50
    for reference in references(document):
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_event_that_clients_emit_is_there() -> None:
    """With its acknowledgement."""
    operations = asyncapi.document()["operations"].values()
    received = [operation for operation in operations if operation["action"] == "receive"]
    assert len(received) == len(sockets.SHAPES) == len(asyncapi.ACKNOWLEDGED)
    assert all("reply" in operation for operation in received)
