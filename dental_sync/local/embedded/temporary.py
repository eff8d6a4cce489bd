"""Both servers for one test run or benchmark: free ports, nothing kept."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dental_sync.local.embedded.passwords import Passwords
from dental_sync.local.embedded.postgres import Postgres
from dental_sync.local.embedded.redis import Redis
from dental_sync.local.embedded.server import free_port
from dental_sync.local.embedded.workspace import Workspace


@dataclass(frozen=True)
class TemporaryServers:
    postgres: Postgres
    redis: Redis
    passwords: Passwords


@contextmanager
def temporary_servers(*, durable: bool = False, below: Path | None = None) -> Iterator[TemporaryServers]:
    """Running servers, stopped and removed at the end. Both can be killed, paused and started again meanwhile.

    PostgreSQL waits for the disk only when `durable`; the data lie `below` a folder, or where temporary ones do.
    """
    with temporary_workspace(below) as workspace:
        passwords = Passwords.generate()
        postgres = Postgres(workspace, free_port(), passwords, durable=durable)
        redis = Redis(workspace, free_port(), passwords.redis)
        try:
            postgres.start()
            redis.start()
            yield TemporaryServers(postgres, redis, passwords)
        finally:
            redis.stop()
            postgres.stop()


@contextmanager
def temporary_workspace(below: Path | None = None) -> Iterator[Workspace]:
    """A data folder that is removed at the end, and which the servers' account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="dental-sync-", dir=below))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    try:
        yield Workspace.in_folder(folder)
    finally:
        shutil.rmtree((folder / "data").resolve(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
