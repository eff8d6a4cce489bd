"""How Celery comes back to a Redis that was away."""

from __future__ import annotations

import pytest
from kombu.exceptions import OperationalError

from dental_sync.core.broker import celery
from dental_sync.local.embedded.server import free_port


def test_celery_waits_no_longer_for_redis_the_longer_it_is_away() -> None:
    """The worker and beat are back within a second, after an outage of any length."""
    pauses: list[float] = []
    with (
        celery.connection_for_read(f"redis://127.0.0.1:{free_port()}/0") as connection,
        pytest.raises(OperationalError),
    ):
        connection.ensure_connection(lambda _failure, pause: pauses.append(pause), max_retries=4)
    assert len(pauses) == 4
    assert max(pauses) <= 1.0
