"""Clients that mean harm, or are broken beyond telling: slow, silent, endless, garbage. The others do not notice."""
