"""What people outside the app are written: the outbox, the texts, and how they leave; imports `sync` and below."""
