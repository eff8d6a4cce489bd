"""Health and metrics, which read and never change; imports `sockets` and below."""
