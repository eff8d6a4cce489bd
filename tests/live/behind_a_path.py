"""A proxy that serves a process behind a path, as nginx does: it takes the path off and says so."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PATH = "/dental"


@contextmanager
def proxy(port: int) -> Iterator[str]:
    """Serve what listens on a port behind `/dental`, and nothing beside it; gives the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=[listener, port], name="proxy", daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"


def _accept(listener: socket.socket, port: int) -> None:
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=[near, port], daemon=True).start()


def _serve(near: socket.socket, port: int) -> None:
    with suppress(OSError), near, socket.create_connection(("127.0.0.1", port)) as far:
        head = b""
        while b"\r\n\r\n" not in head:
            part = near.recv(65_536)
            if not part:
                return
            head += part
        head, _, rest = head.partition(b"\r\n\r\n")
        line, *lines = head.split(b"\r\n")
        method, address, version = line.split(b" ")
        if not address.startswith(PATH.encode() + b"/"):
            near.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        line = b" ".join([method, address[len(PATH) :], version])
        if not any(each.lower().startswith(b"upgrade:") for each in lines):
            # One request a connection: the next one's path would have to be found in the stream.
            lines = [each for each in lines if not each.lower().startswith(b"connection:")] + [b"Connection: close"]
        lines += [b"X-Forwarded-Prefix: " + PATH.encode(), b"X-Forwarded-For: 203.0.113.7"]
        far.sendall(b"\r\n".join([line, *lines]) + b"\r\n\r\n" + rest)
        back = threading.Thread(target=_pass_on, args=[far, near], daemon=True)
        back.start()
        _pass_on(near, far)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65_536):
            target.sendall(part)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
