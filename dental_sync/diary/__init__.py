"""Who can be treated when, by whom and where: pure rules, and loading their data; imports `storage` and `core`."""
