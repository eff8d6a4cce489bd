"""What every answer tells browsers and caches: keep nothing, guess nothing, pass nothing on, frame nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A browser that has been here by TLS once comes back by nothing else, for a year. Other names of the practice's domain
# are not ours to promise for.
HSTS = "max-age=31536000"
_NOTHING_IS_LOADED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# A page of ours has scripts, styles and images of ours in files, and calls our API. Swagger UI sets styles of its own.
PAGE_POLICY = (
    f"{_NOTHING_IS_LOADED}; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'"
)

# Where an answer does not say otherwise.
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # For browsers that do not know `frame-ancestors`.
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": _NOTHING_IS_LOADED,
    # Nearly everything is about somebody; what is not, says how long it may be kept.
    "Cache-Control": "no-store",
}


class SafeHeaders:
    """Adds the headers to each answer that lacks them, Socket.IO's own and those of middleware included."""

    def __init__(self, serve: WSGIApplication) -> None:
        self._serve = serve

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # Behind a proxy it is the proxy's, where TRUSTED_PROXIES lets it say so.
        by_tls = environ.get("wsgi.url_scheme") == "https"

        def answer(status: str, headers: list[tuple[str, str]], *failure: Any) -> Callable[[bytes], object]:
            said = {name.lower() for name, _ in headers}
            added = [(name, value) for name, value in _ALWAYS.items() if name.lower() not in said]
            if by_tls:
                added.append(("Strict-Transport-Security", HSTS))
            return start_response(status, [*headers, *added], *failure)

        return self._serve(environ, answer)
