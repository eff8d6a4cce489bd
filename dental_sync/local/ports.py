"""The three ports of a run: those that are set, and else the usual ones, or the next that nobody has taken."""

from collections.abc import Mapping

from dental_sync.local.embedded.problems import CannotRun, PortTaken
from dental_sync.local.embedded.server import require_free_port
from dental_sync.local.supervisor import show

# One machine has a handful of clones.
TRIED = 20


def port_for(what: str, settings: Mapping[str, str], name: str, usual: int) -> int:
    """The port that is set by this name, which must be free; else the usual one, or the next above it that is free.

    Raises CannotRun. Clients may have been told of a port that is set, so nothing else takes its place.
    """
    if settings.get(name):
        port = _read(settings[name], name)
        require_free_port(port, what, name)
        return port
    for port in range(usual, usual + TRIED):
        try:
            require_free_port(port, what, name)
        except PortTaken:
            continue
        if port != usual:
            show(f"Port {usual} is taken, by another clone perhaps: {what} gets {port}. {name} chooses one.")
        return port
    raise CannotRun(
        f"The ports from {usual} to {usual + TRIED - 1}, wanted for {what}, are all taken. Set {name} to a free port."
    )


def _read(value: str, name: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise CannotRun(f"{name} must be a port between 1 and 65535, not {value!r}.")
    return int(value)
