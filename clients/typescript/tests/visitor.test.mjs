import assert from "node:assert/strict";
import { test } from "node:test";
import { VisitorSession, createRealtimeSync } from "../dist/esm/index.js";
import { FakeClock, FakeSocket, settle } from "./helpers.mjs";

const URL = "http://dental.test";

/** A practice that shows itself to everybody, unless it is closed. */
function begin() {
  const clock = new FakeClock();
  const service = { asked: [], isOff: false };
  const fetch = async (url, { headers }) => {
    service.asked.push([url.replace(`${URL}/api`, ""), headers.Authorization ?? null]);
    await settle();
    if (!service.isOff) return Response.json({ accessToken: `v${service.asked.length}`, expiresIn: 900 });
    const problem = { code: "not-found", status: 404, detail: "This practice shows nothing here." };
    return Response.json(problem, { status: 404, headers: { "Content-Type": "application/problem+json" } });
  };
  return { clock, service, fetch, visitor: new VisitorSession({ url: `${URL}/`, clock, fetch }) };
}

test("a visitor has a token until it expires, and then another one, without signing in", async () => {
  const { clock, service, visitor } = begin();
  assert.equal(await visitor.getToken(), "v1");
  await clock.pass(889_000);
  assert.equal(await visitor.getToken({ fresh: false }), "v1");
  await clock.pass(2_000);
  assert.equal(await visitor.getToken(), "v2");
  assert.equal(await visitor.getToken({ fresh: true }), "v3");
  assert.deepEqual(service.asked, Array(3).fill(["/public/token", null]));
});

test("whoever asks at the same time gets the same visitor's token", async () => {
  const { service, visitor } = begin();
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => visitor.getToken())), ["v1", "v1", "v1"]);
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => visitor.getToken({ fresh: true }))), ["v2", "v2", "v2"]);
  assert.equal(service.asked.length, 2);
});

test("a practice that shows nothing gives no token, and one once it does", async () => {
  const { service, visitor } = begin();
  service.isOff = true;
  await assert.rejects(visitor.getToken(), { code: "not-found" });
  service.isOff = false;
  assert.equal(await visitor.getToken(), "v2");
});

test("a visitor follows what is free without asking who they are", async () => {
  const { clock, fetch, service, visitor } = begin();
  const sockets = [];
  const openSocket = (_url, auth) => {
    sockets.push(new FakeSocket(auth));
    return sockets.at(-1);
  };
  const sync = createRealtimeSync({ url: URL, getToken: visitor.getToken, clock, fetch, openSocket });
  sync.subscribeToGlobalAvailability({});
  await settle();
  await settle();
  assert.equal(sockets[0].token, "v1");
  sockets[0].ready();
  sockets[0].say("connect");
  await settle();
  assert.deepEqual(
    sockets[0].asked("subscribe").map(({ payload }) => payload.channel),
    ["availability:all"],
  );
  assert.deepEqual(service.asked, [["/public/token", null]]);
  sync.close();
});
