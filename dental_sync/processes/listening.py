"""The socket on which callers come in, made before whatever serves it."""

from __future__ import annotations

import socket
from types import ModuleType

# Connections that the kernel may hold until they are accepted: a thousand clients may come back at once.
BACKLOG = 1024


def listen(host: str, port: int, *, by: ModuleType = socket) -> socket.socket:
    """Listen, without waiting when it is accepted from; `by` is the module to make it with.

    Raises OSError, whose `strerror` names the address.
    """
    try:
        return _listen(host, port, by)
    except OSError as failure:
        raise OSError(failure.errno, f"cannot listen on {host}:{port}: {failure.strerror}") from failure


def _listen(host: str, port: int, by: ModuleType) -> socket.socket:
    family, kind, _, _, address = by.getaddrinfo(host, port, type=by.SOCK_STREAM)[0]
    listener: socket.socket = by.socket(family, kind)
    # Not SO_REUSEPORT: with it a second process on this port would take half of the callers.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Inherited by every connection. Without it the second of two small messages waits until the client's kernel has
    # acknowledged the first, which it puts off for 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind(address)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener
