"""The OpenAPI document is valid, complete, and true: every test that calls the API compares what it gets with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from apiflask import APIFlask
from openapi_spec_validator import OpenAPIV31SpecValidator

from dental_sync.api.openapi_document import operations
from tests.described import Description, description_of


@pytest.fixture(scope="module")
def description(shared_app: APIFlask) -> Description:
    """The document, as anybody gets it."""
    return description_of(shared_app)


@pytest.fixture(scope="module")
def described(description: Description) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation: path, method, and what is said of it."""
    return [
        (path, method, operation)
        for path, methods in description.document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_is_valid_openapi(description: Description) -> None:
    """Version 3.1, by its own schema."""
    assert description.document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(description.document).validate()


def test_every_route_is_described(shared_app: APIFlask, described: list[tuple[str, str, dict[str, Any]]]) -> None:
    """No more and no fewer than there are; each with a summary, a tag, and a name that nothing else has."""
    assert len(operations(shared_app)) == len(described) > 35
    for path, method, operation in described:
        assert operation["summary"].endswith("."), f"{method} {path}"
        assert operation["tags"]
        assert any(status < "400" for status in operation["responses"]), f"{method} {path} has no success"
    assert len({operation["operationId"] for _, _, operation in described}) == len(described)


def test_every_example_is_one(description: Description, described: list[tuple[str, str, dict[str, Any]]]) -> None:
    """Of the body, of each success and of each refusal: valid by the schema beside it."""
    count = 0
    for path, method, operation in described:
        contents = [operation["requestBody"]["content"]] if "requestBody" in operation else []
        contents += [response["content"] for response in operation["responses"].values() if "content" in response]
        for content in contents:
            for media_type, entry in content.items():
                if "json" not in media_type:
                    continue
                wrong = [
                    error.message for error in description.validator(entry["schema"]).iter_errors(entry["example"])
                ]
                assert not wrong, f"{method} {path} {media_type}: {wrong}"
                count += 1
    assert count > 200


def test_every_refusal_is_a_problem_with_its_codes(described: list[tuple[str, str, dict[str, Any]]]) -> None:
    """The codes are listed in words and in the schema; a time to wait and a challenge are headers."""
    for path, method, operation in described:
        for status, response in operation["responses"].items():
            if status < "400" or status in ("414", "431"):
                continue
            content = response["content"]["application/problem+json"]
            codes = content["schema"]["properties"]["code"]["enum"]
            assert codes, f"{method} {path} {status}"
            assert all(f"`{code}`" in response["description"] for code in codes)
            if status == "401":
                assert "WWW-Authenticate" in response["headers"]
            if status == "429":
                assert "Retry-After" in response["headers"]
        assert ("401" in operation["responses"]) or operation["security"] == [], f"{method} {path}"


def test_the_headers_of_writes_are_described(description: Description) -> None:
    """What is sent beside the body, and what is answered beside it."""
    book = description.document["paths"]["/api/appointments"]["post"]
    assert {p["name"] for p in book["parameters"]} == {"Idempotency-Key", "Prefer"}
    assert set(book["responses"]["201"]["headers"]) == {"ETag", "Location", "X-Request-ID", "X-Server-Request-ID"}
    assert set(book["responses"]["202"]["headers"]) == {
        "Location",
        "Preference-Applied",
        "X-Request-ID",
        "X-Server-Request-ID",
    }
    lists = description.document["paths"]["/api/patients"]["get"]
    assert {p["name"] for p in lists["parameters"]} == {"q", "birthDate", "limit", "after"}
    assert set(lists["responses"]["200"]["headers"]) == {"Link", "X-Request-ID", "X-Server-Request-ID"}
    assert description.document["components"]["securitySchemes"]["BearerAuth"]["scheme"].lower() == "bearer"


def test_the_document_does_not_say_who_asked_first(description: Description) -> None:
    """It is kept for everybody: no host of a request, and nothing of this machine is in it."""
    assert description.document["servers"] == [{"url": "/"}]
    assert "localhost" not in json.dumps(description.document)
