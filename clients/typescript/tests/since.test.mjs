import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, recorder, settle } from "./helpers.mjs";

const ALL = "appointments:all";

async function live() {
  const world = begin();
  const first = recorder();
  world.sync.subscribeToAllAppointments(first);
  await settle();
  world.socket().ready();
  world.socket().acknowledge(ALL, 10);
  return { ...world, first };
}

test("a snapshot is gone on from where it ends", async () => {
  const { sync, socket } = begin();
  const heard = recorder();
  sync.subscribeToAllAppointments(heard, { since: { position: 7, epoch: "e1", items: [] } });
  await settle();
  socket().ready();
  assert.deepEqual(socket().asked("subscribe")[0].payload, { channel: ALL, since: 7, epoch: "e1" });
  for (const position of [7, 8, 9]) socket().created(position, [ALL]);
  socket().acknowledge(ALL, 9);
  assert.deepEqual(heard.ids, ["a8", "a9"]);
});

test("who comes with a snapshot from further back is told what the others have heard, and only that one", async () => {
  const { sync, socket, first } = await live();
  socket().created(11, [ALL]);
  const second = recorder();
  sync.subscribeToAllAppointments(second, { since: { position: 8, epoch: "e1" } });
  assert.deepEqual(socket().asked("subscribe").at(-1).payload, { channel: ALL, since: 8, epoch: "e1" });
  socket().created(12, [ALL]);
  for (const position of [9, 10, 11, 12]) socket().created(position, [ALL]);
  socket().acknowledge(ALL, 12);
  socket().created(13, [ALL]);
  assert.deepEqual(first.ids, ["a11", "a12", "a13"]);
  assert.deepEqual(second.ids, ["a9", "a10", "a11", "a12", "a13"]);
});

test("a loss on the way back changes nothing", async () => {
  const { sync, socket, clock, first } = await live();
  socket().created(11, [ALL]);
  const second = recorder();
  sync.subscribeToAllAppointments(second, { since: { position: 8, epoch: "e1" } });
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready();
  assert.deepEqual(socket().asked("subscribe")[0].payload, { channel: ALL, since: 8, epoch: "e1" });
  for (const position of [9, 10, 11, 12]) socket().created(position, [ALL]);
  socket().acknowledge(ALL, 12);
  assert.deepEqual(first.ids, ["a11", "a12"]);
  assert.deepEqual(second.ids, ["a9", "a10", "a11", "a12"]);
});

test("who comes with a newer snapshot asks for nothing, and is not told what is in it", async () => {
  const { sync, socket, first } = await live();
  const second = recorder();
  sync.subscribeToAllAppointments(second, { since: { position: 12, epoch: "e1" } });
  assert.equal(socket().asked("subscribe").length, 1);
  for (const position of [11, 12, 13]) socket().created(position, [ALL]);
  assert.deepEqual(first.ids, ["a11", "a12", "a13"]);
  assert.deepEqual(second.ids, ["a13"]);
});

test("who comes while the channel is joined is served right after", async () => {
  const { sync, socket } = begin();
  const first = recorder();
  const second = recorder();
  sync.subscribeToAllAppointments(first);
  await settle();
  socket().ready();
  sync.subscribeToAllAppointments(second, { since: { position: 8, epoch: "e1" } });
  socket().acknowledge(ALL, 10);
  assert.deepEqual(socket().asked("subscribe").at(-1).payload, { channel: ALL, since: 8, epoch: "e1" });
  for (const position of [9, 10]) socket().created(position, [ALL]);
  socket().acknowledge(ALL, 10);
  assert.deepEqual(first.ids, []);
  assert.deepEqual(second.ids, ["a9", "a10"]);
});

test("a channel that was left before its answer, and is followed again from a place, has its replay in order", async () => {
  const { sync, socket } = begin();
  const first = recorder();
  const second = recorder();
  const left = sync.subscribeToAllAppointments(first);
  await settle();
  socket().ready();
  sync.unsubscribe(left);
  sync.subscribeToAllAppointments(second, { since: { position: 8, epoch: "e1" } });
  const [one, other] = socket().asked("subscribe");
  const joined = { ok: true, subscription: { id: "s", channelName: ALL }, position: 10, epoch: "e1", resync: false };
  one.answer(joined);
  // The room was entered by then: this is live, and overtakes the replay.
  socket().created(11, [ALL]);
  for (const position of [9, 10, 11]) socket().created(position, [ALL]);
  other.answer({ ...joined, position: 11 });
  assert.deepEqual(first.ids, []);
  assert.deepEqual(second.ids, ["a9", "a10", "a11"]);
  assert.equal(socket().asked("unsubscribe").length, 0);
});

test("a snapshot of another log is a resync", async () => {
  const { sync, socket } = await live();
  const resyncs = [];
  sync.subscribeToAllAppointments({ onResync: (resync) => resyncs.push(resync) }, { since: { position: 3, epoch: "e0" } });
  // Were its log the server's by now, asking from there would hide from the others what lies before.
  assert.deepEqual(socket().asked("subscribe").at(-1).payload, { channel: ALL });
  socket().acknowledge(ALL, 10);
  assert.deepEqual(resyncs, [{ channelName: ALL, reason: "two places of different logs", snapshot: null }]);
});

test("one's own appointments are a patient's, a dentist's or everybody's, and a chatbot's are refused", async () => {
  const accounts = {
    patient: ["appointments:patient:p", { patientId: "p" }],
    dentist: ["appointments:dentist:d", { dentistId: "d" }],
    admin: [ALL, {}],
  };
  for (const [role, [channel, ids]] of Object.entries(accounts)) {
    const { sync, socket } = begin({ fetch: async () => Response.json({ id: "account", role, ...ids }) });
    sync.subscribeToOwnAppointments({});
    await settle();
    socket().ready();
    await settle();
    assert.deepEqual(socket().asked("subscribe").map(({ payload }) => payload.channel), [channel]);
  }
  const heard = recorder();
  const { sync, socket } = begin({ fetch: async () => Response.json({ id: "account", role: "chatbot" }) });
  sync.subscribeToOwnAppointments(heard);
  await settle();
  socket().ready();
  await settle();
  assert.deepEqual(heard.errors, ["forbidden"]);
  assert.equal(sync.getActiveSubscriptionsCount(), 0);
});
