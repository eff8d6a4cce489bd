"""Flask without sessions of its own: nothing of ours is kept in a cookie, so none is read, signed or written."""

from __future__ import annotations

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin


class NoSessions(SessionInterface):
    """For each request and each event of a socket the session in which nothing can be kept."""

    def open_session(self, app: Flask, request: Request) -> None:
        """None: Flask makes one that refuses whatever is put into it."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """There is nothing to save."""
