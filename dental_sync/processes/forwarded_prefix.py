"""The path that a proxy serves this process behind, as the proxy says it in `X-Forwarded-Prefix`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Names between slashes. With `//` an address of ours would be one of another host.
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+", re.ASCII)
_LONGEST = 200


class ForwardedPrefix:
    """Takes the path from the last of the trusted proxies that may have said it; what is no path is ignored.

    The proxy may take the path off the address before it passes a request on, or leave it: here it is off.
    """

    def __init__(self, serve: WSGIApplication, trusted_proxies: int) -> None:
        self._serve = serve
        self._trusted_proxies = trusted_proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        said = [value.strip() for value in environ.get("HTTP_X_FORWARDED_PREFIX", "").split(",")]
        # What stands before was said by somebody who is not trusted.
        trusted = said[-self._trusted_proxies].rstrip("/") if 0 < self._trusted_proxies <= len(said) else ""
        if len(trusted) <= _LONGEST and _PATH.fullmatch(trusted) and not {".", ".."} & set(trusted.split("/")):
            environ["SCRIPT_NAME"] = trusted
            path = environ.get("PATH_INFO", "")
            if path.startswith(f"{trusted}/"):
                environ["PATH_INFO"] = path[len(trusted) :]
        return self._serve(environ, start_response)
