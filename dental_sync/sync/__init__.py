"""What is told, to whom and in which order: events, channels, log, delivery; imports `diary` and below."""
