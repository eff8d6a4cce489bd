"""The OpenAPI document of every route below /api, made from what the code says of it: see `openapi`."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from apiflask import APIFlask
from flask import Response
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from werkzeug.routing import Rule

from dental_sync.api.conditions import keeps_answers
from dental_sync.api.openapi import Described, Problem, Success
from dental_sync.api.problems import MEDIA_TYPE
from dental_sync.api.requests import OF_ONES_OWN, is_for_visitors
from dental_sync.core import errors
from dental_sync.core.brief import Brief
from dental_sync.core.errors import Refusal
from dental_sync.core.wire_types import Id, Secret

# No operation of the API: its description, and the page to read that on.
_BESIDE = ("/api/openapi.json", "/api/docs")

_JSON = "application/json"

_REQUEST_HEADERS: dict[str, dict[str, Any]] = {
    "Accept-Language": {
        "description": "The language to write in: `de` or `en`.",
        "schema": {"type": "string"},
        "example": "de",
    },
    "Idempotency-Key": {
        "description": "The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours.",
        "schema": {"type": "string", "maxLength": 255, "pattern": r"^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$"},
        "example": "2f1c-monday-nine",
    },
    "If-Match": {
        "description": "The entity tag that I have read; 412 when the record has changed since.",
        "schema": {"type": "string"},
        "example": '"1"',
    },
    "If-None-Match": {
        "description": "Entity tags of lists that I have: 304 where one of them is still what would be answered.",
        "schema": {"type": "string"},
        "example": 'W/"4711.0.253402300799999999.q4pVvVQmSf2a0o2mC3nO5A"',
    },
    "Prefer": {
        "description": "`respond-async`: do not wait for the outcome, answer 202.",
        "schema": {"type": "string"},
        "example": "respond-async",
    },
}
_RESPONSE_HEADERS = {
    "Content-Disposition": (
        "That it is a file, and its name.",
        "attachment; filename=patient-0198c0de-0000-7000-8000-000000000001.zip",
    ),
    "ETag": ("The entity tag: a record's for If-Match, a list's for If-None-Match.", '"1"'),
    "Link": ('The next page, rel="next"; absent on the last.', '</api/patients?after=WyJBIl0&limit=50>; rel="next"'),
    "Location": ("The address of what was made.", "/api/writes/0198c0de-0000-7000-8000-000000000001"),
    "Preference-Applied": ("Says that the preference was heard.", "respond-async"),
    "Retry-After": ("Seconds after which to try again.", "1"),
    "X-Request-ID": ("Names the request: the caller's own id, or ours where it sent none.", "7f3c-front-desk"),
    "X-Server-Request-ID": (
        "Our id of the request, in the audit trail and in the server's log.",
        "019aa2c4-6f3e-7d55-9d0a-3f0f2a3f5b11",
    ),
    "WWW-Authenticate": ("The challenge (RFC 6750).", 'Bearer realm="dental-sync"'),
}
# What the server answers by itself, before any route is looked for, and without a body.
_BY_THE_SERVER = {
    "414": {"description": "The address is longer than 8 KiB; without a body."},
    "431": {"description": "The headers are longer than 64 KiB, or one of them than 8 KiB; without a body."},
}
# Not in every answer of their status.
_OPTIONAL_HEADERS = {"Link", "Preference-Applied"}


def register(app: APIFlask) -> None:
    """Answer the document at /api/openapi.json."""
    # A server's name would be that of the first request.
    app.config["AUTO_SERVERS"] = False
    app.spec_processor(partial(_document, app))
    answer = Brief[Response]()
    make = app.view_functions["openapi.spec"]
    # The document does not change, and writing half a megabyte of JSON takes 40 ms of everybody's time.
    app.view_functions["openapi.spec"] = lambda: _copy(answer.get(cast(Callable[[], Response], make)))


def _copy(answer: Response) -> Response:
    """The same answer for another request, which adds its own headers."""
    return Response(answer.get_data(), status=answer.status_code, content_type=answer.content_type)


def operations(app: APIFlask) -> list[tuple[Rule, str]]:
    """Every route and method below /api that the document is about."""
    rules = [
        rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/") and not rule.rule.startswith(_BESIDE)
    ]
    return [(rule, method) for rule in rules for method in _methods(rule)]


def _methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


class _Schema(GenerateJsonSchema):
    """Without a title for each member that repeats its name."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False


class _Document:
    """The schemas of all shapes, and what is made of them."""

    def __init__(self, app: APIFlask) -> None:
        self._app = app
        bodies = {body for rule, _ in operations(app) if (body := self._spec(rule).get("body"))}
        successes = {success.shape for rule, _ in operations(app) for success in self._successes(rule).values()}
        found = [(shape, "validation") for shape in bodies]
        found += [(shape, "serialization") for shape in (*successes, Problem) if shape is not None]
        found.sort(key=lambda entry: (entry[0].__name__, entry[1]))
        references, definitions = models_json_schema(
            found,  # type: ignore[arg-type]
            schema_generator=_Schema,
            ref_template="#/components/schemas/{model}",
        )
        self._references = {shape: reference for (shape, _), reference in references.items()}
        self.schemas: dict[str, Any] = dict(sorted(definitions["$defs"].items()))

    def operation(self, rule: Rule) -> dict[str, Any]:
        """One route, as the document has it."""
        view = self._app.view_functions[rule.endpoint]
        summary, _, description = (inspect.getdoc(view) or "").partition("\n")
        described: dict[str, Any] = {
            "operationId": view.__name__,
            "tags": [self._app.blueprints[rule.endpoint.rpartition(".")[0]].tag],  # type: ignore[attr-defined]
            "summary": summary,
        }
        if description.strip():
            described["description"] = description.strip()
        described["security"] = [{"BearerAuth": []}] if self._spec(rule).get("auth") else []
        parameters = self._parameters(rule)
        if parameters:
            described["parameters"] = parameters
        body = self._spec(rule).get("body")
        if body is not None:
            schema = self._resolved(self._references[body])
            described["requestBody"] = {
                "required": "required" in schema or "minProperties" in schema,
                "content": {_JSON: self._content(body)},
            }
        for each in self._described(rule):
            if each.body_types:
                described["requestBody"] = {"required": True, "content": _bytes(each.body_types)}
        described["responses"] = self._responses(rule)
        return described

    def _parameters(self, rule: Rule) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [
            {"name": _camel(name), "in": "path", "required": True, "schema": TypeAdapter(kind).json_schema()}
            for name, kind in sorted(_arguments(rule).items())
        ]
        for shape, _location in self._spec(rule).get("args", []):
            schema = shape.model_json_schema(schema_generator=_Schema)
            for name, member in schema["properties"].items():
                choices = [choice for choice in member.get("anyOf", [member]) if choice != {"type": "null"}]
                parameter = {"name": name, "in": "query", "required": name in schema.get("required", [])}
                if "description" in member:
                    parameter["description"] = member["description"]
                value = {key: value for key, value in choices[0].items() if key != "description"}
                found.append({**parameter, "schema": value})
        found += [{"name": name, "in": "header", **_REQUEST_HEADERS[name]} for name in self._takes(rule)]
        return found

    def _responses(self, rule: Rule) -> dict[str, Any]:
        found: dict[str, Any] = dict(_BY_THE_SERVER)
        for status, success in self._successes(rule).items():
            found[str(status)] = {"description": HTTPStatus(status).phrase, **_headers(success.headers)}
            if success.shape is not None:
                found[str(status)]["content"] = {_JSON: self._content(success.shape)}
            if success.media_types:
                found[str(status)]["content"] = _bytes(success.media_types)
        by_status: defaultdict[int, list[type[Refusal]]] = defaultdict(list)
        for refusal in self._refusals(rule):
            by_status[refusal.status].append(refusal)
        for status, refusals in by_status.items():
            refused = self._refused(rule, refusals)
            if str(status) in found:
                # Of one status, either has its own media type.
                refused["content"] |= found[str(status)]["content"]
                refused.pop("headers", None)
            found[str(status)] = refused
        return dict(sorted(found.items()))

    def _refused(self, rule: Rule, refusals: Sequence[type[Refusal]]) -> dict[str, Any]:
        first = refusals[0]()
        example = {**first.problem(), "instance": _address(rule)}
        if isinstance(first, errors.ValidationFailed):
            example["errors"] = [{"pointer": "/name", "detail": "Field required"}]
        schema = {"$ref": self._references[Problem]["$ref"]}
        schema |= {"properties": {"code": {"enum": [refusal.code for refusal in refusals]}}}
        return {
            "description": "\n".join(f"- `{refusal.code}`: {refusal().detail}" for refusal in refusals),
            **_headers(first.headers or (["Retry-After"] if first.status == 429 else [])),
            "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
        }

    def _refusals(self, rule: Rule) -> list[type[Refusal]]:
        """What this route may refuse, without doubles, in the order of the statuses."""
        spec = self._spec(rule)
        found: list[type[Refusal]] = [
            errors.BadRequest,
            errors.BodyTooLarge,
            errors.ValidationFailed,
            errors.RateLimited,
            errors.Unavailable,
        ]
        if spec.get("body"):
            found += [errors.MalformedJson, errors.UnsupportedMediaType]
        if spec.get("auth"):
            found += [errors.Unauthorized, errors.TokenExpired, errors.AccountDisabled]
            if not rule.endpoint.startswith(tuple(f"{blueprint}." for blueprint in OF_ONES_OWN)):
                found.append(errors.SecondFactorMissing)
        if spec.get("roles") or (spec.get("auth") and not is_for_visitors(self._app.view_functions[rule.endpoint])):
            found.append(errors.Forbidden)
        if rule.arguments:
            found.append(errors.NotFound)
        if keeps_answers(rule.rule, _methods(rule)):
            found.append(errors.IdempotencyKeyReused)
        for described in self._described(rule):
            found += described.refuses
        return sorted(dict.fromkeys(found), key=lambda refusal: refusal.status)

    def _successes(self, rule: Rule) -> dict[int, Success]:
        found: dict[int, Success] = {}
        for described in self._described(rule):
            found |= described.successes
        return found

    def _takes(self, rule: Rule) -> list[str]:
        taken = {header for described in self._described(rule) for header in described.takes}
        return sorted({*taken, "Idempotency-Key"} if keeps_answers(rule.rule, _methods(rule)) else taken)

    def _described(self, rule: Rule) -> Sequence[Described]:
        said: Sequence[Described] = getattr(self._app.view_functions[rule.endpoint], "_described", ())
        return said

    def _spec(self, rule: Rule) -> dict[str, Any]:
        """What APIFlask's decorators noted."""
        noted: dict[str, Any] = getattr(self._app.view_functions[rule.endpoint], "_spec", {})
        return noted

    def _content(self, shape: type[BaseModel]) -> dict[str, Any]:
        reference = self._references[shape]
        return {"schema": reference, "example": self._example(reference)}

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def _example(self, schema: Mapping[str, Any]) -> Any:
        """A value of a schema: the first of everything."""
        schema = self._resolved(schema)
        if "examples" in schema:
            return schema["examples"][0]
        for key in ("const", "default"):
            if schema.get(key) is not None:
                return schema[key]
        if "enum" in schema:
            return schema["enum"][0]
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._example(schema[key][0])
        match schema.get("type"):
            case "object":
                return {name: self._example(member) for name, member in schema.get("properties", {}).items()}
            case "array":
                return [self._example(schema["items"])]
            case "integer":
                return schema.get("minimum", 1)
            case "boolean":
                return True
            case "null":
                return None
        return "text"


def _document(app: APIFlask, made_by_apiflask: Mapping[str, Any]) -> dict[str, Any]:
    document = _Document(app)
    paths: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for rule, method in operations(app):
        paths[_path(rule)][method.lower()] = document.operation(rule)
    schemes = made_by_apiflask["components"]["securitySchemes"]
    return {
        "openapi": "3.1.0",
        "info": made_by_apiflask["info"],
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(tag["name"] for tag in made_by_apiflask["tags"])],
        "paths": dict(sorted(paths.items())),
        "components": {"securitySchemes": schemes, "schemas": document.schemas},
    }


def _bytes(media_types: Iterable[str]) -> dict[str, Any]:
    # By its media type alone (OpenAPI 3.1).
    return {media_type: {"schema": {}} for media_type in media_types}


def _headers(names: Iterable[str]) -> dict[str, Any]:
    described = {}
    for name in [*names, "X-Request-ID", "X-Server-Request-ID"]:
        description, example = _RESPONSE_HEADERS[name]
        described[name] = {
            "description": description,
            "required": name not in _OPTIONAL_HEADERS,
            "schema": {"type": "string"},
            "example": example,
        }
    return {"headers": described}


def _arguments(rule: Rule) -> dict[str, Any]:
    """What stands in the address by name, and its type: an id, or a word."""
    return {name: Id if f"<uuid:{name}>" in rule.rule else Secret for name in rule.arguments}


def _path(rule: Rule) -> str:
    path = rule.rule
    for name in rule.arguments:
        path = path.replace(f"<uuid:{name}>", f"{{{_camel(name)}}}").replace(f"<{name}>", f"{{{_camel(name)}}}")
    return path


def _address(rule: Rule) -> str:
    """The path with an id, or a secret, in it."""
    path = rule.rule
    for name, kind in _arguments(rule).items():
        example = TypeAdapter(kind).json_schema()["examples"][0]
        path = path.replace(f"<uuid:{name}>", example).replace(f"<{name}>", example)
    return path


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
