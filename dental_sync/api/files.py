"""Files that are sent as they lie in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Response, send_from_directory

from dental_sync.core.errors import PreconditionFailed


def send(folder: Path, name: str, **how: Any) -> Response:
    """A file as Flask's `send_from_directory` answers it, with its type, tag and ranges.

    Raises PreconditionFailed where the caller's `If-Match` names another version: Werkzeug answers that without a
    word, in the file's own type. Raises what Werkzeug does where there is no such file, or no such range.
    """
    response = send_from_directory(folder, name, **how)
    if response.status_code == PreconditionFailed.status:
        response.close()
        raise PreconditionFailed
    return response
