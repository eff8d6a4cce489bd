"""The client for Python on real processes: one file for each promise."""
