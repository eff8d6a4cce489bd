"""What is started with honcho or foreman from Procfile.local runs, answers and ends well."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dental_sync.local.embedded.passwords import Passwords
from dental_sync.local.embedded.server import die_with_parent, free_port, plain_environment
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.local.run import PROJECT_FOLDER, child_environment, is_healthy

from .conftest import begin_log
from .system import redis_of_its_own, wait_until


@pytest.mark.parametrize("manager", ["honcho", "foreman"])
def test_a_process_manager_keeps_the_local_procfile_running(
    servers: TemporaryServers, template: str, tmp_path: Path, manager: str
) -> None:
    """With Procfile it would end at once, because the release step ends; an interrupt ends it in an orderly way."""
    beside_python = Path(sys.executable).with_name(manager)
    program = beside_python if beside_python.exists() else shutil.which(manager)
    if program is None:
        pytest.skip(f"{manager} is not installed on this machine")
    urls = servers.postgres.create_database(f"live_{manager}", template)
    begin_log(urls.owner)
    redis = redis_of_its_own(servers.redis, f"live_{manager}", tmp_path)
    redis.start()
    port = free_port()
    passwords: Passwords = servers.passwords
    environment = {
        **child_environment(plain_environment(), passwords, port),
        "DATABASE_URL": urls.owner,
        "WEB_DATABASE_URL": urls.web,
        "WORKER_DATABASE_URL": urls.worker,
        "REDIS_URL": redis.url,
    }
    said, nothing = tmp_path / "said.log", tmp_path / "nothing.env"
    nothing.touch()
    with said.open("wb") as log:
        process = subprocess.Popen(
            # With an empty --env file: this machine's own must not get in.
            [program, "start", "-f", PROJECT_FOLDER / "Procfile.local", "-d", PROJECT_FOLDER, "-e", nothing],
            env=environment,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one system call, looked up before
        )
    try:
        wait_until(lambda: is_healthy(port), 60, said.read_text)
        time.sleep(1)
        assert process.poll() is None, said.read_text()
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(30)
        redis.stop()
        servers.postgres.drop_database(urls.owner.rsplit("/", 1)[1])
    words = said.read_text()
    assert status in (0, 130, -signal.SIGINT), words
    assert "Traceback" not in words, words
