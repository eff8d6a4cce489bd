"""The housekeeper's thread that sends mails: a mail server that is slow or away holds up neither heartbeat nor lane.

It has no process of its own: it waits for others nearly all the time, and each process more has to be run, watched and
counted among the connections. The housekeeper's own thread goes on meanwhile.
"""

from __future__ import annotations

import logging
import threading
from contextlib import closing

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.services import settings
from dental_sync.mail import letters, outbox, senders
from dental_sync.storage.models import Practice

logger = logging.getLogger(__name__)

# What is being sent is sent to its end, and noted, when the process is to stop.
LAST_MAIL_SECONDS = 2 * senders.TRY_SECONDS


class Mailing:
    """Sends what is due when it is woken, one pass after the other, in a thread that begins with the first."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_over = False

    def wake(self) -> None:
        """There may be mails; returns at once."""
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="mailing", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Return when the mail that is being sent was noted."""
        self._is_over = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(LAST_MAIL_SECONDS)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._is_over:
                return
            with self._app.app_context():
                try:
                    send_due(db.session(), settings())
                except SQLAlchemyError as failure:
                    logger.warning("mails wait for the database: %s", failure)
                except Exception:
                    logger.exception("mails wait")


def send_due(session: Session, settings: Settings) -> None:
    """Send what is due, until nothing is or the mail server is away."""
    if not settings.mail_url:
        return
    practice = session.execute(select(Practice.name, Practice.time_zone)).one()
    session.commit()
    written_by = letters.From.of(settings, practice.name, practice.time_zone)
    with closing(senders.sender_for(settings.mail_url)) as sender:
        try:
            outbox.send_due(session, ["mail"], lambda taken: sender.send(letters.write(taken, written_by)))
        except senders.Unreachable as failure:
            # Its text may hold an address.
            logger.warning("the mail server takes nothing, mails wait: %s", type(failure.__cause__).__name__)
