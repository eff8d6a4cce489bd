"""What is told, to whom and in which order: events, channels, log, delivery; imports `queries` and below."""
