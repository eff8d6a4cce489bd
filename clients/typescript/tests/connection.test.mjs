import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, recorder, settle } from "./helpers.mjs";

const ALL = "appointments:all";

async function started(options) {
  const world = begin(options);
  const heard = recorder();
  world.sync.subscribeToAllAppointments(heard);
  await settle();
  return { ...world, heard };
}

function refusal(code) {
  return Object.assign(new Error("refused"), { data: { code } });
}

test("all subscriptions share one connection, and one room", async () => {
  const { sync, sockets, socket } = await started();
  sync.subscribeToAllAppointments({});
  sync.subscribeToGlobalAvailability({});
  sync.subscribeToAvailability("d", {});
  socket().ready();
  assert.equal(sockets.length, 1);
  assert.deepEqual(
    socket().asked("subscribe").map(({ payload }) => payload.channel),
    [ALL, "availability:all", "availability:d"],
  );
  assert.equal(sync.getActiveSubscriptionsCount(), 4);
});

test("an account's id is resolved to the patient's, and others are taken as they are", async () => {
  const { sync, socket } = begin();
  const own = sync.subscribeToAppointments("account", "patient", {});
  sync.subscribeToAppointments("patient", "patient", {});
  const heard = recorder();
  sync.subscribeToAppointments("account", "dentist", heard);
  await settle();
  socket().ready();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(own.channelName, "appointments:patient:patient");
  assert.deepEqual(socket().asked("subscribe").map(({ payload }) => payload.channel), [own.channelName]);
  assert.deepEqual(heard.errors, ["forbidden"]);
  assert.equal(sync.getActiveSubscriptionsCount(), 2);
});

for (const code of ["unauthorized", "token-expired"]) {
  test(`${code}: a fresh token is tried once, and closes when it is refused too`, async () => {
    const { sync, socket, clock, wishes, heard } = await started();
    socket().say("connect_error", refusal(code));
    assert.equal(sync.getState().status, "offline");
    await clock.pass(1000);
    assert.deepEqual(wishes, [false, true]);
    assert.equal(socket().token, "token-2");
    socket().say("connect_error", refusal(code));
    const { status, error } = sync.getState();
    assert.deepEqual([status, error.code, error.retryable], ["closed", code, false]);
    assert.deepEqual(heard.errors, [code]);
    assert.equal(sync.getActiveSubscriptionsCount(), 0);
    assert.equal(clock.pending, 0);
  });
}

test("a disabled account closes at once", async () => {
  const { sync, sockets, socket, clock } = await started();
  socket().say("connect_error", refusal("account-disabled"));
  await clock.pass(100_000);
  assert.equal(sockets.length, 1);
  assert.equal(sync.getState().error.code, "account-disabled");
});

test("a revoked session closes, and a new subscription begins anew", async () => {
  const { sync, sockets, socket, heard } = await started();
  socket().ready();
  socket().acknowledge(ALL, 1);
  socket().say("disconnect", "io server disconnect");
  assert.deepEqual([sync.getState().status, sync.getState().error.code], ["closed", "revoked"]);
  assert.deepEqual(heard.errors, ["revoked"]);
  sync.subscribeToAllAppointments({});
  assert.equal(sockets.length, 2);
  assert.equal(sync.getState().status, "connecting");
});

test("it comes back with longer and longer waits", async () => {
  const { sockets, socket, clock } = await started();
  const waits = [];
  for (let failure = 0; failure < 4; failure += 1) {
    const begun = clock.now();
    const count = sockets.length;
    socket().say("connect_error", new Error("xhr poll error"));
    while (sockets.length === count) await clock.pass(50);
    waits.push(clock.now() - begun);
  }
  assert.deepEqual(waits, [250, 500, 1000, 2000]);
});

test("a token that cannot be had is tried again", async () => {
  let calls = 0;
  const { sync, clock, socket } = await started({
    getToken: () => {
      calls += 1;
      if (calls === 1) throw new Error("no network");
      return "token";
    },
  });
  assert.equal(sync.getState().error.code, "token-unavailable");
  await clock.pass(1000);
  assert.equal(socket().token, "token");
});

test("an expiring token is renewed on the open socket", async () => {
  const { sockets, socket, wishes } = await started();
  socket().ready();
  socket().say("token:expiring", { expiresAt: "" });
  socket().say("token:expiring", { expiresAt: "" });
  await settle();
  assert.deepEqual(socket().asked("authenticate").map(({ payload }) => payload), [{ token: "token-2" }]);
  assert.deepEqual(wishes, [false, true]);
  socket().asked("authenticate")[0].answer({ ok: true, expiresAt: "" });
  assert.equal(sockets.length, 1);
});

test("silence for twice the time between heartbeats ends a connection", async () => {
  const { sync, sockets, socket, clock } = await started();
  socket().ready();
  socket().acknowledge(ALL, 1);
  await clock.pass(59_000);
  socket().say("heartbeat", { timestamp: "", position: 1, epoch: "e1" });
  await clock.pass(59_000);
  assert.equal(sync.getState().status, "live");
  await clock.pass(2000);
  assert.equal(sockets.length, 2);
  assert.equal(sockets[0].isOpen, false);
  assert.equal(sockets[0].listeners.size, 0);
});

test("whoever begins to follow late is given the whole time to hear a heartbeat", async () => {
  const { sync, sockets, socket, clock } = begin({ lingerMs: 1_000_000 });
  const subscription = sync.subscribeToAllAppointments({});
  await settle();
  socket().ready();
  socket().acknowledge(ALL, 1);
  sync.unsubscribe(subscription);
  socket().asked("unsubscribe")[0].answer({ ok: true });
  await clock.pass(59_000);
  sync.subscribeToGlobalAvailability({});
  socket().acknowledge("availability:all", 1);
  await clock.pass(59_000);
  assert.equal(sockets.length, 1);
  await clock.pass(2_000);
  assert.equal(sockets.length, 2);
});

test("a draining process is left when it says", async () => {
  const { sockets, socket, clock, states } = await started();
  socket().ready();
  socket().acknowledge(ALL, 1);
  socket().say("draining", { reconnectAfterMs: 700 });
  await clock.pass(699);
  assert.equal(sockets.length, 1);
  await clock.pass(1);
  assert.equal(sockets.length, 2);
  assert.equal(states.at(-1), "offline");
});

test("what cannot be joined just now is asked for again; what may not be heard is an error", async () => {
  const { sync, socket, clock, heard } = await started();
  socket().ready();
  socket().asked("subscribe")[0].answer({ ok: false, error: { code: "unavailable", detail: "busy" } });
  await clock.pass(1000);
  assert.equal(socket().asked("subscribe").length, 2);
  socket().asked("subscribe")[1].answer({ ok: false, error: { code: "forbidden", detail: "no" } });
  assert.deepEqual(heard.errors, ["forbidden"]);
  assert.equal(sync.getActiveSubscriptionsCount(), 0);
});

test("the last to leave a channel leaves the room, and whoever comes meanwhile waits for that", async () => {
  const { sync, socket, clock } = await started();
  const [first] = sync.getActiveSubscriptions();
  const second = sync.subscribeToAllAppointments({});
  socket().ready();
  socket().acknowledge(ALL, 1);
  sync.unsubscribe(first);
  sync.unsubscribe(first);
  assert.equal(socket().asked("unsubscribe").length, 0);
  sync.unsubscribe(second);
  assert.deepEqual(socket().asked("unsubscribe")[0].payload, { id: `${ALL}-1` });
  sync.subscribeToAllAppointments({});
  assert.equal(socket().asked("subscribe").length, 1);
  socket().asked("unsubscribe")[0].answer({ ok: true });
  assert.equal(socket().asked("subscribe").length, 2);
  sync.unsubscribeAll();
  assert.equal(sync.getActiveSubscriptionsCount(), 0);
  await clock.pass(5000);
  assert.equal(sync.getState().status, "closed");
  assert.equal(sync.getState().error, null);
  assert.equal(clock.pending, 0);
});

test("startHeartbeat asks as often as it is told, and its answers count", async () => {
  const { sync, socket, clock } = await started();
  socket().ready();
  socket().acknowledge(ALL, 1);
  sync.startHeartbeat(1000);
  await clock.pass(3000);
  assert.equal(socket().asked("heartbeat").length, 3);
  socket().asked("heartbeat")[0].answer({ ok: true, timestamp: "", position: 8, epoch: "e1" });
  assert.equal(sync.getState().asOf.getTime(), clock.now());
  sync.stopHeartbeat();
  await clock.pass(3000);
  assert.equal(socket().asked("heartbeat").length, 3);
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready();
  assert.equal(socket().asked("subscribe")[0].payload.since, 8);
});
