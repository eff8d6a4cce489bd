// Front ends with @dental-sync/client, in one process. Commands come as JSON lines on stdin, what happens goes out as JSON
// lines on stdout. Each front end reaches the service through a proxy of its own, which can be cut.
import { createServer, connect } from "node:net";
import { createInterface } from "node:readline";
import { createRealtimeSync } from "@dental-sync/client";
import { io } from "socket.io-client";

const frontEnds = new Map();

function say(client, kind, more) {
  process.stdout.write(JSON.stringify({ client, kind, ...more }) + "\n");
}

async function proxyTo(port) {
  const open = new Set();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one);
      one.on("data", (data) => other.write(data));
      one.on("error", () => {});
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const cut = () => open.forEach((socket) => socket.destroy());
  return { url: `http://127.0.0.1:${server.address().port}`, cut, close: () => (server.close(), cut()) };
}

async function callApi(url, path, token, body) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(url + path, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

/** Callbacks that say what they are told, under a name. */
function callbacks(client, name) {
  const told = (what) => (...values) => say(client, "told", { name, what, values });
  return {
    onAppointmentCreated: told("created"),
    onAppointmentUpdated: told("updated"),
    onAppointmentDeleted: told("deleted"),
    onAvailabilityChanged: told("availability"),
    onError: ({ code, retryable }) => say(client, "error", { name, code, retryable }),
  };
}

const commands = {
  async create({ client, port, email, password, withSnapshots, countsListeners }) {
    const proxy = await proxyTo(port);
    const frontEnd = { proxy, subscriptions: new Map(), token: null, sockets: [] };
    frontEnds.set(client, frontEnd);
    const sync = createRealtimeSync({
      url: proxy.url,
      backoff: { firstMs: 50, longestMs: 500 },
      async getToken({ fresh }) {
        say(client, "token", { fresh });
        if (fresh || frontEnd.token === null) {
          const { accessToken } = await callApi(`http://127.0.0.1:${port}`, "/api/auth/login", null, { email, password });
          frontEnd.token = accessToken;
        }
        return frontEnd.token;
      },
      ...(withSnapshots && {
        fetchSnapshot: () => callApi(proxy.url, "/api/appointments?limit=200", frontEnd.token),
        onResync: (resync) => say(client, "resync", resync),
      }),
      // As the package does it, and kept, so that their listeners can be counted.
      ...(countsListeners && {
        openSocket(url, auth, transports) {
          const socket = io(url, { auth, transports, forceNew: true, reconnection: false, autoConnect: false });
          frontEnd.sockets.push(socket);
          return socket;
        },
      }),
    });
    frontEnd.sync = sync;
    sync.onStateChange(({ status, asOf, error }) => say(client, "state", { status, asOf, error: error?.code ?? null }));
    say(client, "created");
  },
  subscribe({ client, name, method, values }) {
    const { sync, subscriptions } = frontEnds.get(client);
    subscriptions.set(name, sync[method](...values, callbacks(client, name)));
  },
  unsubscribe({ client, name }) {
    const { sync, subscriptions } = frontEnds.get(client);
    sync.unsubscribe(subscriptions.get(name));
  },
  // What a page does that is shown and left again and again; in every second round the server has time to answer.
  async rounds({ client, count, method, values }) {
    const { sync } = frontEnds.get(client);
    for (let round = 0; round < count; round += 1) {
      const subscription = sync[method](...values, callbacks(client, "a round"));
      if (round % 2) await new Promise((resolve) => setTimeout(resolve, 10));
      sync.unsubscribe(subscription);
    }
    say(client, "rounds");
  },
  describe({ client, call }) {
    const { sync, sockets } = frontEnds.get(client);
    const listeners = sockets.map((socket) => {
      const names = Object.keys(socket._callbacks ?? {}).map((name) => name.slice(1));
      return names.reduce((sum, name) => sum + socket.listeners(name).length, 0);
    });
    const { status, asOf } = sync.getState();
    const subscriptions = sync.getActiveSubscriptions();
    say(client, "description", { call, status, asOf, subscriptions, listeners, count: sync.getActiveSubscriptionsCount() });
  },
  cut({ client }) {
    frontEnds.get(client).proxy.cut();
  },
  close({ client }) {
    const { sync, proxy } = frontEnds.get(client);
    sync.close();
    proxy.close();
  },
};

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const command = JSON.parse(line);
  void commands[command.do](command);
});
lines.on("close", () => process.exit(0));
