"""The practice's logo: an image and nothing else, shown to everybody as what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from apiflask import APIFlask
from sqlalchemy.orm import Session

from tests.api.free import SignIn
from tests.api.hours import events_of
from tests.conftest import Caller
from tests.images import A_PNG, png, webp


def test_what_an_admin_has_put_is_shown_to_everybody(
    app: APIFlask, sign_in: SignIn, owner: Session, head: Callable[[], int]
) -> None:
    """With its own media type, which no browser guesses anew, and a tag; another takes its place, and staff hear."""
    admin, anybody = sign_in("admin"), app.test_client()
    assert anybody.get("/api/public/logo").status_code == 404
    before = end = head()
    for image, media_type in ((A_PNG, "image/png"), (webp(40, 20), "image/webp")):
        assert admin.call("PUT", "/practice/logo", image, Content_Type=media_type).status_code == 204
        shown = anybody.get("/api/public/logo")
        assert (shown.status_code, shown.data, shown.content_type) == (200, image, media_type)
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert "public" in shown.headers["Cache-Control"]
        again = anybody.get("/api/public/logo", headers={"If-None-Match": shown.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert anybody.get("/api/public/practice").json["hasLogo"] is True
        # Each is told, and not both as one.
        end = head()
    assert end == before + 2
    told = [event.payload for event in events_of(owner, before)]
    assert told == [{"kind": "practice", "id": None, "change": "updated"}] * 2


def test_a_logo_that_was_removed_is_shown_to_nobody(
    app: APIFlask, sign_in: SignIn, owner: Session, head: Callable[[], int]
) -> None:
    """Staff hear of it; to remove what is not there changes nothing."""
    admin = sign_in("admin")
    assert admin.call("PUT", "/practice/logo", A_PNG, Content_Type="image/png").status_code == 204
    before = head()
    for _ in range(2):
        assert admin.delete("/practice/logo").status_code == 204
    assert app.test_client().get("/api/public/logo").status_code == 404
    assert app.test_client().get("/api/public/practice").json["hasLogo"] is False
    head()
    assert [event.payload["kind"] for event in events_of(owner, before)] == ["practice"]


@pytest.mark.parametrize(
    ("image", "media_type", "status"),
    [
        (A_PNG, "image/svg+xml", 415),
        (A_PNG, "application/json", 415),
        (A_PNG, "image/webp", 422),
        (webp(), "image/png", 422),
        (b"", "image/png", 422),
        (b"<script>alert(1)</script>", "image/png", 422),
        (A_PNG[:-12], "image/png", 422),
        (A_PNG[:18] + b"\xff" + A_PNG[19:], "image/png", 422),
        (webp()[:-1], "image/webp", 422),
        (png(5_000, 1), "image/png", 422),
        (png(0, 1), "image/png", 422),
        (webp(16_000, 16_000), "image/webp", 422),
        (png(padding=65_536), "image/png", 413),
    ],
)
def test_what_is_no_such_image_is_refused(admin: Caller, image: bytes, media_type: str, status: int) -> None:
    """Whatever it says it is: too large, another type, cut off, or a page."""
    answer = admin.call("PUT", "/practice/logo", image, Content_Type=media_type)
    assert answer.status_code == status, answer.text


def test_the_same_key_with_another_image_is_refused(admin: Caller) -> None:
    """And with the same one it is done once."""
    for image, status in ((A_PNG, 204), (A_PNG, 204), (png(2, 2), 422)):
        answer = admin.call("PUT", "/practice/logo", image, Idempotency_Key="logo")
        assert answer.status_code == status, answer.text
    assert answer.json["code"] == "idempotency-key-reused"
