"""A mail leaves soon after its commit: what makes it rings, and the housekeeper's thread sends it."""

from __future__ import annotations

import time

import pytest
from apiflask import APIFlask

from dental_sync.core import services
from dental_sync.core.redis import redis
from dental_sync.processes import tasks
from dental_sync.processes.mailing import Mailing
from dental_sync.writes.bell import MAIL_RING_KEY
from tests import plain_sql
from tests.api.hours import SignIn, a_check_up
from tests.conftest import Practice, mute
from tests.mail.test_outbox import put
from tests.mail_server import MailServer


def test_the_lane_rings_for_the_mails_that_it_makes_and_for_those_of_whoever_rang(
    app: APIFlask, worker_app: APIFlask, sign_in: SignIn, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A web process rings for the lane alone."""
    rung: list[None] = []
    monkeypatch.setattr(tasks, "wake_mailing", lambda: rung.append(None))
    mute(app)
    wish = a_check_up(practice, patientId=str(practice.patients[0]))
    assert sign_in("desk").post("/appointments", wish, Prefer="respond-async").status_code == 202
    with worker_app.app_context():
        tasks.process_writes.run()
    # For the mail that it made, and once when it comes and once before it leaves, for who rang meanwhile.
    assert len(rung) == 3


def test_a_ring_wakes_the_thread_and_lets_the_next_one_ring(
    app: APIFlask, worker_app: APIFlask, mail_server: MailServer
) -> None:
    """Whatever made a mail while the ring was on its way; it ends with the process, after the mail that it sends."""
    mailing = services.of(worker_app, Mailing)
    for count in (1, 2):
        put(app)
        with worker_app.app_context():
            redis().set(MAIL_RING_KEY, "1")
            tasks.send_mails.run()
            assert not redis().exists(MAIL_RING_KEY)
        deadline = time.monotonic() + plain_sql.PATIENCE_SECONDS
        while len(mail_server.taken) < count:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    mailing.stop()
    assert mailing._thread is not None
    assert not mailing._thread.is_alive()
