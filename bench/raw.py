"""The limits of what both services are built on: commits of PostgreSQL, and a bare WebSocket server."""

from __future__ import annotations

import re
import subprocess
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from bench.generator import Generator
from bench.programs import Program, wait_until
from bench.results import Results
from bench.served import PEER_FOLDER, lay_out, listens
from dental_sync.local.embedded.server import free_port, plain_environment
from dental_sync.local.embedded.temporary import TemporaryServers

SOCKETS = 500
# Each insert has a time of its own, as bookings have.
INSERT = """
INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at)
SELECT 1 + n % 200, 1 + n % 50, begin, begin + interval '30 minutes'
FROM nextval('times') AS n, LATERAL (SELECT timestamptz '2030-01-01' + n / 50 * interval '30 minutes' AS begin) AS at;
"""


def commits(servers: TemporaryServers, results: Results, folder: Path, seconds: float) -> None:
    """How many inserts into the peer's table PostgreSQL commits in a second, from one client and from 32."""
    url = servers.postgres.create_database("raw").owner
    lay_out(url)
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE times")
    script = folder / "insert.sql"
    script.write_text(INSERT)
    parts = urlsplit(url)
    # Not on the command line, where everybody can read them.
    access = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port),
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
    }
    for clients in (1, 32):
        done = subprocess.run(  # noqa: S603 - of the same package as the server
            [
                str(servers.postgres.workspace.programs.postgres / "pgbench"),
                *("-n", "-M", "prepared", "-c", str(clients), "-T", f"{max(1, seconds):.0f}", "-f", str(script), "raw"),
            ],
            env={**plain_environment(), **{name: value or "" for name, value in access.items()}},
            capture_output=True,
            text=True,
            check=True,
        )
        found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        assert found is not None, done.stdout
        results.note("raw", f"raw.commits.{clients}", float(found[1]))
    servers.postgres.drop_database("raw")


def broadcast(results: Results, logs: Path, seconds: float) -> None:
    """How many messages a second a bare WebSocket server delivers."""
    port = free_port()
    server = Program(
        "node broadcast.mjs", PEER_FOLDER, {**plain_environment(), "PORT": str(port)}, logs / "broadcast.log"
    )
    generator = Generator({"target": "peer", "ports": [port], "patients": [], "dentists": [], "first": "2030-01-01"})
    try:
        server.start()
        wait_until(lambda: listens(port), "the broadcast listens", {"broadcast": server})
        time.sleep(0.5)
        told = generator.ask("broadcast", sockets=SOCKETS, seconds=seconds)
        results.note("raw", "raw.broadcast", told["perSecond"])
        results.remarks += generator.saturated
    finally:
        generator.stop()
        server.stop()
