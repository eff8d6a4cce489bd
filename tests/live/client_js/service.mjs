// Front ends with @dental-sync/client, in one process. Commands come as JSON lines on stdin, what happens goes out as JSON
// lines on stdout. Each front end reaches the service through a proxy of its own, which can be cut.
import { createServer, connect } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { VisitorSession, createRealtimeSync } from "@dental-sync/client";
import { Socket } from "socket.io-client";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

const frontEnds = new Map();

// Every socket that the package opens, so that its listeners can be counted.
const sockets = [];
const { connect: connectSocket } = Socket.prototype;
Socket.prototype.connect = function () {
  sockets.push(this);
  return connectSocket.call(this);
};

function say(client, kind, more) {
  process.stdout.write(JSON.stringify({ client, kind, ...more }) + "\n");
}

async function proxyTo(firstPort) {
  let port = firstPort;
  const open = new Set();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: "127.0.0.1", noDelay: true });
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
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut,
    /** What connects from now on gets there, as behind a load balancer. */
    point: (newPort) => (port = newPort),
    close: () => (server.close(), cut()),
  };
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
  // `options` are the package's own.
  async create({ client, port, email, password, visits, withSnapshots, hearsResync, options }) {
    const proxy = await proxyTo(port);
    const frontEnd = { proxy, subscriptions: new Map(), token: null, rounds: [] };
    frontEnds.set(client, frontEnd);
    const visitor = new VisitorSession({ url: proxy.url });
    const sync = createRealtimeSync({
      url: proxy.url,
      backoff: { firstMs: 50, longestMs: 500 },
      ...options,
      async getToken({ fresh }) {
        say(client, "token", { fresh });
        if (visits) return visitor.getToken({ fresh });
        if (fresh || frontEnd.token === null) {
          const { accessToken } = await callApi(proxy.url, "/api/auth/login", null, { email, password });
          frontEnd.token = accessToken;
        }
        return frontEnd.token;
      },
      ...(withSnapshots && {
        fetchSnapshot: () => callApi(proxy.url, "/api/appointments?limit=200", frontEnd.token),
      }),
      ...((withSnapshots || hearsResync) && { onResync: (resync) => say(client, "resync", resync) }),
    });
    frontEnd.sync = sync;
    sync.onStateChange(({ status, asOf, error }) =>
      say(client, "state", { status, asOf, error: error?.code ?? null, why: error?.message ?? null }),
    );
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
  // What pages do that are shown and left again and again: left at once, before the server has answered, and afterwards.
  async rounds({ client, count, kinds }) {
    const { sync, rounds } = frontEnds.get(client);
    for (let round = 0; round < count; round += 1) {
      const [method, ...values] = kinds[round % kinds.length];
      const given = callbacks(client, "a round");
      rounds.push(new WeakRef(given));
      const subscription = sync[method](...values, given);
      const pace = Math.floor(round / kinds.length) % 3;
      if (pace === 1) await pause(1);
      if (pace === 2) while (sync.getState().status !== "live") await pause(1);
      sync.unsubscribe(subscription);
    }
    say(client, "rounds");
  },
  async describe({ client, call }) {
    const { sync, proxy, rounds } = frontEnds.get(client);
    await pause(1);
    collectGarbage();
    const mine = sockets.filter((socket) => proxy.url.endsWith(`:${socket.io.engine?.port}`));
    const listeners = mine.map((socket) => {
      const names = Object.keys(socket._callbacks ?? {}).map((name) => name.slice(1));
      return names.reduce((sum, name) => sum + socket.listeners(name).length, 0);
    });
    const { status, asOf } = sync.getState();
    say(client, "description", {
      call,
      status,
      asOf,
      subscriptions: sync.getActiveSubscriptions(),
      count: sync.getActiveSubscriptionsCount(),
      listeners,
      transports: mine.map((socket) => socket.io.engine.transport.name),
      // Of the whole process.
      timers: process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length,
      roundsInMemory: rounds.filter((given) => given.deref() !== undefined).length,
    });
  },
  cut({ client }) {
    frontEnds.get(client).proxy.cut();
  },
  point({ client, port }) {
    frontEnds.get(client).proxy.point(port);
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
