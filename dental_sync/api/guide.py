"""For whoever comes to an address without knowing the way: what is where, the API's pages, and in a demo the guides."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from dental_sync.api import files
from dental_sync.api.headers import PAGE_POLICY
from dental_sync.core.services import settings

DESCRIPTION = """\
The diary of a dental practice: what is free, who is booked, and a message about each change.

**Signing in.** `POST /api/auth/login` with `{"email": …, "password": …}` answers an `accessToken`, which every other
operation takes as `Authorization: Bearer <accessToken>`; on this page it goes into *Authorize*. It is valid for
`expiresIn` seconds; `POST /api/auth/refresh` with the `refreshToken` as bearer answers the next pair. In a demo
practice (`make run`) the accounts are `admin@demo.test`, `desk@demo.test` (a receptionist), `dentist1@demo.test`,
`patient1@demo.test` and `chatbot@demo.test`, their password is `demo-password-1`.

**What to expect.** Instants are RFC 3339 in UTC, and a request carries an offset. Lists answer `{items, next}`. A
refusal is a problem (RFC 9457) with a stable `code`. What changes something may carry an `Idempotency-Key`, with
which it is done once however often it is sent, but for signing in and the own account's. A change of the diary is
answered 202 when its outcome is not there yet.

**Live.** Socket.IO 5 at `/socket.io`, with `auth: {token: <accessToken>}`; `subscribe` to a channel from the
`position` and `epoch` of a list on, and nothing in between is missed.
"""

_ASSETS = Path(str(importlib.util.find_spec("flask_swagger_ui").origin)).parent / "dist"  # type: ignore[union-attr]
_GUIDES = Path(__file__).parents[2] / "docs"

# Its addresses are relative: they are true behind a path and under every name. Nothing is fetched from a third party,
# and no script stands in the page itself, so that a content security policy can forbid both.
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Dental Sync: the API</title>
<link rel="stylesheet" href="index.css">
<link rel="stylesheet" href="swagger-ui.css">
<link rel="icon" type="image/png" href="favicon-32x32.png" sizes="32x32">
</head>
<body>
<div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="swagger-ui-standalone-preset.js"></script>
<script src="start.js"></script>
</body>
</html>
"""
_START = """\
window.ui = SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#swagger-ui",
  layout: "StandaloneLayout",
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  plugins: [SwaggerUIBundle.plugins.DownloadUrl],
});
"""

blueprint = Blueprint("guide", __name__)


def register(app: APIFlask) -> None:
    """Show the way from `/api`, and let the description say what this is."""
    app.description = DESCRIPTION
    app.license = {"name": "MIT", "identifier": "MIT"}
    app.register_blueprint(blueprint)


@blueprint.get("/api", strict_slashes=False)
def index() -> dict[str, Any]:
    """What is where."""
    root = request.script_root
    return {
        "name": "Dental Sync",
        "about": "The diary of a dental practice: what is free, who is booked, and a message about each change.",
        "documentation": f"{root}/api/docs/",
        "description": f"{root}/api/openapi.json",
        "signIn": {"method": "POST", "path": f"{root}/api/auth/login", "body": {"email": "…", "password": "…"}},
        "thenSend": "Authorization: Bearer <accessToken>",
        "live": {"protocol": "Socket.IO 5", "path": f"{root}/socket.io", "auth": {"token": "<accessToken>"}},
        "health": f"{root}/api/sync/health",
    }


@blueprint.get("/api/docs")
def docs_without_slash() -> AnyResponse:
    """Its links are relative to a folder."""
    return redirect("/api/docs/")


@blueprint.get("/api/docs/")
def docs() -> Response:
    """The API, to be read and tried."""
    return Response(_PAGE, mimetype="text/html", headers={"Content-Security-Policy": PAGE_POLICY})


@blueprint.get("/api/docs/<path:name>")
def asset(name: str) -> Response:
    """What the page is made of."""
    if name == "start.js":
        return Response(_START, mimetype="text/javascript")
    if name == "index.html":
        return docs()
    if not (_ASSETS / name).is_file():
        raise NotFound
    return files.send(_ASSETS, name)


@blueprint.get("/guides/<name>.md")
def guide(name: str) -> Response:
    """A guide of `docs/` as it is written; only in a demo practice, whose first page names some."""
    if not settings().demo_mode or not (_GUIDES / f"{name}.md").is_file():
        raise NotFound
    # As Markdown it would be downloaded.
    return files.send(_GUIDES, f"{name}.md", mimetype="text/plain")
