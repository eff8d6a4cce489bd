import assert from "node:assert/strict";
import { test } from "node:test";
import { RealtimeSync, SyncError, browserStore } from "../dist/esm/index.js";
import { begin, settle } from "./helpers.mjs";

test("before configure the state says so, and so does whatever is asked", () => {
  const sync = new RealtimeSync();
  const { status, asOf, error } = sync.getState();
  assert.deepEqual([status, asOf, error?.code], ["closed", null, "not-configured"]);
  assert.match(error.message, /configure\(\{ url, getToken \}\)/);
  assert.equal(sync.getState(), sync.getState());
  for (const ask of [() => sync.api, () => sync.subscribeToOwnAppointments({})]) {
    assert.throws(ask, (thrown) => thrown instanceof SyncError && thrown.code === "not-configured");
  }
});

test("configure ends that state, and says so", () => {
  const sync = new RealtimeSync();
  const states = [];
  sync.onStateChange(({ status, error }) => states.push([status, error]));
  sync.configure({ url: "http://dental.test", getToken: () => "token" });
  assert.deepEqual(states, [["closed", null]]);
  assert.equal(sync.getState().error, null);
});

test("an address that is none is refused by configure, and not found out at the first connection", () => {
  assert.throws(() => new RealtimeSync({ url: "dental.test", getToken: () => "token" }), TypeError);
});

test("a mistake in a program is told once and ends what is followed, instead of being tried for ever", async (context) => {
  const said = context.mock.method(console, "error", () => {});
  const errors = [];
  const world = begin();
  world.sync.api.me = () => Promise.reject(new TypeError("AbortSignal.any is not a function"));
  world.sync.subscribeToOwnAppointments({ onError: ({ code, retryable }) => errors.push([code, retryable]) });
  await settle();
  world.socket().ready();
  await settle();
  await world.clock.pass(120_000);
  assert.deepEqual(errors, [["unexpected-failure", false]]);
  assert.equal(world.sync.getState().status, "closed");
  assert.equal(world.sockets.length, 1);
  assert.equal(said.mock.callCount(), 1);
});

test("in Node a browser's store is one of this process: it keeps, and nothing is thrown", async () => {
  const store = browserStore();
  assert.equal(await store.read(), null);
  await store.write("kept");
  assert.equal(await store.read(), "kept");
});
