"""docs/asyncapi.yaml and the client's types of the wire say what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dental_sync.sockets import asyncapi, handlers

ROOT = Path(__file__).resolve().parents[2]
WIRE = ROOT / "clients" / "typescript" / "src" / "wire"
PYTHON = ROOT / "clients" / "python" / "src" / "dental_sync_client"


def generate(openapi: Path, document: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Make the client's types of both documents, as `make docs` does; AsyncAPI's own parser reads the second one."""
    command = ["node", "clients/typescript/generator/generate.mjs", openapi, document, folder, folder]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def openapi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The API's description, as the command line prints it."""
    path = tmp_path_factory.mktemp("documents") / "openapi.json"
    command = [sys.executable, "-m", "dental_sync.cli", "openapi"]
    path.write_text(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    return path


def test_the_document_is_what_the_code_says() -> None:
    """Whoever changes a shape runs `make docs`."""
    assert (ROOT / "docs" / "asyncapi.yaml").read_text() == asyncapi.text()


def test_the_clients_types_are_what_the_documents_say(openapi: Path, tmp_path: Path) -> None:
    """Whoever changes a shape, an event or a route's answer runs `make docs`."""
    done = generate(openapi, ROOT / "docs" / "asyncapi.yaml", tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("rest.ts", "operations.ts", "events.ts"):
        assert (tmp_path / name).read_text() == (WIRE / name).read_text(), name
    assert (tmp_path / "message_types.py").read_text() == (PYTHON / "message_types.py").read_text()


def test_a_document_that_is_not_asyncapi_is_refused(openapi: Path, tmp_path: Path) -> None:
    """By AsyncAPI's own parser, which finds what is wrong, and no types are made."""
    document = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text())
    del document["operations"]["sendReady"]["action"]
    document["channels"]["socket"]["messages"]["Ready"]["$ref"] = "#/components/messages/Redy"
    wrong = tmp_path / "asyncapi.yaml"
    wrong.write_text(yaml.safe_dump(document))
    done = generate(openapi, wrong, tmp_path)
    assert done.returncode == 1
    assert "operations/sendReady" in done.stderr
    assert "'#/components/messages/Redy' does not exist" in done.stderr
    assert not (tmp_path / "events.ts").exists()


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
    assert len(received) == len(handlers.SHAPES) == len(handlers.ACKNOWLEDGED)
    assert all("reply" in operation for operation in received)
