"""The tables, reading them in pages, who acts in a transaction, and the migration of a database; imports `core`."""
