"""JSON as the app answers it: by orjson, which takes a tenth of the time that `json` does, in UTF-8."""

from __future__ import annotations

import json
from typing import Any

import orjson
from flask import Response
from flask.json.provider import JSONProvider

MEDIA_TYPE = "application/json"
# What would be written in another form than `json` and Pydantic have it is refused, as `json` refuses it.
_STRICT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def dumps(value: object) -> bytes:
    """A value as JSON; raises TypeError for what has no form in it, numbers of more than 64 bits among it."""
    return orjson.dumps(value, option=_STRICT)


class OrjsonProvider(JSONProvider):
    """Lets Flask answer by orjson. What is read, and what a test client sends, may be what no answer says, such as
    numbers of any size: that is for `json`."""

    def dumps(self, obj: Any, **options: Any) -> str:
        """A value as JSON text."""
        return json.dumps(obj, **options)

    def loads(self, s: str | bytes, **options: Any) -> Any:
        """The value of a JSON text; raises ValueError for what is none."""
        return json.loads(s, **options)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """What `jsonify` answers."""
        return Response(dumps(self._prepare_response_obj(args, kwargs)), mimetype=MEDIA_TYPE)
