"""Who can be treated when, by whom and where: pure rules over values, no I/O and no clock; imports `core`."""
