"""Connections by hand, for what no client library would do: half a request, a socket that is never read, garbage."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

ANSWER_SECONDS = 10.0
TEXT, BINARY, CLOSE = 1, 2, 8


class RawConnection:
    """One TCP connection to a web process."""

    def __init__(self, port: int, *, receive_buffer: int | None = None) -> None:
        self._socket = socket.socket()
        if receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(ANSWER_SECONDS)
        self._socket.connect(("127.0.0.1", port))
        self._read = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def hang_up(self) -> None:
        """End both directions, also for a thread that is just sending."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def fileno(self) -> int:
        """The descriptor, for a selector."""
        return self._socket.fileno()

    def receive(self) -> bytes:
        """What has come, as it is; empty when the other side has hung up."""
        received, self._read = self._read, b""
        return received or self._socket.recv(1 << 18)

    def end_sending(self) -> None:
        """Say that nothing more comes, and go on listening."""
        self._socket.shutdown(socket.SHUT_WR)

    def send(self, data: bytes) -> None:
        """Send as it is; raises OSError when the other side has hung up."""
        self._socket.sendall(data)

    def send_request(self, method: str, path: str, body: bytes = b"", **headers: str) -> None:
        """Send a request, or its beginning; header names are written with underscores."""
        named = {"Host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        self.send(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)

    def read_head(self) -> str:
        """The status line and the headers of an answer; empty when the other side has hung up instead."""
        return self._read_until(b"\r\n\r\n").decode(errors="replace")

    def read_answer(self) -> tuple[int, str, bytes]:
        """An answer: status, head and body; the status is 0 when the other side has hung up instead."""
        head = self.read_head()
        if not head:
            return 0, "", b""
        length = next(
            (int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0
        )
        return int(head.split()[1]), head, self._read_exactly(length) or b""

    def is_closed_within(self, seconds: float) -> bool:
        """Whether the other side hangs up; whatever it says before that is not looked at."""
        self._socket.settimeout(seconds)
        try:
            while self._socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    # WebSocket.

    def upgrade(self, path: str = "/socket.io/?EIO=4&transport=websocket", **headers: str) -> str:
        """Become a WebSocket; returns the head of the answer."""
        self.send_upgrade(path, **headers)
        return self.read_head()

    def send_upgrade(self, path: str = "/socket.io/?EIO=4&transport=websocket", **headers: str) -> None:
        """Ask to become a WebSocket."""
        self.send_request(
            "GET",
            path,
            Upgrade="websocket",
            Connection="Upgrade",
            Sec_WebSocket_Version="13",
            Sec_WebSocket_Key=base64.b64encode(os.urandom(16)).decode(),
            **headers,
        )

    def sign_in(self, token: str) -> None:
        """Become a client of Socket.IO that is let in."""
        assert " 101 " in self.upgrade()
        self.say("40" + json.dumps({"token": token}))
        # `ready` comes before the answer to the connect.
        self.wait_for("40{")

    def say(self, text: str | bytes, *, final: bool = True, opcode: int | None = None) -> None:
        """Send one frame."""
        data = text.encode() if isinstance(text, str) else text
        if opcode is None:
            opcode = TEXT if isinstance(text, str) else BINARY
        self.send(frame(data, final=final, opcode=opcode))

    def call(self, event: str, payload: object = None, *, number: int = 1) -> Any:
        """Emit an event and wait for its acknowledgement."""
        self.say(f"42{number}" + json.dumps([event, payload]))
        return json.loads(self.wait_for(f"43{number}[").removeprefix(f"43{number}"))[0]

    def hear(self) -> str | None:
        """The next frame's text; None when the other side has hung up."""
        head = self._read_exactly(2)
        if head is None or head[0] & 15 == CLOSE:
            return None
        length = head[1] & 127
        if length > 125:
            extended = self._read_exactly(2 if length == 126 else 8) or b""
            length = int.from_bytes(extended, "big")
        return (self._read_exactly(length) or b"").decode()

    def wait_for(self, beginning: str) -> str:
        """The next frame that begins so."""
        while True:
            text = self.hear()
            assert text is not None, f"hung up while waiting for {beginning}"
            if text == "2":
                self.say("3")
            if text.startswith(beginning):
                return text

    def _read_until(self, mark: bytes) -> bytes:
        while mark not in self._read:
            more = b""
            with suppress(ConnectionError):
                more = self._socket.recv(65536)
            if not more:
                return b""
            self._read += more
        found, _, self._read = self._read.partition(mark)
        return found

    def _read_exactly(self, length: int) -> bytes | None:
        while len(self._read) < length:
            more = b""
            with suppress(ConnectionError):
                more = self._socket.recv(65536)
            if not more:
                return None
            self._read += more
        found, self._read = self._read[:length], self._read[length:]
        return found


def frame(data: bytes, *, final: bool = True, opcode: int = TEXT) -> bytes:
    """A client's frame (RFC 6455, 5.2), masked with zeros: that changes nothing, and costs nothing here."""
    first = opcode | (128 if final else 0)
    if len(data) < 126:
        head = struct.pack("!BB", first, 128 | len(data))
    elif len(data) < 65536:
        head = struct.pack("!BBH", first, 128 | 126, len(data))
    else:
        head = struct.pack("!BBQ", first, 128 | 127, len(data))
    return head + bytes(4) + data
