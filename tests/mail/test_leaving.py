"""A mail leaves soon after its commit: the housekeeper's thread looks for what is due."""

from __future__ import annotations

import time

from apiflask import APIFlask

from dental_sync.core import services
from dental_sync.processes.mailing import Mailing
from tests import plain_sql
from tests.mail.test_outbox import put
from tests.mail_server import MailServer


def test_a_mail_is_found_without_being_rung_for(app: APIFlask, worker_app: APIFlask, mail_server: MailServer) -> None:
    """One after the other; the thread ends with the process, after the mail that it sends."""
    mailing = services.of(worker_app, Mailing)
    mailing.start()
    for count in (1, 2):
        put(app)
        deadline = time.monotonic() + plain_sql.PATIENCE_SECONDS
        while len(mail_server.taken) < count:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    mailing.stop()
    assert mailing._thread is not None
    assert not mailing._thread.is_alive()
