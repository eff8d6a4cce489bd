"""Behind nginx as deploy/nginx.conf has it: a rolling restart is no answer that anybody notices, and live goes on."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dental_sync.local.embedded.server import free_port
from dental_sync.local.run import PROJECT_FOLDER

from .conftest import Connect, StartSystem
from .rest import Account, Answer, call
from .system import System, wait_until
from .witnesses import assert_followed, log_rows

NGINX = shutil.which("nginx")
CALLERS = 4
# Between one that is ready again and the end of the next.
PAUSE_SECONDS = 2.0

pytestmark = pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine")


@contextmanager
def nginx(system: System, folder: Path) -> Iterator[int]:
    """Our file with the ports and folders of this test; gives the port on which it listens."""
    port = free_port()
    text = (PROJECT_FOLDER / "deploy" / "nginx.conf").read_text()
    temporary = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy"))
    for ours, here in (
        ("127.0.0.1:3000", f"127.0.0.1:{system.ports[0]}"),
        ("127.0.0.1:3001", f"127.0.0.1:{system.ports[1]}"),
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
        ("/run/nginx.pid", f"{folder}/nginx.pid"),
        ("/var/log/nginx/error.log", f"{folder}/error.log"),
        ("http {\n", f"http {{\n{temporary}"),
    ):
        assert ours in text, ours
        text = text.replace(ours, here)
    file = folder / "nginx.conf"
    file.write_text(text)
    # Its workers are another account's where this is root.
    folder.chmod(0o755)
    process = subprocess.Popen([str(NGINX), "-c", str(file), "-p", str(folder), "-g", "daemon off;"])
    try:
        wait_until(lambda: answers(port), 10, lambda: "nginx does not answer")
        yield port
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    """Whether somebody answers there."""
    try:
        return call(port, "GET", "/api/live").status == 200
    except OSError:
        return False


class Callers:
    """People who book through nginx without a pause and never ask twice."""

    def __init__(self, system: System, port: int) -> None:
        self.answered: list[Answer] = []
        self._system = system
        accounts = [Account([port], a.user, a.token) for a in map(system.account, ("patient1", "patient2"))]
        self._accounts = accounts
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._book, args=(number,)) for number in range(CALLERS)]

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _book(self, number: int) -> None:
        account = self._accounts[number % len(self._accounts)]
        dentist = self._system.account(f"dentist{number % 3 + 1}").dentist_id
        while not self._stop.is_set():
            body = self._system.opening().with_dentist(dentist)
            self.answered.append(account.call("POST", "/appointments", body, Idempotency_Key=str(uuid.uuid4())))


def test_a_rolling_restart_behind_nginx_is_no_answer_that_anybody_notices(
    start_system: StartSystem, connect: Connect, tmp_path: Path
) -> None:
    """Every booking is answered as ever, none with 502; a socket through nginx goes on without a gap."""
    system = start_system(TRUSTED_PROXIES="1", RATE_LIMIT_PER_MINUTE="100000")
    with nginx(system, tmp_path) as port:
        client = connect(system, "admin", wait=False, reconnection=True, reconnectionDelay=200)
        client.point(f"http://127.0.0.1:{port}")
        client.reconnect()
        client.wait_connected()
        client.follow("appointments:all")
        with Callers(system, port) as callers:
            for process in [*system.web, *system.web]:
                time.sleep(PAUSE_SECONDS)
                process.ask_to_stop()
                assert process.has_stopped_within(30)
                process.start()
                # Two that are away at once are nobody's fault but the operator's.
                system.wait_until_healthy()
        statuses = {answer.status for answer in callers.answered}
        assert statuses <= {201, 202, 409}, [answer for answer in callers.answered if answer.status > 409]
        assert len(callers.answered) > 50
        client.catch_up_with(system.settled_head())
        assert_followed(client, "appointments:all", log_rows(system))
