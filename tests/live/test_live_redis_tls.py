"""All processes reach a Redis with TLS by the one policy, under eventlet's sockets too."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers
from tests.tls import Authority, gate

from .conftest import StartSystem
from .javascript import Connect
from .system import wait_until


@pytest.mark.parametrize("verify", ["full", "none"])
def test_everything_works_over_tls(
    start_system: StartSystem, servers: TemporaryServers, connect: Connect, tmp_path: Path, verify: str
) -> None:
    """Rings for the lane, the message queue and the registry; what is booked is told through the queue."""
    authority = Authority(tmp_path)
    redis = urlsplit(servers.redis.url)
    trusted = {"REDIS_CA_FILE": str(authority.file)} if verify == "full" else {}
    host = "localhost" if verify == "full" else "elsewhere.example"
    with gate(authority.context(host), servers.redis.port) as port:
        url = f"rediss://:{redis.password}@localhost:{port}/0"
        system = start_system(REDIS_URL=url, REDIS_TLS_VERIFY=verify, **trusted)
        client = connect(system, "admin")
        client.follow("appointments:all")
        dentist, patient = system.account("dentist1"), system.account("patient1")

        def comes_through_the_queue() -> bool:
            """The first may be found in the log before the worker has connected to the queue."""
            booked = patient.call("POST", "/appointments", system.opening().with_dentist(dentist.dentist_id))
            assert booked.status == 201, booked
            time.sleep(0.5)
            return (system.scrape()("messages_delivered_total", source="queue") or 0) > 0

        wait_until(comes_through_the_queue, 20, lambda: system.log_of(system.worker) + system.log_of(system.web[0]))
        client.wait_for(lambda: client.events("appointment:created") != [], "the message", 10)
        notices = patient.call("GET", "/sync/health").body["notices"]
        assert any("REDIS_TLS_VERIFY" in said for said in notices) == (verify == "none")
        system.stop()
