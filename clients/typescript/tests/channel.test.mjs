import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, recorder, settle } from "./helpers.mjs";

const ALL = "appointments:all";
const ONE = "appointments:dentist:d";

async function live(options) {
  const world = begin(options);
  const heard = recorder();
  const subscription = world.sync.subscribeToAllAppointments(heard);
  await settle();
  world.socket().ready();
  world.socket().acknowledge(ALL, 5);
  return { ...world, heard, subscription };
}

test("a message comes once, and nothing that is not beyond the position", async () => {
  const { socket, heard } = await live();
  for (const position of [5, 6, 7, 7, 6, 9]) socket().created(position, [ALL]);
  assert.deepEqual(heard.ids, ["a6", "a7", "a9"]);
});

test("what overtakes the acknowledgement waits for it", async () => {
  const { sync, socket } = begin();
  const heard = recorder();
  sync.subscribeToAllAppointments(heard);
  await settle();
  socket().ready();
  socket().created(7, [ALL]);
  socket().created(5, [ALL]);
  assert.deepEqual(heard.ids, []);
  socket().acknowledge(ALL, 5);
  assert.deepEqual(heard.ids, ["a7"]);
});

test("after a loss each channel goes on from its own position, moved on by heartbeats", async () => {
  const { socket, clock, heard, states } = await live();
  socket().created(6, [ALL]);
  socket().say("heartbeat", { timestamp: "", position: 20, epoch: "e1" });
  socket().say("heartbeat", { timestamp: "", position: 99, epoch: "another" });
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready();
  assert.deepEqual(socket().asked("subscribe")[0].payload, { channel: ALL, since: 20, epoch: "e1" });
  socket().created(20, [ALL]);
  socket().created(21, [ALL]);
  socket().acknowledge(ALL, 30);
  assert.deepEqual(heard.ids, ["a6", "a21"]);
  assert.deepEqual(states, ["connecting", "catching-up", "live", "offline", "catching-up", "live"]);
});

test("a heartbeat moves no channel that has not joined", async () => {
  const { socket, clock } = await live();
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready();
  socket().say("heartbeat", { timestamp: "", position: 50, epoch: "e1" });
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready();
  assert.equal(socket().asked("subscribe")[0].payload.since, 5);
});

test("the position comes first: what a callback threw at does not come again, and the others hear it", async () => {
  const { sync, socket, clock, heard } = await live();
  const errors = [];
  sync.subscribeToAllAppointments({
    onAppointmentCreated: () => {
      throw new Error("a mistake of the application");
    },
    onError: ({ code }) => errors.push(code),
  });
  const other = recorder();
  sync.subscribeToAllAppointments(other);
  socket().created(6, [ALL]);
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready();
  socket().created(6, [ALL]);
  socket().acknowledge(ALL, 6);
  assert.deepEqual([heard.ids, other.ids, errors], [["a6"], ["a6"], ["callback-failed"]]);
});

test("a live message of two channels does not hide what one of them still has to be sent", async () => {
  const { sync, socket, clock, heard } = await live();
  const second = recorder();
  sync.subscribeToAppointments("d", "dentist", second);
  await settle();
  socket().acknowledge(ONE, 5);
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready();
  socket().created(6, [ALL, ONE]);
  socket().created(9, [ALL]);
  socket().acknowledge(ALL, 9);
  socket().created(10, [ALL, ONE]); // live, while the other is replayed
  socket().created(6, [ALL, ONE]);
  socket().created(8, [ONE]);
  assert.deepEqual(second.ids, []);
  socket().acknowledge(ONE, 10);
  assert.deepEqual(second.ids, ["a6", "a8", "a10"]);
  assert.deepEqual(heard.ids, ["a6", "a9", "a10"]);
});

test("a replay that breaks off is gone on with where it broke off", async () => {
  const { socket, clock, heard } = await live();
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready();
  socket().created(6, [ALL]);
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready();
  assert.equal(socket().asked("subscribe")[0].payload.since, 6);
  socket().created(7, [ALL]);
  assert.deepEqual(heard.ids, ["a6", "a7"]);
});

test("a log that does not reach back is told to onResync, after which what is live counts", async () => {
  const resyncs = [];
  const { socket, clock, heard } = await live({ onResync: (resync) => resyncs.push(resync) });
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready({ epoch: "e2" });
  socket().acknowledge(ALL, 1_000_000_007, { epoch: "e2", resync: true });
  socket().created(1_000_000_008, [ALL], { epoch: "e2" });
  assert.deepEqual(resyncs.map(({ channelName, snapshot }) => [channelName, snapshot]), [[ALL, null]]);
  assert.deepEqual(heard.ids, ["a1000000008"]);
});

test("without onResync and fetchSnapshot a gap is an error, and never silent", async () => {
  const { socket, clock, heard } = await live();
  socket().say("resync", { channel: ALL, reason: "the log is another one" });
  // The connection breaks before anybody was told; the gap is not forgotten.
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready();
  assert.deepEqual(socket().asked("subscribe")[0].payload, { channel: ALL });
  socket().acknowledge(ALL, 9);
  assert.deepEqual(heard.errors, ["resync-required"]);
});

test("a snapshot is fetched, tried again when it fails, and gone on from", async () => {
  const steps = [];
  let attempts = 0;
  const fetchSnapshot = async (channelName) => {
    attempts += 1;
    if (attempts === 1) throw new Error("not now");
    return { position: 40, epoch: "e1", items: [channelName] };
  };
  const onResync = ({ snapshot }) => steps.push(snapshot.items);
  const { sync, socket, clock, heard } = await live({ fetchSnapshot, onResync });
  socket().say("resync", { channel: ALL, reason: "the log no longer reaches back" });
  socket().created(41, [ALL]);
  await settle();
  assert.equal(sync.getState().status, "catching-up");
  await clock.pass(1000);
  assert.deepEqual(steps, [[ALL]]);
  assert.deepEqual(socket().asked("subscribe").at(-1).payload, { channel: ALL, since: 40, epoch: "e1" });
  socket().created(43, [ALL]); // live, before the replay of 41
  socket().created(41, [ALL]);
  socket().acknowledge(ALL, 43);
  assert.deepEqual(heard.ids, ["a41", "a43"]);
  assert.deepEqual(heard.errors, ["snapshot-failed"]);
  assert.equal(sync.getState().status, "live");
});

test("a snapshot that the server does not accept is not fetched again without a pause", async () => {
  let fetched = 0;
  const { socket, clock } = await live({
    fetchSnapshot: async () => {
      fetched += 1;
      return { position: 1, epoch: "e0" };
    },
  });
  socket().say("resync", { channel: ALL, reason: "another log" });
  let answered = 1;
  for (let look = 0; look < 600; look += 1) {
    await clock.pass(100);
    if (socket().asked("subscribe").length > answered) {
      socket().acknowledge(ALL, 1, { resync: true });
      answered += 1;
    }
    socket().say("heartbeat", { timestamp: "", position: 1, epoch: "e1" });
  }
  assert.ok(fetched >= 3 && fetched < 20, String(fetched));
});
