"""Everything on one machine: `make run`, its supervisor, embedded PostgreSQL and Redis; imports nothing of the app."""
