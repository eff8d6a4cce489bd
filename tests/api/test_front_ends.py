"""The pages and their files, as any build leaves them; what the pages do is tested in a browser."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from apiflask import APIFlask

from dental_sync.api import front_ends
from tests.changed import changed

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "web" / "index.html").read_text()
SCRIPT = b"console.log('the same in each form');"
COMPRESSED = gzip.compress(SCRIPT, mtime=0)
SMALLEST = b"as small as it gets"


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build: the document, a script in three forms, a font in one."""
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text(DOCUMENT)
    (tmp_path / "secret.js").write_text("not to be served")
    (assets / "main-Ab12.js").write_bytes(SCRIPT)
    (assets / "main-Ab12.js.gz").write_bytes(COMPRESSED)
    (assets / "main-Ab12.js.br").write_bytes(SMALLEST)
    (tmp_path / "dist" / "service-worker.js").write_bytes(SCRIPT)
    (assets / "letters-Cd34.woff2").write_bytes(b"letters")
    (tmp_path / "dist" / "embed.js").write_bytes(SCRIPT)
    monkeypatch.setattr(front_ends, "BUILT", tmp_path / "dist")
    return tmp_path / "dist"


@pytest.mark.usefixtures("build")
@pytest.mark.parametrize("path", [*front_ends.PAGES, "/my/", "/dentist?date=2026-11-30&lang=de"])
def test_each_page_is_the_document(shared_app: APIFlask, path: str) -> None:
    """Its script finds out which page it is."""
    answer = shared_app.test_client().get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert '<div id="root">' in answer.text
    assert '<base href="/">' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_paths_are_those_that_the_script_has_pages_for() -> None:
    """A page that is added to one list only would be nowhere."""
    routes = (ROOT / "web" / "src" / "routes.tsx").read_text()
    assert re.findall(r'^  path: "([^"]+)"', routes, re.MULTILINE) == list(front_ends.PAGES)


@pytest.mark.usefixtures("build")
def test_nothing_stands_in_a_page_and_nothing_comes_from_elsewhere(shared_app: APIFlask) -> None:
    """No script and no style without the answer's own nonce, which is never the same."""
    nonces = set()
    for _ in range(2):
        answer = shared_app.test_client().get("/")
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        [nonce] = re.findall(r'<meta property="csp-nonce" nonce="([^"]+)">', answer.text)
        nonces.add(nonce)
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["connect-src"] == policy["font-src"] == policy["base-uri"] == "'self'"
        assert policy["style-src"] == f"'self' 'nonce-{nonce}'"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|//", answer.text.replace("<!--served-->", ""))
    assert len(nonces) == 2


@pytest.mark.usefixtures("build")
@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip, deflate, br, zstd", "br", SMALLEST),
        ("gzip", "gzip", COMPRESSED),
        ("br;q=0.1, gzip", "gzip", COMPRESSED),
        ("br;q=0, gzip;q=0", None, SCRIPT),
        ("", None, SCRIPT),
    ],
)
def test_a_file_is_sent_in_the_form_that_is_taken(
    shared_app: APIFlask, accepted: str, encoding: str | None, body: bytes
) -> None:
    """With its own type, and kept apart by caches."""
    with shared_app.test_client().get("/assets/main-Ab12.js", headers={"Accept-Encoding": accepted}) as answer:
        assert answer.status_code == 200
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.data == body


@pytest.mark.usefixtures("build")
def test_a_file_is_kept_for_a_year(shared_app: APIFlask) -> None:
    """Its name changes with its content."""
    for name, kind in (("main-Ab12.js", "text/javascript"), ("letters-Cd34.woff2", "font/woff2")):
        with shared_app.test_client().get(f"/assets/{name}") as answer:
            said = {part.strip() for part in answer.headers["Cache-Control"].split(",")}
            assert said == {"public", "max-age=31536000", "immutable"}
            assert answer.mimetype == kind


@pytest.mark.usefixtures("build")
def test_the_script_for_other_sites_is_asked_for_again_each_hour(shared_app: APIFlask) -> None:
    """They name it, so its name stays when its content changes; what has not changed is not sent again."""
    client = shared_app.test_client()
    with client.get("/embed.js") as answer:
        assert (answer.status_code, answer.mimetype, answer.data) == (200, "text/javascript", SCRIPT)
        assert {part.strip() for part in answer.headers["Cache-Control"].split(",")} == {"public", "max-age=3600"}
    with client.get("/embed.js", headers={"If-None-Match": answer.headers["ETag"]}) as again:
        assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../secret.js", "/assets/%2e%2e/%2e%2e/secret.js", "/assets/..%2f..%2fsecret.js", "/assets/",
        "/assets/main-Ab12.js.gz", "/assets/nothing.js", "/index.html", "/my/nothing", "/nothing",
    ],
)  # fmt: skip
@pytest.mark.usefixtures("build")
def test_nothing_else_is_served(shared_app: APIFlask, path: str) -> None:
    """No other folder, no other name, no other page: 404 with a problem, as everywhere."""
    answer = shared_app.test_client().get(path)
    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_without_a_build_a_page_says_so_and_the_api_serves(
    shared_app: APIFlask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 in words, with what to do."""
    monkeypatch.setattr(front_ends, "BUILT", tmp_path)
    client = shared_app.test_client()
    for path in front_ends.PAGES:
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (503, "text/html")
        assert "make web" in answer.text
    behind = client.get("/", environ_overrides={"SCRIPT_NAME": "/dental"})
    assert 'href="/dental/api/docs/"' in behind.text
    assert client.get("/api").status_code == 200
    for path in ("/assets/main-Ab12.js", "/embed.js", "/service-worker.js"):
        assert client.get(path).status_code == 404


@pytest.mark.usefixtures("build")
@pytest.mark.parametrize("is_demo", [True, False])
def test_only_a_demo_practice_says_that_it_is_one(shared_app: APIFlask, is_demo: bool) -> None:
    """The page then shows the accounts whose password everybody knows."""
    with changed(shared_app, demo_mode=is_demo):
        page = shared_app.test_client().get("/").text
    assert ('<meta name="dental-sync-mode" content="demo">' in page) == is_demo


@pytest.mark.usefixtures("build")
def test_outside_a_demo_there_is_no_page_of_the_demo(shared_app: APIFlask) -> None:
    """As little as of any other path that is no page."""
    with changed(shared_app, demo_mode=False):
        answers = [shared_app.test_client().get(path) for path in ("/demo", "/demo/", "/nothing")]
    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {(404, "not-found")}


@pytest.mark.usefixtures("build")
@pytest.mark.parametrize(
    ("path", "is_demo", "named", "framers", "framed"),
    [
        ("/my", True, "", "'self'", "'self'"),
        ("/my", False, "https://clinic.example", "'none'", "'none'"),
        ("/book", False, "", "'none'", "'none'"),
        (
            "/book/",
            False,
            "https://clinic.example, https://b.example",
            "https://clinic.example https://b.example",
            "'none'",
        ),
        ("/book", True, "https://clinic.example", "'self' https://clinic.example", "'self'"),
    ],
)
def test_a_page_says_who_may_frame_it(
    shared_app: APIFlask, path: str, is_demo: bool, named: str, framers: str, framed: str
) -> None:
    """The page to book may stand in the sites that are named; a demo's pages stand in the page `/demo`."""
    with changed(shared_app, demo_mode=is_demo, frame_ancestors=named):
        answer = shared_app.test_client().get(path)
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert (policy["frame-ancestors"], policy["frame-src"]) == (framers, framed)


def test_the_pages_are_told_what_the_practice_has_set(shared_app: APIFlask) -> None:
    """Whether the front desk's device keeps what was seen, and when it is locked; by default neither is said."""
    page = shared_app.test_client().get("/desk").text
    assert "dental-sync-desk-offline" not in page
    assert "dental-sync-lock-minutes" not in page
    with changed(shared_app, desk_offline=True, desk_lock_minutes=7):
        page = shared_app.test_client().get("/desk").text
    assert '<meta name="dental-sync-desk-offline" content="yes">' in page
    assert '<meta name="dental-sync-lock-minutes" content="7">' in page


@pytest.mark.usefixtures("build")
def test_the_service_worker_lies_where_the_pages_do_and_is_asked_for_anew(shared_app: APIFlask) -> None:
    """Its folder is what it may serve; it may fetch from here, and nothing else."""
    with shared_app.test_client().get("/service-worker.js") as answer:
        assert (answer.status_code, answer.mimetype, answer.data) == (200, "text/javascript", SCRIPT)
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"


@pytest.mark.usefixtures("build")
def test_a_page_lies_where_the_proxy_says(shared_app: APIFlask) -> None:
    """By its base, to which all addresses in it are relative; the caller's host is in none of them."""
    answer = shared_app.test_client().get(
        "/my", environ_overrides={"SCRIPT_NAME": "/dental"}, headers={"Host": "evil.example"}
    )
    assert '<base href="/dental/">' in answer.text
    assert "evil.example" not in answer.text + str(answer.headers)


@pytest.mark.usefixtures("build")
@pytest.mark.parametrize("path", ["/assets/main-Ab12.js", "/embed.js", "/service-worker.js"])
def test_another_version_that_is_asked_for_is_a_problem_like_any(shared_app: APIFlask, path: str) -> None:
    """Not an empty script."""
    answer = shared_app.test_client().get(path, headers={"If-Match": '"another"'})
    assert (answer.status_code, answer.mimetype) == (412, "application/problem+json")
    assert answer.json["code"] == "precondition-failed"
