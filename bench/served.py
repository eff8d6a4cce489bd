"""The two services that are measured, each with a generator: Dental Sync as its Procfile says, and the peer."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jwt
import psycopg2

from bench import practice
from bench.generator import Generator
from bench.programs import Program, Used, measured, wait_until
from dental_sync.core.instants import format_instant
from dental_sync.local.embedded.server import free_port, plain_environment
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.local.run import PROJECT_FOLDER, child_environment, is_healthy
from dental_sync.local.supervisor import read_procfile

PEER_FOLDER = Path(__file__).parent / "peer"
# No demo, tokens that outlive the run, and (`child_environment`) no limit on calls, of which a few accounts make all.
SETTINGS = {"DEMO_MODE": "0", "ACCESS_TOKEN_SECONDS": str(practice.TOKEN_SECONDS)}
# What one worker for everything has in place of a part of its line.
ONE_QUEUE, ALL_IN_ONE = "-Q writes -c 1", "-Q writes,housekeeping -c 2 -B"
COMPLAINT = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|Traceback")
# What is said at each start of what was left out by choice, as mails are here.
CHOSEN = " notice: "


@dataclass
class Side:
    """One service while it runs: its processes by name, its generator, and the servers that both sides share."""

    name: str
    programs: dict[str, Program]
    generator: Generator
    servers: TemporaryServers
    port: int
    treatment: str = ""
    # Of how long a window lasts that long enough figures need; less is a look.
    scale: float = 1.0
    # What the last search has found.
    fan_out_rate: int = 0

    def ask(self, command: str, **more: Any) -> dict[str, Any]:
        """Let the generator do something."""
        return self.generator.ask(command, **more)

    def measured(self) -> AbstractContextManager[Used]:
        """What its processes, both servers and the generator use meanwhile."""
        own = {name: program.pid for name, program in self.programs.items()}
        servers = {"PostgreSQL": self.servers.postgres.pid, "Redis": self.servers.redis.pid}
        return measured({**own, **servers, "generator": self.generator.pid})

    def lasting(self, seconds: float) -> float:
        """So long in a run that counts, and shorter in a look."""
        return seconds * self.scale

    def own(self, used: Used) -> float:
        """Seconds of the processor of all its processes, without PostgreSQL, Redis and the generator."""
        return used.of(*self.programs)

    def complaints(self) -> list[str]:
        """The warnings and errors that its processes have logged since this was last asked, the first of each."""
        found = []
        for name, program in self.programs.items():
            lines = [line for line in program.new_lines() if COMPLAINT.search(line) and CHOSEN not in line]
            if lines:
                found.append(f"{self.name}, {name} logged {len(lines)} warnings or errors, the first: {lines[0]}")
        return found

    def restart(self, name: str) -> None:
        """Kill one of its processes, and start it again at once."""
        self.programs[name].kill()
        self.programs[name].start()

    def wait_until_healthy(self) -> None:
        """Its web process answers, and says that all is well."""
        if self.name == "peer":
            wait_until(lambda: listens(self.port), "the peer listens", self.programs)
        else:
            wait_until(lambda: is_healthy(self.port), "Dental Sync is healthy", self.programs)


@contextmanager
def ours(
    servers: TemporaryServers, signed: practice.Signed, logs: Path, *, all_in_one: bool = False, web: int = 1
) -> Iterator[Side]:
    """Dental Sync over the database of `practice.make`, with so many web processes on its port."""
    port = free_port()
    commands = read_procfile(PROJECT_FOLDER / "Procfile")
    del commands["release"]
    if all_in_one:
        commands = {"web": commands["web"], "worker": commands["worker"].replace(ONE_QUEUE, ALL_IN_ONE)}
    urls = servers.postgres.urls(practice.DATABASE)
    settings = {
        **plain_environment(),
        **SETTINGS,
        "DATABASE_URL": urls.owner,
        "WEB_DATABASE_URL": urls.web,
        "WORKER_DATABASE_URL": urls.worker,
        "REDIS_URL": servers.redis.url,
        "WEB_PROCESSES": str(web),
    }
    environment = child_environment(settings, servers.passwords, port)
    programs = {
        name: Program(command, PROJECT_FOLDER, environment, logs / f"{name}.log") for name, command in commands.items()
    }
    people = {name: value for name, value in asdict(signed).items() if name != "treatment"}
    with _running(programs, {"target": "ours", "ports": [port], **people}) as generator:
        side = Side("ours", programs, generator, servers, port, signed.treatment)
        side.wait_until_healthy()
        yield side


@contextmanager
def peer(servers: TemporaryServers, logs: Path) -> Iterator[Side]:
    """The peer over a database of its own beside ours."""
    url = servers.postgres.create_database("peer").owner
    lay_out(url)
    secret = servers.passwords.jwt_secret_key
    port = free_port()
    environment = {**plain_environment(), "NODE_ENV": "production"}
    environment |= {"PORT": str(port), "DATABASE_URL": url, "JWT_SECRET": secret}
    web = Program("node server.mjs", PEER_FOLDER, environment, logs / "peer.log")

    def people(role: str, count: int) -> practice.Accounts:
        return [
            {"id": n, "token": jwt.encode({"sub": str(n), "role": role, "iat": int(time.time())}, secret)}
            for n in range(1, count + 1)
        ]

    set_up = {
        "target": "peer",
        "ports": [port],
        "patients": people("patient", practice.PATIENTS),
        "dentists": people("dentist", practice.DENTISTS),
        "admins": people("admin", practice.ADMINS),
    }
    with _running({"web": web}, set_up) as generator:
        side = Side("peer", {"web": web}, generator, servers, port)
        side.wait_until_healthy()
        yield side


def lay_out(url: str) -> None:
    """Make the peer's table in an empty database."""
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute((PEER_FOLDER / "schema.sql").read_text())


@contextmanager
def _running(programs: Mapping[str, Program], set_up: dict[str, Any]) -> Iterator[Generator]:
    generator = Generator({**set_up, "first": format_instant(practice.first_time())})
    try:
        for program in programs.values():
            program.start()
        yield generator
    finally:
        generator.stop()
        for program in reversed(list(programs.values())):
            program.stop()


def listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
