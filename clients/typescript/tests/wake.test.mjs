import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { begin, settle } from "./helpers.mjs";

const ALL = "appointments:all";

afterEach(() => {
  delete globalThis.window;
  delete globalThis.document;
});

function page() {
  globalThis.window = new EventTarget();
  globalThis.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
}

async function live() {
  const world = begin();
  world.sync.subscribeToAllAppointments({});
  await settle();
  world.socket().ready();
  world.socket().acknowledge(ALL, 1);
  return world;
}

test("a machine that slept reconnects within seconds of its waking, and asks from where it was", async () => {
  const { sync, clock, sockets, socket } = await live();
  clock.sleep(3_600_000);
  await clock.pass(2_000);
  assert.equal(sockets.length, 2);
  assert.equal(sockets[0].isOpen, false);
  assert.equal(sync.getState().status, "offline");
  assert.equal(sync.getState().asOf.getTime(), 1_000_000);
  socket().ready();
  assert.deepEqual(socket().asked("subscribe")[0].payload, { channel: ALL, since: 1, epoch: "e1" });
});

test("a short nap asks for a sign of life, and reconnects when there is none", async () => {
  const { sync, clock, sockets, socket } = await live();
  clock.sleep(20_000);
  await clock.pass(2_000);
  assert.equal(socket().asked("heartbeat").length, 1);
  socket().asked("heartbeat")[0].answer({ ok: true, timestamp: "", position: 1, epoch: "e1" });
  await clock.pass(6_000);
  assert.equal(sync.getState().status, "live");
  clock.sleep(20_000);
  await clock.pass(6_999);
  assert.equal(sync.getState().status, "live");
  await clock.pass(1_001);
  assert.equal(sync.getState().status, "offline");
  await clock.pass(1_000);
  assert.equal(sockets.length, 2);
});

test("a machine that is awake asks for nothing", async () => {
  const { clock, sockets, socket } = await live();
  await clock.pass(59_000);
  assert.equal(sockets.length, 1);
  assert.equal(socket().asked("heartbeat").length, 0);
});

test("another network is another connection, at once", async () => {
  page();
  const { sync, sockets } = await live();
  window.dispatchEvent(new Event("online"));
  assert.equal(sockets.length, 2);
  assert.equal(sync.getState().status, "offline");
});

test("whoever waits for the next attempt does not wait any longer", async () => {
  page();
  const { clock, sockets, socket } = await live();
  for (let failure = 0; failure < 6; failure += 1) {
    socket().say("connect_error", new Error("websocket error"));
    await clock.pass(30_000);
  }
  socket().say("connect_error", new Error("websocket error"));
  const count = sockets.length;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(sockets.length, count + 1);
});

test("a page that is shown again, thawed or brought back asks for a sign of life", async () => {
  page();
  const { clock, sockets, socket } = await live();
  document.dispatchEvent(new Event("visibilitychange"));
  document.dispatchEvent(new Event("resume"));
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  window.dispatchEvent(new Event("offline"));
  assert.equal(socket().asked("heartbeat").length, 4);
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
  assert.equal(socket().asked("heartbeat").length, 4);
  await clock.pass(5_000);
  assert.equal(sockets[0].isOpen, false);
});

test("an attempt that has just begun is left in peace", async () => {
  page();
  const { sync, sockets } = begin();
  sync.subscribeToAllAppointments({});
  await settle();
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(sockets.length, 1);
  assert.equal(sync.getState().status, "connecting");
});

test("a service that is closed listens to nothing any more", async () => {
  page();
  const heard = [];
  for (const target of [window, document]) {
    const { addEventListener, removeEventListener } = EventTarget.prototype;
    target.addEventListener = (name, listener) => (heard.push(name), addEventListener.call(target, name, listener));
    target.removeEventListener = (name, listener) => {
      heard.splice(heard.indexOf(name), 1);
      removeEventListener.call(target, name, listener);
    };
  }
  const { sync, sockets, clock } = await live();
  assert.equal(heard.length, 5);
  sync.close();
  assert.deepEqual(heard, []);
  assert.equal(clock.pending, 0);
  window.dispatchEvent(new Event("online"));
  assert.equal(sockets.length, 1);
});
