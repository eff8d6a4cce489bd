// The scenarios that both clients are held to, in clients/scenarios: here this one. The format is in the README there.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { begin, settle } from "./helpers.mjs";

const FOLDER = new URL("../../scenarios/", import.meta.url);
const ACCOUNT = { id: "u", role: "patient", name: "Somebody", email: "u@demo.test", patientId: "p" };
const NOW = "2030-01-07T09:00:00.000Z";

class Player {
  subscriptions = new Map();
  resyncs = [];
  told = {};
  errors = {};
  /** What of the client's questions was looked at: how many of each socket's. */
  seen = new Map();
  wishesSeen = 0;
  patients = ["p"];
  merged = {};
  accountReads = 0;

  constructor(scenario) {
    const snapshots = [...(scenario.snapshots ?? [])];
    this.world = begin({
      fetch: async (url) => this.answerCall(new URL(url).pathname),
      ...(scenario.snapshots && {
        fetchSnapshot: async () => {
          const snapshot = snapshots.shift();
          if (!snapshot) throw new Error("there is no snapshot");
          return snapshot;
        },
      }),
      ...((scenario.hearsResync ?? true) && {
        onResync: ({ channelName, snapshot }) => this.resyncs.push([channelName, snapshot?.position ?? null]),
      }),
    });
  }

  async take(step) {
    if (step.patients !== undefined) this.patients = step.patients;
    else if (step.merged !== undefined) Object.assign(this.merged, step.merged);
    else if (step.seconds !== undefined) await this.world.clock.pass(step.seconds * 1000);
    else if (step.user === "subscribe") this.subscribe(step);
    else if (step.user === "unsubscribe") this.subscriptions.get(step.as).unsubscribe();
    else if (step.server !== undefined) this.serve(step);
    else assert.fail(`an unknown step: ${JSON.stringify(step)}`);
    await settle();
    // An answer over HTTP takes more than a turn.
    await new Promise((resolve) => setTimeout(resolve, 1));
    await settle();
  }

  subscribe(step) {
    const { sync } = this.world;
    const note = (notes, what) => (notes[step.as] ??= []).push(what);
    const callbacks = {
      onAppointmentCreated: ({ position }) => note(this.told, position),
      onError: ({ code }) => note(this.errors, code),
    };
    const options = step.since && { since: step.since };
    const [, role, userId] = step.own ? [] : (step.channel?.split(":") ?? ["", step.role, step.id]);
    const subscription = step.own
      ? sync.subscribeToOwnAppointments(callbacks, { ...options, ...(step.patient && { patientId: step.patient }) })
      : role === "all"
        ? sync.subscribeToAllAppointments(callbacks, options)
        : sync.subscribeToAppointments(userId, role, callbacks, options);
    this.subscriptions.set(step.as, subscription);
  }

  /** What REST answers: who is signed in, and by which id a record goes now. */
  answerCall(path) {
    if (path === "/api/auth/me") {
      this.accountReads += 1;
      const patients = this.patients.map((id) => ({ id, name: id, relation: id === "p" ? "self" : "parent" }));
      return Response.json({ ...ACCOUNT, patients });
    }
    const id = path.replace("/api/patients/", "");
    const goesBy = this.merged[id] ?? id;
    if (this.patients.includes(goesBy)) return Response.json({ id: goesBy, name: goesBy });
    const problem = { type: "about:blank", title: "Not Found", status: 404, code: "not-found", detail: "No." };
    return Response.json(problem, { status: 404, headers: { "Content-Type": "application/problem+json" } });
  }

  serve(step) {
    const socket = this.world.socket();
    const place = { position: step.position, epoch: step.epoch ?? "e1" };
    switch (step.server) {
      case "connects":
        return socket.ready();
      case "refuses the connection":
        return socket.say("connect_error", Object.assign(new Error("refused"), { data: { code: step.code } }));
      case "is lost":
        return socket.say("disconnect", "transport close");
      case "ends the session":
        return socket.say("disconnect", "io server disconnect");
      case "sends":
        return socket.say(step.event, step.payload);
      case "says":
        return socket.created(place.position, step.channels, { ...place, occurredAt: NOW, appointment: place });
      case "refuses":
        return this.answer(socket, step, { ok: false, error: { code: step.code, detail: "No." } });
      case "acknowledges":
        return this.answer(socket, step, step.event === "subscribe" ? acknowledged(step) : { ok: true, expiresAt: NOW });
      default:
        return assert.fail(`an unknown step: ${JSON.stringify(step)}`);
    }
  }

  /** Answers the oldest question of its kind. */
  answer(socket, step, answer) {
    const question = socket.emitted.find(
      (asked) => !asked.isAnswered && asked.event === step.event && asked.payload.channel === step.channel,
    );
    question.isAnswered = true;
    question.answer(answer);
  }

  /** What came of a step, and is forgotten then. */
  outcome({ tokens, state, states, accountReads }) {
    const { sockets, wishes, sync } = this.world;
    const sent = sockets.flatMap((socket) => {
      const from = this.seen.get(socket) ?? 0;
      this.seen.set(socket, socket.emitted.length);
      return socket.emitted.slice(from).map(({ event, payload }) => [event, payload]);
    });
    const outcome = {
      sent,
      told: this.told,
      errors: this.errors,
      resyncs: this.resyncs.splice(0),
      ...(tokens && { tokens: wishes.slice(this.wishesSeen) }),
      ...(accountReads !== undefined && { accountReads: this.accountReads }),
      ...(state && { state: sync.getState().status }),
      ...(states && {
        states: Object.fromEntries(
          Object.keys(states).map((name) => [name, this.subscriptions.get(name).state.status]),
        ),
      }),
    };
    this.told = {};
    this.errors = {};
    this.accountReads = 0;
    this.wishesSeen = wishes.length;
    return outcome;
  }
}

function acknowledged({ channel, position, epoch = "e1", resync = false }) {
  const subscription = { id: `${channel}-1`, channelName: channel, active: true, createdAt: NOW };
  return { ok: true, subscription, position, epoch, replayed: 0, resync };
}

let count = 0;
for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".json")).sort()) {
  for (const scenario of JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")).scenarios) {
    count += 1;
    test(`${file}: ${scenario.name}`, async () => {
      const player = new Player(scenario);
      for (const [index, step] of scenario.steps.entries()) {
        await player.take(step);
        const expected = { sent: [], told: {}, errors: {}, resyncs: [], ...step.then };
        const where = `step ${index + 1}, ${JSON.stringify(step)}`;
        assert.deepEqual({ where, ...player.outcome(expected) }, { where, ...expected });
      }
      player.world.sync.close();
    });
  }
}

// A folder that has moved would be no scenario, and no failure.
test("there are scenarios", () => assert.ok(count >= 50));
