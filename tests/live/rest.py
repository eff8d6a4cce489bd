"""Calls the API over HTTP, as one account, on whichever web process is wanted."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

ANSWER_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What a web process answered; `body` is JSON, bytes of an archive or text, None where there is none."""

    status: int
    headers: http.client.HTTPMessage
    body: Any

    @property
    def code(self) -> str | None:
        """The stable code of a refusal."""
        if self.headers.get_content_type() != "application/problem+json":
            return None
        code: str = self.body["code"]
        return code


@dataclass
class Account:
    """Somebody who is signed in."""

    ports: Sequence[int]
    user: dict[str, Any]
    token: str

    @classmethod
    def sign_in(cls, ports: Sequence[int], email: str, password: str) -> Account:
        """Sign in on the first web process."""
        answer = call(ports[0], "POST", "/api/auth/login", {"email": email, "password": password})
        assert answer.status == 200, answer
        return cls(ports, answer.body["user"], answer.body["accessToken"])

    @property
    def patient_id(self) -> str:
        return str(self.user["patientId"])

    @property
    def dentist_id(self) -> str:
        return str(self.user["dentistId"])

    def call(self, method: str, path: str, body: object = None, *, web: int = 0, **headers: str) -> Answer:
        """Call the API; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(self.ports[web], method, "/api" + path, body, {"Authorization": f"Bearer {self.token}", **named})

    def get(self, path: str, *, web: int = 0) -> Any:
        """GET what is there for sure."""
        answer = self.call("GET", path, web=web)
        assert answer.status == 200, answer
        return answer.body

    def done(self, method: str, path: str, body: object = None, *, web: int = 0, **headers: str) -> Any:
        """Call what must go well, and give the body."""
        answer = self.call(method, path, body, web=web, **headers)
        assert answer.status in (200, 201, 204), answer
        return answer.body


def call(port: int, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        sent = None if body is None else json.dumps(body)
        kind = {} if sent is None else {"Content-Type": "application/json"}
        connection.request(method, path, sent, {**kind, **(headers or {})})
        response = connection.getresponse()
        text = response.read()
        return Answer(response.status, response.headers, _read(response.headers.get_content_type(), text))
    finally:
        connection.close()


def _read(media_type: str, content: bytes) -> Any:
    if not content or media_type == "application/zip" or media_type.startswith("image/"):
        return content or None
    return json.loads(content) if media_type.endswith("json") else content.decode()
