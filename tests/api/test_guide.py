"""Who comes without knowing the way is shown it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from apiflask import APIFlask

from tests.changed import changed


@pytest.mark.parametrize("path", ["/api", "/api/"])
def test_api_says_what_is_where(shared_app: APIFlask, path: str) -> None:
    """Every address in it answers."""
    client = shared_app.test_client()
    found = client.get(path).json
    assert found["name"] == "Dental Sync"
    for address in (found["documentation"], found["description"]):
        assert client.get(address).status_code == 200, address
    assert client.get(found["health"]).json["service"] == "realtime-sync"
    assert found["signIn"] == {
        "method": "POST",
        "path": "/api/auth/login",
        "body": {"email": "…", "password": "…"},
    }
    assert client.post(found["signIn"]["path"], json={"email": "a@b.test", "password": "wrong"}).status_code == 401
    assert found["live"]["path"] == "/socket.io"


def test_the_description_says_what_this_is_and_how_to_sign_in(shared_app: APIFlask) -> None:
    """Nobody else who reads it was told; the licence is in it too."""
    info = shared_app.test_client().get("/api/openapi.json").json["info"]
    assert info["license"] == {"name": "MIT", "identifier": "MIT"}
    for words in ("diary of a dental practice", "POST /api/auth/login", "Authorization: Bearer", "demo-password-1"):
        assert words in info["description"]


def test_a_browser_is_shown_the_documentation(shared_app: APIFlask) -> None:
    """By an address without a host: the caller's is nobody's word."""
    answer = shared_app.test_client().get("/api/docs", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/api/docs/")


def test_the_page_has_all_that_it_needs_beside_it(shared_app: APIFlask) -> None:
    """No third party, no inline script, no host: every address in it is relative, and answers."""
    client = shared_app.test_client()
    page = client.get("/api/docs/", headers={"Host": "evil.example"}).text
    assert "evil" not in page
    assert "<script>" not in page
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 6
    for address in addresses:
        with client.get(urljoin("/api/docs/", address)) as part:
            assert part.status_code == 200, address
    started = client.get("/api/docs/start.js")
    assert started.mimetype == "text/javascript"
    [description] = re.findall(r'url: "([^"]+)"', started.text)
    assert client.get(urljoin("/api/docs/", description)).json["openapi"] == "3.1.0"
    assert client.get("/api/docs/index.html").text == page
    for path in ("/api/docs/nothing.js", "/api/docs/../../wsgi.py", "/api/docs/%2e%2e/__init__.py"):
        assert client.get(path).status_code == 404, path


def test_the_guides_of_a_demo_are_to_be_read(shared_app: APIFlask) -> None:
    """Those that the first page names, as text; nothing else of the folder, and nothing outside a demo."""
    landing = (Path(__file__).parents[2] / "web/src/pages/demo/Accounts.tsx").read_text()
    paths = re.findall(r"/guides/[a-z-]+\.md", landing)
    assert len(paths) >= 3
    client = shared_app.test_client()
    for path in paths:
        with client.get(path) as answer:
            assert (answer.status_code, answer.mimetype) == (200, "text/plain")
            assert answer.text.startswith("# ")
    for path in (
        "/guides/pictures/day-sheet.webp",
        "/guides/nothing.md",
        "/guides/../README.md",
        "/guides/%2e%2e%2fREADME.md",
    ):
        assert client.get(path).status_code == 404, path
    with changed(shared_app, demo_mode=False):
        assert client.get(paths[0]).status_code == 404
