"""The path before ours, as trusted proxies say it."""

from __future__ import annotations

from typing import Any

import pytest

from dental_sync.processes.forwarded_prefix import ForwardedPrefix


def served(trusted: int, said: str | None, path: str = "/api/x") -> tuple[str, str]:
    """What the app is told: its own path, and the path of the request below it."""
    seen: list[Any] = []

    def app(environ: Any, _start: Any) -> list[bytes]:
        seen.append((environ.get("SCRIPT_NAME", ""), environ["PATH_INFO"]))
        return []

    environ = {"PATH_INFO": path} | ({} if said is None else {"HTTP_X_FORWARDED_PREFIX": said})
    ForwardedPrefix(app, trusted)(environ, lambda *_: None)  # type: ignore[arg-type, return-value]
    return seen[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("said", ["/dental", "/dental/", " /dental ", "/evil, /dental"])
def test_the_last_proxy_says_the_path(said: str) -> None:
    """What a client said before it, the proxy has moved to the front."""
    assert served(1, said) == ("/dental", "/api/x")


def test_of_two_proxies_the_first_says_it() -> None:
    """It is the one that clients see."""
    assert served(2, "/evil, /outer, /inner") == ("/outer", "/api/x")


def test_a_proxy_may_leave_the_path_on() -> None:
    """It is off below."""
    assert served(1, "/dental", "/dental/api/x") == ("/dental", "/api/x")
    assert served(1, "/a/b", "/a/b/socket.io/") == ("/a/b", "/socket.io/")
    assert served(1, "/dental", "/dentaloffice/api/x") == ("/dental", "/dentaloffice/api/x")


@pytest.mark.parametrize(("trusted", "said"), [(0, "/dental"), (1, None), (2, "/dental"), (1, "")])
def test_nobody_else_says_it(trusted: int, said: str | None) -> None:
    """Without a trusted proxy it is a client that speaks."""
    assert served(trusted, said) == ("", "/api/x")


NO_PATHS = [
    "dental",
    "//evil.example",
    "/a//b",
    "/..",
    "/a/../b",
    "/a b",
    "/<script>",
    "https://evil.example",
    "/ä",
    "/",
]


@pytest.mark.parametrize("said", [*NO_PATHS, "/" + "a" * 200])
def test_what_is_no_path_is_ignored(said: str) -> None:
    """It would become part of addresses and pages."""
    assert served(1, said) == ("", "/api/x")
