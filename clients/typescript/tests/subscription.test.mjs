import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, recorder, settle } from "./helpers.mjs";

const ALL = "appointments:all";
const FREE = "availability:d";

/** Two subscriptions, and the states that each was told. */
async function two() {
  const world = begin();
  const subscriptions = [world.sync.subscribeToAllAppointments({}), world.sync.subscribeToAvailability("d", {})];
  const told = subscriptions.map((subscription) => {
    const states = [];
    subscription.onStateChange(({ status }) => states.push(status));
    return states;
  });
  await settle();
  return { ...world, subscriptions, told };
}

test("a subscription ends itself, once, and its state says so", async () => {
  const { sync, socket, subscriptions, told } = await two();
  socket().ready();
  socket().acknowledge(ALL, 5);
  const [first] = subscriptions;
  first.unsubscribe();
  first.unsubscribe();
  sync.unsubscribe(first);
  assert.equal(socket().asked("unsubscribe").length, 1);
  assert.deepEqual([first.active, first.state.status, first.state.error], [false, "closed", null]);
  assert.deepEqual(told[0], ["catching-up", "live", "closed"]);
  assert.deepEqual(sync.getActiveSubscriptions(), [subscriptions[1]]);
});

test("disposing of it is unsubscribing, also where the symbol is missing", async () => {
  const { sync, subscriptions } = await two();
  subscriptions[0][Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
  assert.equal(sync.getActiveSubscriptionsCount(), 1);
});

test("each subscription is live as soon as its own channel is", async () => {
  const { sync, clock, socket, subscriptions, told } = await two();
  const [first, second] = subscriptions;
  assert.deepEqual([first.state.status, second.state.status], ["connecting", "connecting"]);
  socket().ready();
  socket().acknowledge(ALL, 5);
  assert.deepEqual([first.state.status, second.state.status, sync.getState().status], ["live", "catching-up", "catching-up"]);
  assert.equal(first.state.asOf.getTime(), clock.now());
  assert.equal(second.state.asOf, null);
  socket().acknowledge(FREE, 5);
  socket().say("disconnect", "transport close");
  assert.equal(second.state.error.code, "connection-lost");
  await clock.pass(1000);
  socket().ready();
  socket().acknowledge(FREE, 5);
  assert.deepEqual(told[0], ["catching-up", "live", "offline", "catching-up"]);
  assert.deepEqual(told[1], ["catching-up", "live", "offline", "catching-up", "live"]);
});

test("one that joins others begins as complete as they are", async () => {
  const { sync, clock, socket, subscriptions } = await two();
  socket().ready();
  socket().acknowledge(ALL, 5);
  assert.equal(sync.subscribeToAllAppointments({}).state.status, "live");
  assert.equal(sync.subscribeToGlobalAvailability({}).state.status, "catching-up");
  const { state } = subscriptions[0];
  socket().say("heartbeat", { timestamp: "", position: 6, epoch: "e1" });
  assert.equal(subscriptions[0].state, state);
  socket().say("disconnect", "transport close");
  assert.equal(sync.subscribeToAllAppointments({}).state.status, "offline");
  await clock.pass(0);
});

test("when one is live, what the whole says and what each says agree in every listener", async () => {
  const { sync, socket, subscriptions } = await two();
  const seen = [];
  sync.onStateChange(({ status }) => seen.push([status, ...subscriptions.map(({ state }) => state.status)]));
  socket().ready();
  socket().acknowledge(ALL, 5);
  socket().acknowledge(FREE, 5);
  sync.close();
  assert.deepEqual(seen, [
    ["catching-up", "catching-up", "catching-up"],
    ["live", "live", "live"],
    ["closed", "closed", "closed"],
  ]);
});

test("what the server ends is closed with the error, and a refusal too", async () => {
  const { socket, subscriptions } = await two();
  socket().ready();
  socket().acknowledge(FREE, 5);
  socket().say("subscription:closed", { id: "s", channelName: FREE, reason: "access was withdrawn" });
  socket().asked("subscribe")[0].answer({ ok: false, error: { code: "forbidden", detail: "not yours" } });
  assert.deepEqual(subscriptions.map(({ state }) => [state.status, state.error.code]), [
    ["closed", "forbidden"],
    ["closed", "subscription-closed"],
  ]);
});

test("a listener that was taken away hears nothing, and one that throws is an error of the subscription", async () => {
  const { sync, socket } = begin();
  const heard = recorder();
  const subscription = sync.subscribeToAllAppointments(heard);
  const states = [];
  subscription.onStateChange(({ status }) => states.push(status))();
  subscription.onStateChange(() => {
    throw new Error("a mistake of the application");
  });
  await settle();
  socket().ready();
  socket().acknowledge(ALL, 5);
  assert.deepEqual(states, []);
  assert.deepEqual(heard.errors, ["callback-failed", "callback-failed"]);
  assert.equal(sync.getState().status, "live");
});

test("a listener may unsubscribe and subscribe", async () => {
  const { sync, socket, subscriptions } = await two();
  let other = null;
  subscriptions[0].onStateChange(({ status }) => {
    if (status !== "live") return;
    sync.close();
    other = sync.subscribeToAllAppointments({});
  });
  socket().ready();
  socket().acknowledge(ALL, 5);
  assert.deepEqual(subscriptions.map(({ state }) => state.status), ["closed", "closed"]);
  assert.deepEqual([other.state.status, sync.getState().status], ["connecting", "connecting"]);
});
