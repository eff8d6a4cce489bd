"""Who assists, and what needs an assistant, written short."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask

from tests.api.hours import WEEK
from tests.conftest import Caller, Practice, sign_in_to

PASSWORD = "quite a long password of an assistant"


def an_assistant(app: APIFlask, admin: Caller, name: str = "Emil Arndt") -> Caller:
    """Somebody who assists every day of the week, signed in."""
    address = name.partition(" ")[0].lower()
    body = {"email": f"{address}@demo.test", "name": name, "role": "dentist", "profession": "assistant"}
    made = admin.post("/users", {**body, "password": PASSWORD})
    assert made.status_code == 201, made.json
    hours = admin.call("PUT", f"/dentists/{made.json['dentistId']}/working-hours", {"hours": WEEK})
    assert hours.status_code == 200, hours.json
    return sign_in_to(app, address, PASSWORD)


def let_it_need_an_assistant(admin: Caller, practice: Practice, name: str = "Check-up") -> None:
    """From now on nobody does this treatment alone."""
    assert admin.patch(f"/treatments/{practice.treatments[name]}", {"needsAssistant": True}).status_code == 200


def offer(admin: Caller, dentist_id: object, treatments: list[dict[str, Any]] | None, **more: Any) -> Any:
    """Say what a dentist offers."""
    return admin.call("PUT", f"/dentists/{dentist_id}/treatments", {"treatments": treatments, **more})
