import assert from "node:assert/strict";
import { test } from "node:test";
import { Session, createRealtimeSync } from "../dist/esm/index.js";
import { FakeClock, FakeSocket, settle } from "./helpers.mjs";

const URL = "http://dental.test";

/** A service that gives tokens for a quarter of an hour, and a storage that tabs share. */
function begin() {
  const kept = new Map();
  const storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
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
  const tab = (more) => new Session({ url: `${URL}/`, storage, clock, fetch, ...more });
  return { service, clock, tab, kept };
}

test("whoever signs in has a token until it expires, and then another one", async () => {
  const { tab, clock, service } = begin();
  const session = tab();
  assert.equal(session.account, null);
  const account = await session.signIn("mia@live.test", "secret");
  assert.deepEqual([account.patientId, session.account], ["p", account]);
  assert.equal(await session.getToken({ fresh: false }), "a1");
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
  assert.equal(other.account.name, "Mia");
  assert.equal(await one.getToken({ fresh: false }), "a1");
  assert.equal(await other.getToken({ fresh: false }), "a1");
  assert.equal(await one.getToken({ fresh: true }), "a2");
  assert.equal(await other.getToken({ fresh: true }), "a2");
  assert.equal(service.asked.length, 2);
});

test("whoever signs out is signed out in every tab, also when the service cannot be told", async () => {
  const { tab, service, kept } = begin();
  const [one, other] = [tab(), tab()];
  await one.signIn("mia@live.test", "secret");
  service.isDown = true;
  await one.signOut();
  assert.deepEqual(service.asked.at(-1), ["logout", "a1"]);
  assert.equal(kept.size, 0);
  await assert.rejects(other.getToken({ fresh: false }), { code: "unauthorized", retryable: false });
});

test("a session that was ended is forgotten; one that cannot be reached is not", async () => {
  const { tab, service, kept } = begin();
  const session = tab();
  await session.signIn("mia@live.test", "secret");
  await session.getToken({ fresh: false });
  service.isDown = true;
  await assert.rejects(session.getToken({ fresh: true }), { code: "connection-lost", retryable: true });
  assert.equal(kept.size, 1);
  service.isDown = false;
  service.refresh = "another";
  await assert.rejects(session.getToken({ fresh: true }), { code: "unauthorized" });
  assert.equal(kept.size, 0);
});

test("without a storage tokens live as long as the object, and a storage that holds nonsense holds nothing", async () => {
  const { tab, kept } = begin();
  const session = tab({ storage: undefined });
  await session.signIn("mia@live.test", "secret");
  assert.equal(await session.getToken({ fresh: false }), "a1");
  assert.equal(kept.size, 0);
  assert.equal(tab({ storage: undefined }).account, null);
  assert.equal(tab({ storage: { getItem: () => "{" } }).account, null);
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
