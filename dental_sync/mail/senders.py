"""How a mail leaves: by SMTP (RFC 5321), or as a file in a folder; and a text message: what MAIL_URL and SMS_URL say.

A try takes TRY_SECONDS: then the connection is closed, however busy the other side seems.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from uuid import UUID

from dental_sync.core.notices import is_this_machine

TRY_SECONDS = 5.0
# Of a folder, the newest.
FILES_KEPT = 1_000
# What a service says of this one message; whatever else it says is about all of them.
_NEVER_TAKEN = frozenset({400, 404, 409, 410, 413, 422})
_PORTS = {"smtp": 25, "smtps": 465}


class Refused(Exception):
    """The other side will never take it."""


class NotNow(Exception):
    """The other side may take it later."""


class Unreachable(NotNow):
    """The other side takes nothing now."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, or a text message, as it leaves."""

    id: UUID
    recipient: str
    made_at: datetime
    message: EmailMessage


class Sender(Protocol):
    """Takes one letter after another; raises Refused, NotNow or Unreachable."""

    def send(self, letter: Letter) -> None:
        """Return once the other side has taken it."""

    def close(self) -> None:
        """There are no more for now."""


def sender_for(url: str, suffix: str = ".eml") -> Sender:
    """What MAIL_URL or SMS_URL names: `smtp:`, `smtps:`, `https:` (`http:` on this machine) or `file:`.

    `suffix` is that of files.
    """
    address = urlsplit(url)
    match address.scheme:
        case "file":
            return Folder(folder_of(url), suffix)
        case "http" | "https":
            return Http(address)
        case _:
            return Smtp(address)


def folder_of(url: str) -> Path:
    """The folder that a `file:` URL names."""
    return Path(unquote(urlsplit(url).path))


class Folder:
    """One file for each letter, written beside the folder's own files and renamed, so that none is half there."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix

    def send(self, letter: Letter) -> None:
        """Write it; what was written before under the same id is replaced."""
        name = f"{letter.made_at:%Y%m%dT%H%M%S%f}-{letter.id}{self._suffix}"
        try:
            content = letter.message.as_bytes()
        except ValueError as failure:
            raise Refused from failure
        unfinished = self._folder / ".unfinished"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished.mkdir(mode=0o700, exist_ok=True)
            with open(unfinished / name, "wb", opener=_for_us_alone) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            (unfinished / name).replace(self._folder / name)
            self._drop_the_oldest()
        except OSError as failure:
            raise Unreachable from failure

    def close(self) -> None:
        """Nothing is open."""

    def _drop_the_oldest(self) -> None:
        names = sorted(path.name for path in self._folder.glob(f"*{self._suffix}"))
        for name in names[:-FILES_KEPT]:
            (self._folder / name).unlink(missing_ok=True)


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class Http:
    """Posts each text message to a service: `{"id", "to", "text"}` as JSON, and 2xx says that it has taken it.

    The `Idempotency-Key` is the same at each try. User and password of the URL are sent as such (RFC 7617).
    """

    def __init__(self, address: SplitResult) -> None:
        self._address = address

    def send(self, letter: Letter) -> None:
        """Post it."""
        words = letter.message.get_content().strip()
        body = json.dumps({"id": str(letter.id), "to": letter.recipient, "text": words})
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(letter.id)}
        if self._address.username:
            known = f"{unquote(self._address.username)}:{unquote(self._address.password or '')}"
            headers["Authorization"] = "Basic " + base64.b64encode(known.encode()).decode()
        kind = http.client.HTTPSConnection if self._address.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._address.hostname or "", self._address.port, timeout=TRY_SECONDS)
        try:
            connection.request("POST", urlunsplit(self._address._replace(scheme="", netloc="")) or "/", body, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as failure:
            raise Unreachable from failure
        finally:
            connection.close()
        if status in _NEVER_TAKEN:
            raise Refused
        if not 200 <= status < 300:
            raise Unreachable

    def close(self) -> None:
        """Nothing is open."""


class Smtp:
    """One connection for the letters of a pass; with TLS from the start (`smtps:`), or as soon as it is offered."""

    def __init__(self, address: SplitResult) -> None:
        self._address = address
        self._client: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> None:
        """Hand it over."""
        with self._one_try() as client:
            client.send_message(letter.message, to_addrs=[letter.recipient])

    def close(self) -> None:
        """Say goodbye, if anybody is there."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, smtplib.SMTPException):
                client.quit()

    @contextmanager
    def _one_try(self) -> Iterator[smtplib.SMTP]:
        watch = threading.Timer(TRY_SECONDS, self._interrupt)
        watch.daemon = True
        watch.start()
        try:
            yield self._client or self._connect()
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError) as failure:
            self._reset()
            raise (Refused if _is_for_ever(failure) else NotNow) from failure
        except ValueError as failure:
            # An address that this server's mails cannot have.
            self._reset()
            raise Refused from failure
        except (OSError, smtplib.SMTPException) as failure:
            self._hang_up()
            raise Unreachable from failure
        finally:
            watch.cancel()

    def _connect(self) -> smtplib.SMTP:
        host, port = self._address.hostname or "", self._address.port or _PORTS[self._address.scheme]
        context = ssl.create_default_context()
        has_tls = self._address.scheme == "smtps"
        client = (
            smtplib.SMTP_SSL(timeout=TRY_SECONDS, context=context) if has_tls else smtplib.SMTP(timeout=TRY_SECONDS)
        )
        # Known before it is connected, so that a try can be ended.
        self._client = client
        # Whose certificate is checked.
        client._host = host  # type: ignore[attr-defined]  # set by the constructor alone, which connects at once
        code, _ = client.connect(host, port)
        if code != 220:
            raise smtplib.SMTPException("it does not greet")
        client.ehlo()
        if not has_tls and client.has_extn("starttls"):
            client.starttls(context=context)
        elif not has_tls and self._address.password and not is_this_machine(host):
            raise smtplib.SMTPException("a password is sent by TLS only")
        if self._address.username:
            client.login(unquote(self._address.username), unquote(self._address.password or ""))
        return client

    def _reset(self) -> None:
        try:
            if self._client is not None:
                self._client.rset()
        except (OSError, smtplib.SMTPException):
            self._hang_up()

    def _interrupt(self) -> None:
        """Wake who waits for an answer, from another thread."""
        client = self._client
        if client is not None and client.sock is not None:
            with suppress(OSError):
                client.sock.shutdown(socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _is_for_ever(failure: smtplib.SMTPException) -> bool:
    """Whether every code is of those that say not to try again (RFC 5321, 4.2.1)."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in failure.recipients.values())
    return not isinstance(failure, smtplib.SMTPResponseException) or failure.smtp_code >= 500
