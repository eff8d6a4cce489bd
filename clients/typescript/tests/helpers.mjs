// A clock that a test moves, a server's side of a socket, and a service on both.
import { createRealtimeSync } from "../dist/esm/index.js";

export class FakeClock {
  #now = 1_000_000;
  #tasks = new Set();

  now() {
    return this.#now;
  }

  later(ms, task) {
    const entry = { at: this.#now + ms, task };
    this.#tasks.add(entry);
    return () => this.#tasks.delete(entry);
  }

  async pass(ms) {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const due = [...this.#tasks].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (due === undefined) break;
      this.#tasks.delete(due);
      this.#now = due.at;
      due.task();
    }
    this.#now = end;
    await settle();
  }

  /** Time goes on while the machine is asleep: what was to be done is late by that much. */
  sleep(ms) {
    this.#now += ms;
    for (const entry of this.#tasks) entry.at += ms;
  }

  get pending() {
    return this.#tasks.size;
  }
}

/** Lets promises go on. */
export async function settle() {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

export class FakeSocket {
  listeners = new Map();
  emitted = [];
  isOpen = false;
  token = null;

  constructor(auth) {
    this.auth = auth;
  }

  on(event, listener) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }

  emit(event, payload, answer) {
    this.emitted.push({ event, payload, answer });
  }

  connect() {
    this.isOpen = true;
    this.auth(({ token }) => {
      this.token = token;
    });
  }

  disconnect() {
    this.isOpen = false;
  }

  removeAllListeners() {
    this.listeners.clear();
  }

  // The server's side.

  say(event, ...payload) {
    for (const listener of this.listeners.get(event) ?? []) listener(...payload);
  }

  ready(more) {
    this.say("ready", { connectionId: "c", epoch: "e1", position: 0, expiresAt: "", heartbeatSeconds: 30, ...more });
  }

  asked(event) {
    return this.emitted.filter((each) => each.event === event);
  }

  /** Answers the last question for a channel. */
  acknowledge(channel, position, more) {
    const question = this.asked("subscribe").filter(({ payload }) => payload.channel === channel).at(-1);
    const subscription = { id: `${channel}-1`, channelName: channel, active: true, createdAt: "" };
    question.answer({ ok: true, subscription, position, epoch: "e1", replayed: 0, resync: false, ...more });
  }

  created(position, channels, more) {
    const appointment = { id: `a${position}` };
    this.say("appointment:created", { position, epoch: "e1", occurredAt: "", channels, appointment, ...more });
  }
}

/** A service, its clock, and the sockets that it opened; the last one is `socket()`. */
export function begin(options = {}) {
  const clock = new FakeClock();
  const sockets = [];
  const wishes = [];
  const sync = createRealtimeSync({
    url: "http://dental.test",
    getToken: ({ fresh }) => {
      wishes.push(fresh);
      return `token-${wishes.length}`;
    },
    clock,
    random: () => 0,
    openSocket: (_url, auth) => {
      const socket = new FakeSocket(auth);
      sockets.push(socket);
      return socket;
    },
    fetch: async () => Response.json({ id: "account", role: "patient", patientId: "patient" }),
    ...options,
  });
  const states = [];
  sync.onStateChange(({ status }) => states.push(status));
  return { sync, clock, sockets, wishes, states, socket: () => sockets.at(-1) };
}

/** Callbacks that write down what they are told. */
export function recorder() {
  const ids = [];
  const errors = [];
  return {
    ids,
    errors,
    onAppointmentCreated: ({ id }) => ids.push(id),
    onError: (error) => errors.push(error.code),
  };
}
