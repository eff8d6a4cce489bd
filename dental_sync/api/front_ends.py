"""The pages of `web/`, as its build left them: one document for all of them, and hashed files beside it."""

from __future__ import annotations

import secrets
from html import escape
from pathlib import Path

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import NotFound

from dental_sync.api import files
from dental_sync.core.services import settings

BUILT = Path(__file__).parents[2] / "web" / "dist"
# Those that web/src/routes.tsx has: all have one document, whose script finds out which page it is.
PAGES = (
    "/",
    "/sign-in",
    "/forgotten",
    "/password",
    "/address",
    "/invitation",
    "/book",
    "/my",
    "/account",
    "/dentist",
    "/desk",
    "/admin",
    "/demo",
)

# Nothing comes from elsewhere, and nothing stands in the page. React Aria makes elements with styles where a browser
# lacks something: they carry the nonce of the answer.
_POLICY = (
    "default-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors {framers}; script-src 'self'; "
    "style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src {framed}"
)
# The one that another site may show in a frame, where the settings name the site.
_EMBEDDED = "/book"
# The one that shows others in frames, and is there in demo mode only.
_DEMO = "/demo"
# What it fetches are the pages and their files.
_WORKER_POLICY = "default-src 'none'; connect-src 'self'"
_WORKER = "service-worker.js"
_YEAR = 31_536_000
_HOUR = 3600
# The best first: what a browser takes equally gladly is sent as the smallest.
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
# What a build consists of; the machine's own table of types may lack some, or say them otherwise.
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
# Where the document says what only the server knows.
_SERVED = "<!--served-->"
_NOT_BUILT = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Dental Sync: not built yet</title>
<h1>The pages are not built yet</h1>
<p>Whoever runs this server builds them with <code>make web</code>.
The <a href="{root}/api/docs/">API</a> and the live messages are served as ever.</p>
</html>
"""

blueprint = Blueprint("front_ends", __name__)


def register(app: Flask) -> None:
    """Serve the pages and their files; without a build the pages say so (503)."""
    app.register_blueprint(blueprint)


def _page() -> Response:
    root, rule = request.script_root, request.url_rule.rule if request.url_rule else ""
    is_demo = settings().demo_mode
    if rule == _DEMO and not is_demo:
        raise NotFound
    try:
        document = (BUILT / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return Response(_NOT_BUILT.format(root=escape(root)), status=503, mimetype="text/html")
    nonce = secrets.token_urlsafe(16)
    # First of all in the head: the addresses of scripts and styles are relative to the base.
    told = f'<base href="{escape(root)}/"><meta property="csp-nonce" nonce="{nonce}">'
    told += "".join(f'<meta name="dental-sync-{name}" content="{value}">' for name, value in _facts().items())
    # Of our own pages those of the demo alone are in frames.
    framed = ["'self'"] if is_demo else []
    framers = [*framed, *settings().framers] if rule == _EMBEDDED else framed
    policy = _POLICY.format(nonce=nonce, framers=_sources(framers), framed=_sources(framed))
    return Response(
        document.replace(_SERVED, told, 1), mimetype="text/html", headers={"Content-Security-Policy": policy}
    )


def _sources(named: list[str]) -> str:
    """Write a list of origins as a policy has it."""
    return " ".join(named) or "'none'"


def _facts() -> dict[str, str]:
    """What the scripts have to know of the settings, as text without a character that HTML escapes."""
    known = settings()
    facts = {"mode": "demo"} if known.demo_mode else {}
    if known.desk_offline:
        facts["desk-offline"] = "yes"
    if known.desk_lock_minutes > 0:
        facts["lock-minutes"] = str(known.desk_lock_minutes)
    return facts


for _path in PAGES:
    blueprint.add_url_rule(_path, view_func=_page, endpoint="page", methods=["GET"], strict_slashes=_path == "/")


@blueprint.get(f"/{_WORKER}")
def service_worker() -> Response:
    """What shows the pages where there is no network; a browser looks for another one whenever it opens a page."""
    if not (BUILT / _WORKER).is_file():
        raise NotFound
    response = files.send(BUILT, _WORKER, mimetype=_TYPES[".js"])
    response.headers["Content-Security-Policy"] = _WORKER_POLICY
    return response


@blueprint.get("/assets/<name>")
def asset(name: str) -> Response:
    """A file whose name changes with its content; compressed where the browser takes that."""
    folder = BUILT / "assets"
    kind = _TYPES.get(Path(name).suffix)
    if kind is None or not (folder / name).is_file():
        raise NotFound
    there = [each for each, suffix in _ENCODINGS.items() if (folder / f"{name}{suffix}").is_file()]
    best = max(there, key=request.accept_encodings.quality, default="")
    encoding = best if request.accept_encodings.quality(best) > 0 else None
    sent = f"{name}{_ENCODINGS[encoding]}" if encoding else name
    response = files.send(folder, sent, mimetype=kind, download_name=name, max_age=_YEAR)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    if there:
        response.headers["Vary"] = "Accept-Encoding"
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response


@blueprint.get("/embed.js")
def embed() -> Response:
    """The script by which another site shows the page to book; its name stays, so it is asked for again each hour."""
    if not (BUILT / "embed.js").is_file():
        raise NotFound
    response = files.send(BUILT, "embed.js", mimetype="text/javascript", max_age=_HOUR)
    response.cache_control.public = True
    return response
