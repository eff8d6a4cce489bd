import assert from "node:assert/strict";
import { test } from "node:test";
import { Session, createRealtimeSync, memoryStore } from "../dist/esm/index.js";
import { FakeClock, FakeSocket, settle } from "./helpers.mjs";

const URL = "http://dental.test";

/** A service that gives tokens for a quarter of an hour, and a store that tabs share. */
function begin() {
  const store = memoryStore();
  const clock = new FakeClock();
  const service = { asked: [], count: 0, refresh: "r0", isDown: false };
  const fetch = async (url, { headers, body }) => {
    const what = url.replace(`${URL}/api/auth/`, "");
    const token = headers.Authorization?.replace("Bearer ", "");
    service.asked.push([what, token ?? JSON.parse(body)]);
    await settle();
    if (service.isDown) throw new TypeError("fetch failed");
    if (what === "logout") return new Response(null, { status: 204 });
    if (what === "refresh" && token !== service.refresh) {
      const problem = { code: "unauthorized", status: 401, detail: "It was used already." };
      return Response.json(problem, { status: 401, headers: { "Content-Type": "application/problem+json" } });
    }
    service.count += 1;
    service.refresh = `r${service.count}`;
    const user = { id: "account", role: "patient", name: "Mia", email: "mia@live.test", patientId: "p" };
    return Response.json({ user, accessToken: `a${service.count}`, refreshToken: service.refresh, expiresIn: 900 });
  };
  const tab = (more) => new Session({ url: `${URL}/`, store, clock, fetch, ...more });
  return { service, clock, tab, store };
}

test("whoever signs in has a token until it expires, and then another one", async () => {
  const { tab, clock, service } = begin();
  const session = tab();
  assert.equal(await session.account(), null);
  const account = await session.signIn("mia@live.test", "secret");
  assert.equal(account.patientId, "p");
  assert.deepEqual(await session.account(), account);
  assert.equal(await session.getToken({ fresh: false }), "a1");
  assert.equal(await session.getToken(), "a1");
  await clock.pass(889_000);
  assert.equal(await session.getToken({ fresh: false }), "a1");
  await clock.pass(2_000);
  assert.equal(await session.getToken({ fresh: false }), "a2");
  assert.equal(await session.getToken({ fresh: true }), "a3");
  assert.deepEqual(service.asked.slice(1), [["refresh", "r1"], ["refresh", "r2"]]);
});

test("whoever asks at the same time gets the same token: a refresh token is used once", async () => {
  const { tab, service } = begin();
  const session = tab();
  await session.signIn("mia@live.test", "secret");
  await session.getToken({ fresh: false });
  const tokens = await Promise.all([1, 2, 3].map(() => session.getToken({ fresh: true })));
  assert.deepEqual(tokens, ["a2", "a2", "a2"]);
  assert.equal(service.asked.filter(([what]) => what === "refresh").length, 1);
});

test("another tab's fresh token is as good", async () => {
  const { tab, service } = begin();
  const [one, other] = [tab(), tab()];
  await one.signIn("mia@live.test", "secret");
  assert.equal((await other.account()).name, "Mia");
  assert.equal(await one.getToken({ fresh: false }), "a1");
  assert.equal(await other.getToken({ fresh: false }), "a1");
  assert.equal(await one.getToken({ fresh: true }), "a2");
  assert.equal(await other.getToken({ fresh: true }), "a2");
  assert.equal(service.asked.length, 2);
});

test("whoever signs out is signed out in every tab, also when the service cannot be told", async () => {
  const { tab, service, store } = begin();
  const [one, other] = [tab(), tab()];
  await one.signIn("mia@live.test", "secret");
  service.isDown = true;
  await one.signOut();
  assert.deepEqual(service.asked.at(-1), ["logout", "a1"]);
  assert.equal(await store.read(), null);
  await assert.rejects(other.getToken({ fresh: false }), { code: "unauthorized", retryable: false });
});

test("a renewal that is under way does not come back over the next account", async () => {
  const { tab, service } = begin();
  const session = tab();
  await session.signIn("mia@live.test", "secret");
  await session.getToken({ fresh: false });
  const renewal = session.getToken({ fresh: true });
  while (service.asked.length === 1) await Promise.resolve();
  const next = session.signIn("ben@live.test", "secret");
  await Promise.all([renewal, next]);
  assert.deepEqual(service.asked.map(([what]) => what), ["login", "refresh", "login"]);
  assert.equal(await session.getToken({ fresh: false }), "a3");
  const late = session.getToken({ fresh: true });
  while (service.asked.length === 3) await Promise.resolve();
  await session.signOut();
  await late;
  assert.equal(await session.account(), null);
});

test("a session that was ended is forgotten; one that cannot be reached is not", async () => {
  const { tab, service, store } = begin();
  const session = tab();
  await session.signIn("mia@live.test", "secret");
  await session.getToken({ fresh: false });
  service.isDown = true;
  await assert.rejects(session.getToken({ fresh: true }), { code: "connection-lost", retryable: true });
  assert.notEqual(await store.read(), null);
  service.isDown = false;
  service.refresh = "another";
  await assert.rejects(session.getToken({ fresh: true }), { code: "unauthorized" });
  assert.equal(await store.read(), null);
});

test("a second factor's code is sent with the password, and that it is missing is said", async () => {
  const { tab, service } = begin();
  const session = tab();
  await session.signIn("anna@live.test", "secret", { code: "123456" });
  assert.deepEqual(service.asked, [["login", { email: "anna@live.test", password: "secret", code: "123456" }]]);
  const problem = { code: "second-factor-required", status: 401, detail: "A code is needed." };
  const fetch = async () => Response.json(problem, { status: 401, headers: { "Content-Type": "application/problem+json" } });
  await assert.rejects(tab({ fetch }).signIn("anna@live.test", "secret"), { code: "second-factor-required" });
});

test("a refresh whose answer was lost is sent again with the same token", async () => {
  const { tab, service } = begin();
  const session = tab();
  await session.signIn("mia@live.test", "secret");
  await session.getToken();
  service.isDown = true;
  await assert.rejects(session.getToken({ fresh: true }), { retryable: true });
  service.isDown = false;
  assert.equal(await session.getToken({ fresh: true }), "a2");
  assert.deepEqual(service.asked.slice(1), [["refresh", "r1"], ["refresh", "r1"]]);
});

test("without a store tokens live as long as the object, and a store that holds nonsense holds nothing", async () => {
  const { tab, store } = begin();
  const session = tab({ store: undefined });
  await session.signIn("mia@live.test", "secret");
  assert.equal(await session.getToken({ fresh: false }), "a1");
  assert.equal(await store.read(), null);
  assert.equal(await tab({ store: undefined }).account(), null);
  await store.write("{");
  assert.equal(await tab().account(), null);
});

test("a service closes when nobody is signed in, and does not ask again", async () => {
  const { tab, clock } = begin();
  const sockets = [];
  const sync = createRealtimeSync({
    url: URL,
    getToken: tab().getToken,
    clock,
    openSocket: (_url, auth) => {
      sockets.push(new FakeSocket(auth));
      return sockets.at(-1);
    },
  });
  const errors = [];
  sync.subscribeToAllAppointments({ onError: ({ code }) => errors.push(code) });
  await clock.pass(60_000);
  assert.deepEqual([sync.getState().status, sync.getState().error.code], ["closed", "unauthorized"]);
  assert.deepEqual(errors, ["unauthorized"]);
  assert.equal(sockets.length, 1);
});
