"""Socket.IO: its events, connections, subscriptions and transport; imports `writes` and below."""
