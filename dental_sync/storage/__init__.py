"""The tables, who acts in a transaction, and the migration of a database; imports `core`."""
