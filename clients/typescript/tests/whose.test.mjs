// Which channels are one's own, when what answers that is slow or away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, recorder, settle } from "./helpers.mjs";

const channel = (id) => `appointments:patient:${id}`;
const account = (...ids) => Response.json({ id: "u", role: "patient", patients: ids.map((id) => ({ id })) });
const closed = (id, reason) => ({ id: "s", channelName: channel(id), reason });
const asked = (socket) => socket.asked("subscribe").map(({ payload }) => payload.channel);

async function turns() {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await settle();
}

test("an answer that was on its way when the account changed does not count", async () => {
  const answers = [];
  const fetch = () => new Promise((resolve) => answers.push(resolve));
  const { sync, socket } = begin({ fetch, onResync: () => {} });
  const subscription = sync.subscribeToOwnAppointments({});
  await settle();
  socket().ready();
  await settle();
  answers[0](account("p"));
  await turns();
  socket().acknowledge(channel("p"), 5);
  assert.equal(subscription.state.status, "live");
  for (const _ of [1, 2]) {
    socket().say("account:changed", {});
    await turns();
  }
  answers[1](account("p", "too-early"));
  await turns();
  assert.equal(subscription.state.status, "catching-up");
  answers[2](account("p", "c"));
  await turns();
  socket().acknowledge(channel("c"), 6);
  assert.deepEqual(asked(socket()), [channel("p"), channel("c")]);
  assert.deepEqual([subscription.state.status, subscription.channelNames], ["live", [channel("p"), channel("c")]]);
});

test("an account that is not answered for is asked for again, and the question before it given up", async () => {
  const signals = [];
  const fetch = (_url, { signal }) => {
    signals.push(signal);
    return signals.length < 4 ? new Promise(() => {}) : Promise.resolve(account("p"));
  };
  const { sync, socket, clock } = begin({ fetch });
  sync.subscribeToOwnAppointments({});
  await settle();
  socket().ready();
  await turns();
  const counts = [];
  for (const ms of [1_400, 200, 1_300, 200, 1_300, 200]) {
    await clock.pass(ms);
    await turns();
    counts.push(signals.length);
  }
  assert.deepEqual(counts, [1, 2, 2, 3, 3, 4]);
  assert.deepEqual(signals.map(({ aborted }) => aborted).slice(0, 3), [true, true, true]);
  assert.deepEqual(asked(socket()), [channel("p")]);
  await clock.pass(20_000);
  await turns();
  assert.equal(signals.length, 4);
  sync.close();
});

test("a visitor has no appointments, and what is free goes on", async () => {
  const problem = { type: "about:blank", title: "Forbidden", status: 403, code: "forbidden", detail: "No." };
  const fetch = async () => Response.json(problem, { status: 403, headers: { "Content-Type": "application/problem+json" } });
  const { sync, socket } = begin({ fetch });
  const heard = recorder();
  const own = sync.subscribeToOwnAppointments(heard);
  const free = sync.subscribeToGlobalAvailability({});
  await settle();
  socket().ready();
  await turns();
  socket().acknowledge("availability:all", 5);
  assert.deepEqual([heard.errors, own.active, free.state.status, sync.getState().status], [["forbidden"], false, "live", "live"]);
});

test("where a merged record has gone is asked until it is known", async () => {
  let isAway = true;
  const fetch = async (url) => {
    if (url.endsWith("/me")) return account("p");
    return isAway ? new Response("", { status: 503 }) : Response.json({ id: "d" });
  };
  const resyncs = [];
  const { sync, socket, clock } = begin({ fetch, onResync: ({ channelName, reason }) => resyncs.push([channelName, reason]) });
  const heard = recorder();
  const subscription = sync.subscribeToOwnAppointments(heard, { patientId: "c" });
  await settle();
  socket().ready();
  await turns();
  socket().acknowledge(channel("c"), 5);
  socket().say("subscription:closed", closed("c", "merged"));
  // The Api has given up by then.
  for (let second = 0; second < 45 && asked(socket()).length < 2; second += 1) {
    await clock.pass(1_000);
    await turns();
  }
  assert.deepEqual([asked(socket()), subscription.state.status], [[channel("c"), channel("c")], "catching-up"]);
  isAway = false;
  socket().asked("subscribe").at(-1).answer({ ok: false, error: { code: "forbidden", detail: "" } });
  await turns();
  socket().acknowledge(channel("d"), 9);
  assert.deepEqual(resyncs, [[channel("d"), "merged"]]);
  assert.deepEqual([subscription.state.status, subscription.channelName, heard.errors], ["live", channel("d"), []]);
});

test("one that ends while it is asked whose it is, or where it has gone, follows nothing", async () => {
  const answers = [];
  const fetch = (url) => (url.endsWith("/me") ? Promise.resolve(account("p")) : new Promise((resolve) => answers.push(resolve)));
  const { sync, socket } = begin({ fetch });
  const subscription = sync.subscribeToAppointments("c", "patient", {});
  await settle();
  socket().ready();
  await turns();
  socket().acknowledge(channel("c"), 5);
  socket().say("subscription:closed", closed("c", "merged"));
  await turns();
  subscription.unsubscribe();
  answers[0](Response.json({ id: "d" }));
  await turns();
  assert.deepEqual([asked(socket()), socket().asked("unsubscribe").length], [[channel("c")], 0]);
  assert.equal(sync.getActiveSubscriptionsCount(), 0);
});
