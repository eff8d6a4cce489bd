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
  // Where the service is from now on, for the library's own reconnection too.
  point({ client, url }) {
    clients.get(client).io.uri = url;
  },
  // What an application does: it subscribes at each connection, from the last position that it has of the channel.
  follow({ client, channel, since }) {
    const socket = clients.get(client);
    let last = since;
    let acknowledged = false;
    function subscribe() {
      acknowledged = false;
      socket.emit("subscribe", { channel, ...last }, (answer) => {
        // A process that is busy with others says so, and is asked again.
        if (!answer.ok && answer.error.code === "unavailable") return void setTimeout(subscribe, 200);
        say(client, `followed:${channel}`, { answer });
        acknowledged = answer.ok;
        // What is live may overtake the acknowledgement.
        const isAhead = last.epoch === answer.epoch && last.since > answer.position;
        if (answer.ok && !isAhead) last = { since: answer.position, epoch: answer.epoch };
      });
    }
    socket.onAny((name, payload) => {
      const { position, epoch } = payload;
      if (name === "ready") subscribe();
      else if (payload.channels?.includes(channel)) last = { since: position, epoch };
      else if (name === "heartbeat" && acknowledged) last = { since: position, epoch };
    });
    if (socket.connected) subscribe();
  },
  disconnect({ client }) {
    // A test that failed may not have connected it.
    clients.get(client)?.disconnect();
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
