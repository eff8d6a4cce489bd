"""What can keep one machine from running Dental Sync; each message is one line that says what to do."""


class CannotRun(Exception):
    """This machine cannot run Dental Sync as asked."""


class PortTaken(CannotRun):
    """Another program already answers on a port we need."""

    def __init__(self, what: str, port: int, setting: str) -> None:
        super().__init__(
            f"Port {port}, wanted for {what}, is taken by another program. Stop that, or set {setting} to a free port."
        )
        self.port = port
