"""What the API's own description makes possible is tried on real processes, as every role: nothing may be a 500, and
no answer other than described.

`make fuzz MINUTES=10 SEED=1` runs it; Schemathesis thinks up the requests.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dental_sync.local.embedded.temporary import temporary_servers

from ..practice import make_template
from . import assisting
from .conftest import running_system
from .rest import call
from .system import System

# Who has no account, but a token.
VISITOR = "a visitor"
# Admins last: what they change and withdraw, the others would miss.
ROLES = (VISITOR, "patient1", "dentist1", assisting.ASSISTANTS[0], "chatbot", "desk", "admin")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# Every limit out of the way, and no call waits for long.
SETTINGS = {"RATE_LIMIT_PER_MINUTE": "1000000", "LOGIN_LIMIT_PER_MINUTE": "1000000", "WRITE_WAIT_SECONDS": "2"}
# Who signs out could try nothing more.
SPARED = "/api/auth/logout"


def fuzz(system: System, name: str, *, seconds: float, seed: int, folder: Path) -> bool:
    """Try as one account or visitor for so long; says whether all was as described. Schemathesis prints the rest."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", f"{system.url()}/api/openapi.json"),
        *("--header", f"Authorization: Bearer {_token(system, name)}"),
        *("--checks", ",".join(CHECKS)),
        *("--exclude-path", SPARED),
        *("--max-time", f"{max(1, round(seconds))}"),
        *("--seed", f"{seed}"),
        *("--suppress-health-check", "all"),
        *("--request-timeout", "30"),
        *("--warnings", "off"),
        "--continue-on-failure",
        "--no-color",
    ]
    # In a folder of its own: it keeps what it found where it runs.
    return subprocess.run(command, cwd=folder, check=False).returncode == 0


def _token(system: System, name: str) -> str:
    if name != VISITOR:
        return system.account(name).token
    token: str = call(system.ports[0], "POST", "/api/public/token", {}).body["accessToken"]
    return token


@contextmanager
def _running_system() -> Iterator[tuple[System, Path]]:
    with ExitStack() as last_to_stop:
        servers = last_to_stop.enter_context(temporary_servers())
        folder = Path(last_to_stop.enter_context(tempfile.TemporaryDirectory()))
        template = make_template(servers.postgres)
        system = last_to_stop.enter_context(running_system(servers, template, folder, SETTINGS))
        assisting.prepare(system)
        yield system, folder


def main() -> None:
    """Run for as long as asked, on servers and processes of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with _running_system() as (system, folder):
        seconds = 60 * wanted.minutes / len(ROLES)
        broken = []
        for name in ROLES:
            print(f"As {name}, for {seconds:.0f} s:", flush=True)  # noqa: T201
            if not fuzz(system, name, seconds=seconds, seed=wanted.seed, folder=folder):
                broken.append(name)
        complaints = system.complaints()
    verdict = f"BROKEN as {', '.join(broken)}" if broken else "Every answer was as described."
    print(verdict, *complaints, sep="\n")  # noqa: T201
    sys.exit(1 if broken or complaints else 0)


if __name__ == "__main__":
    main()
