"""Compares what the API answers with what its OpenAPI document says: status, media type, headers and body."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from dental_sync.api.openapi_document import operations


class Description:
    """The document of an app, ready to be compared with."""

    def __init__(self, app: APIFlask) -> None:
        self.document: dict[str, Any] = app.test_client().get("/api/openapi.json").json
        self._operations: dict[tuple[str, str], dict[str, Any]] = {}
        for rule, method in operations(app):
            path = rule.rule
            for name in rule.arguments:
                first, *rest = name.split("_")
                described = "{" + first + "".join(word.capitalize() for word in rest) + "}"
                path = path.replace(f"<uuid:{name}>", described).replace(f"<{name}>", described)
            self._operations[rule.rule, method] = self.document["paths"][path][method.lower()]
        self._validators: dict[int, Draft202012Validator] = {}

    def check(self, app: APIFlask, answer: TestResponse) -> None:
        """Fail when the answer is not as the document has it."""
        request = answer.request
        try:
            rule, _ = app.url_map.bind("localhost").match(request.path, request.method, return_rule=True)
        except HTTPException:
            return
        operation = self._operations.get((rule.rule, request.method))
        if operation is None:
            return
        where = f"{request.method} {rule.rule} answered {answer.status_code}"
        # What this process breaks on purpose in a few tests.
        if answer.status_code == 500:
            return
        described = operation["responses"].get(str(answer.status_code))
        assert described is not None, f"{where}, which is not documented: {answer.text[:500]}"
        missing = {name for name, header in described.get("headers", {}).items() if header["required"]}
        missing -= {name for name in missing if name in answer.headers}
        assert not missing, f"{where} without {missing}"
        if "content" not in described:
            assert not answer.data, f"{where} with a body: {answer.text[:500]}"
            return
        assert answer.mimetype in described["content"], f"{where} as {answer.mimetype}: {answer.text[:500]}"
        if answer.mimetype not in ("application/json", "application/problem+json"):
            return
        is_packed = answer.headers.get("Content-Encoding") == "gzip"
        body = json.loads(gzip.decompress(answer.data)) if is_packed else answer.json
        found = self._validator(described["content"][answer.mimetype]["schema"]).iter_errors(body)
        wrong = [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in found]
        assert not wrong, f"{where} with another body than documented: {wrong}"

    def validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        """What judges values by one of the document's schemas."""
        # The schema's own references are to the document's components.
        return Draft202012Validator({"allOf": [schema], "components": self.document["components"]})

    def _validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        # The document lives as long as this, so that the address of a schema is its name.
        key = id(schema)
        if key not in self._validators:
            self._validators[key] = self.validator(schema)
        return self._validators[key]


_descriptions: list[Description] = []


def describe(make_app: Callable[[], APIFlask]) -> None:
    """Read the description, which is the same for every app of a run, unless that was done before."""
    if not _descriptions:
        _descriptions.append(Description(make_app()))


def description_of(app: APIFlask) -> Description:
    """The description; that of this app where none was read before."""
    describe(lambda: app)
    return _descriptions[0]


class CheckedClient(FlaskClient):
    """A test client that compares every answer with the document."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """As Flask's, and then compared."""
        answer = super().open(*args, **kwargs)
        app = self.application
        assert isinstance(app, APIFlask)
        if answer.request.path.startswith("/api/") and answer.request.path != "/api/openapi.json":
            description_of(app).check(app, answer)
        return answer
