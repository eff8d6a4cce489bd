"""TLS in front of a server that has none: certificates of the tests' own, and a gate that passes all on in clear."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import trustme

PART_BYTES = 65_536


class Authority:
    """Who signs certificates; its own is in a file, as a hosting platform hands it out."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.file = folder / f"authority-{id(self)}.pem"
        self._authority.cert_pem.write_to_path(self.file)

    def context(self, *hosts: str) -> ssl.SSLContext:
        """What a server for these hosts needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*hosts).configure_cert(context)
        return context


@contextmanager
def gate(context: ssl.SSLContext, port: int) -> Iterator[int]:
    """Listens with TLS, and passes what it hears on to a port of this machine; yields its own port."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        threading.Thread(target=_accept, args=(listener, context, port), daemon=True).start()
        yield listener.getsockname()[1]


def _accept(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):
        while True:
            caller, _ = listener.accept()
            threading.Thread(target=_serve, args=(caller, context, port), daemon=True).start()


def _serve(caller: socket.socket, context: ssl.SSLContext, port: int) -> None:
    # A caller that does not trust us goes away in the middle of the handshake.
    with (
        suppress(OSError),
        caller,
        context.wrap_socket(caller, server_side=True) as safe,
        socket.create_connection(("127.0.0.1", port)) as server,
    ):
        back = threading.Thread(target=_pass_on, args=(server, safe), daemon=True)
        back.start()
        _pass_on(safe, server)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(PART_BYTES):
            target.sendall(part)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
