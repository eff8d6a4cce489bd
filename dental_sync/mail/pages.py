"""The page behind a link of a reminder: it asks, and its form answers; scanners of mails read it and change nothing."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from dental_sync.mail import templating

_STYLE = (
    "body{font:1.1em/1.5 sans-serif;max-width:34em;margin:3em auto;padding:0 1em}button{font:inherit;padding:.5em 1em}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Nothing is loaded, no script runs, and the form answers nobody else.
POLICY = (
    f"default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src 'sha256-{_STYLE_HASH}'"
)


def reminder(language: str, state: str, answer: str, **values: Any) -> str:
    """The page in a state: `asks`, `done`, `waits`, a refusal's code, or why a link does nothing (writes/by_link)."""
    return templating.fill("page.html", language, style=_STYLE, state=state, answer=answer, **values)
