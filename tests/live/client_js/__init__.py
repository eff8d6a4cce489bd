"""The client for JavaScript, as it is packed, on real processes: one file for each promise."""
