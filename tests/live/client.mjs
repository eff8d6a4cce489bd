// Many Socket.IO clients in one process. Commands come as JSON lines on stdin, everything that happens to a client goes
// out as a JSON line on stdout, in the order in which it happened. Ends with its stdin.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const clients = new Map();

function say(client, kind, more) {
  process.stdout.write(JSON.stringify({ client, kind, ...more }) + "\n");
}

const commands = {
  connect({ client, url, options }) {
    const socket = io(url, { forceNew: true, reconnection: false, ...options });
    clients.set(client, socket);
    socket.on("connect", () => say(client, "connect", { id: socket.id, transport: socket.io.engine.transport.name }));
    socket.on("connect_error", (error) => say(client, "connect_error", { message: error.message, data: error.data }));
    socket.on("disconnect", (reason) => say(client, "disconnect", { reason }));
    socket.onAny((name, ...payload) => say(client, "event", { name, payload }));
  },
  emit({ client, call, name, payload }) {
    clients.get(client).emit(name, ...payload, (...answer) => say(client, "answer", { call, answer }));
  },
  // Says what it does without an acknowledgement, as a careless client would.
  tell({ client, name, payload }) {
    clients.get(client).emit(name, ...payload);
  },
  // The token of the next connection.
  token({ client, token }) {
    clients.get(client).auth = { token };
  },
  disconnect({ client }) {
    clients.get(client).disconnect();
  },
  reconnect({ client }) {
    clients.get(client).connect();
  },
  // The network goes: no closing frame, no goodbye. Whoever is not connected yet has nothing to lose.
  cut({ client }) {
    clients.get(client)?.io.engine?.transport.ws?.terminate();
  },
};

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const command = JSON.parse(line);
  commands[command.do](command);
});
lines.on("close", () => process.exit(0));
