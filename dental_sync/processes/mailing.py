"""The housekeeper's thread that sends mails: a mail server that is slow or away holds up neither heartbeat nor lane.

It has no process of its own: it waits for others nearly all the time, and each process more has to be run, watched and
counted among the connections. The housekeeper's own thread goes on meanwhile.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable
from contextlib import closing

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.logs import facts
from dental_sync.core.services import settings
from dental_sync.mail import letters, outbox, senders, texts
from dental_sync.storage.models import Practice

logger = logging.getLogger(__name__)

# A mail leaves within two seconds of its commit. A ring for each cost the worker and the housekeeper three times what a
# booking does, and came a second before the next look at most.
LOOK_SECONDS = 1.0
# What is being sent is sent to its end, and noted, when the process is to stop.
LAST_MAIL_SECONDS = 2 * senders.TRY_SECONDS


class Mailing:
    """Sends what is due, every second, where mails leave at all."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    def start(self) -> None:
        """Look for mails from now on; nothing where none leave."""
        if services.of(self._app, Settings).writes_to_people:
            self._thread = threading.Thread(target=self._run, name="mailing", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Return when the mail that is being sent was noted."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(LAST_MAIL_SECONDS)

    def _run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            with self._app.app_context():
                try:
                    send_due(db.session(), settings())
                except SQLAlchemyError as failure:
                    logger.warning("mails wait for the database: %s", failure)
                except Exception:
                    logger.exception("mails wait")


def send_due(session: Session, settings: Settings) -> None:
    """Send what is due, until nothing is, or who is to take it is away."""
    if not settings.writes_to_people or not outbox.has_due(session):
        return
    practice = session.scalars(select(Practice)).one()
    session.commit()
    written_by = letters.From.of(settings, practice)
    for channel, url, suffix, write in (
        ("mail", settings.mail_url, ".eml", letters.write),
        ("sms", settings.sms_url, ".txt", texts.write),
    ):
        if url:
            with closing(senders.sender_for(url, suffix)) as sender:
                _send(session, channel, sender, functools.partial(write, sender=written_by))


def _send(
    session: Session, channel: str, sender: senders.Sender, write: Callable[[outbox.Taken], senders.Letter]
) -> None:
    def send(taken: outbox.Taken) -> None:
        try:
            letter = write(taken)
        except senders.Refused:
            raise
        except Exception as failure:
            # A template that is wrong must not hold up the others.
            logger.exception("a mail cannot be written", extra=facts(kind=taken.kind))
            raise senders.NotNow from failure
        sender.send(letter)

    try:
        outbox.send_due(session, channel, send)
    except senders.Unreachable as failure:
        # Its text may hold an address.
        logger.warning("%s takes nothing, what is due waits: %s", channel, type(failure.__cause__ or failure).__name__)
