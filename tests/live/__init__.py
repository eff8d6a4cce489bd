"""Real processes, driven from outside: over HTTP, by a real Socket.IO client in Node, by plain SQL, and by signals."""
