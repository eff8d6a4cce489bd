"""The diary read from the database: what rules look at, what is free, lists; imports `storage`, `diary`, `core`."""
