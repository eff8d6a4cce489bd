"""What every room stands on: settings, errors, wire types, actor, library objects; imports nothing of the app."""
