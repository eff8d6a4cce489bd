"""What every package uses: settings, errors, wire types, actor, library objects; imports nothing of the app."""
