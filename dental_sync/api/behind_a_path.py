"""Served behind a path (`/dental/`), which processes/forwarded_prefix finds: what answers refer to lies behind it."""

from __future__ import annotations

from flask import Flask, Response, request

# The root of the description's addresses, as it is written.
_ROOT = b'"url":"/"'


def register(app: Flask) -> None:
    """Add the path to every answer's `Location`, `Link` and description."""
    app.after_request(_add_path)


def _add_path(response: Response) -> Response:
    path = request.script_root
    if not path:
        return response
    location, link = response.headers.get("Location"), response.headers.get("Link")
    if location is not None and location.startswith("/"):
        response.headers["Location"] = path + location
    if link is not None and link.startswith("</"):
        response.headers["Link"] = f"<{path}{link[1:]}"
    if request.endpoint == "openapi.spec":
        response.set_data(response.get_data().replace(_ROOT, f'"url":"{path}"'.encode(), 1))
    return response
