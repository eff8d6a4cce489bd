"""What every package uses: settings, errors, wire types, actor, services, libraries; imports nothing of the app."""
