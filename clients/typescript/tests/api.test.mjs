import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, ApiError, StillPending, SyncError } from "../dist/esm/index.js";
import { FakeClock, settle } from "./helpers.mjs";

/** An API whose answers are given one after the other, and what was sent to it. */
function begin(...answers) {
  const sent = [];
  const wishes = [];
  const clock = new FakeClock();
  const api = new Api({
    url: "http://dental.test/",
    getToken: ({ fresh }) => {
      wishes.push(fresh);
      return `token-${wishes.length}`;
    },
    clock,
    random: () => 0,
    fetch: async (url, init) => {
      sent.push({ url, ...init });
      const answer = answers.shift();
      return answer instanceof Error ? Promise.reject(answer) : answer;
    },
  });
  return { api, sent, wishes, clock };
}

function problem(status, code, more = {}, headers = {}) {
  return new Response(JSON.stringify({ type: "about:blank", title: code, status, code, detail: `It is ${code}.`, ...more }), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

const made = () => Response.json({ id: "a1", version: 1 }, { status: 201 });
const lost = () => new TypeError("fetch failed");

/** Lets time pass until a promise is settled. */
async function ended(promise, clock) {
  let isEnded = false;
  const end = () => {
    isEnded = true;
  };
  promise.then(end, end);
  for (let step = 0; step < 200 && !isEnded; step += 1) await clock.pass(1_000);
  return promise;
}

test("a write is sent again with the same key until it is answered", async () => {
  const pending = () => Response.json({ id: "w1", status: "pending" }, { status: 202 });
  const { api, sent, clock } = begin(lost(), pending(), problem(503, "unavailable"), new Response("", { status: 502 }), made());
  const booking = { dentistId: "d", startsAt: "2030-01-07T09:00:00Z", endsAt: "2030-01-07T09:30:00Z" };
  assert.equal((await ended(api.book(booking), clock)).id, "a1");
  assert.equal(sent.length, 5);
  assert.equal(new Set(sent.map(({ headers }) => headers["Idempotency-Key"])).size, 1);
  assert.match(sent[0].headers["Idempotency-Key"], /^[0-9a-f]{32}$/);
  for (const { url, method, body } of sent) {
    assert.deepEqual([url, method], ["http://dental.test/api/appointments", "POST"]);
    assert.deepEqual(JSON.parse(body), booking);
  }
});

test("each call has a key of its own, or the one that it is given", async () => {
  const { api, sent } = begin(made(), made(), made());
  await api.book({});
  await api.book({});
  await api.book({}, { idempotencyKey: "mine" });
  const keys = sent.map(({ headers }) => headers["Idempotency-Key"]);
  assert.equal(new Set(keys).size, 3);
  assert.equal(keys[2], "mine");
});

test("a file is given as it is, and its refusal is an error", async () => {
  const file = new Response(new Uint8Array([80, 75, 3, 4]), { headers: { "Content-Type": "application/zip" } });
  const { api, sent } = begin(file, problem(404, "not-found"));
  const zip = await api.exportPatient("p1", { lang: "de" });
  assert.ok(zip instanceof Blob);
  assert.deepEqual([...new Uint8Array(await zip.arrayBuffer())], [80, 75, 3, 4]);
  assert.equal(sent[0].url, "http://dental.test/api/patients/p1/export?lang=de");
  await assert.rejects(api.exportPatient("p2"), (error) => error instanceof ApiError && error.code === "not-found");
});

test("an image is sent as it is, as what it says it is", async () => {
  const { api, sent } = begin(new Response(null, { status: 204 }));
  const image = new Blob([new Uint8Array([137, 80])], { type: "image/png" });
  await api.setLogo(image);
  assert.deepEqual([sent[0].method, sent[0].url, sent[0].body], ["PUT", "http://dental.test/api/practice/logo", image]);
  assert.equal(sent[0].headers["Content-Type"], "image/png");
});

test("a refusal is an error with everything that the server said, and is not tried again", async () => {
  const alternatives = [{ dentistId: "d", startsAt: "2030-01-07T10:00:00Z", endsAt: "2030-01-07T10:30:00Z" }];
  const { api, sent } = begin(problem(409, "slot-taken", { alternatives }));
  await assert.rejects(api.book({}), (error) => {
    assert.ok(error instanceof ApiError && error instanceof SyncError);
    assert.deepEqual([error.code, error.status, error.retryable], ["slot-taken", 409, false]);
    assert.equal(error.message, "It is slot-taken.");
    assert.deepEqual(error.alternatives, alternatives);
    return true;
  });
  assert.equal(sent.length, 1);
});

test("a refused token is fetched anew once", async () => {
  const { api, sent, wishes } = begin(problem(401, "token-expired"), made());
  await api.book({});
  assert.deepEqual(wishes, [false, true]);
  assert.deepEqual(sent.map(({ headers }) => headers.Authorization), ["Bearer token-1", "Bearer token-2"]);
  const refused = begin(problem(401, "unauthorized"), problem(401, "unauthorized"));
  await assert.rejects(refused.api.me(), { code: "unauthorized" });
});

test("Retry-After is kept to", async () => {
  const { api, sent, clock } = begin(problem(429, "rate-limited", {}, { "Retry-After": "7" }), made());
  const booked = api.book({});
  await clock.pass(6_999);
  assert.equal(sent.length, 1);
  await clock.pass(1);
  assert.equal(sent.length, 2);
  await booked;
});

test("patience ends, with what went wrong last", async () => {
  const { api, clock, sent } = begin(...Array.from({ length: 50 }, lost));
  await assert.rejects(ended(api.cancel("a1"), clock), { code: "connection-lost", retryable: true });
  assert.ok(sent.length > 5 && sent.length < 20, String(sent.length));
});

test("whoever gives up is heard at once, also while it waits", async () => {
  const { api, clock, sent } = begin(lost(), made());
  const giveUp = new AbortController();
  const refused = assert.rejects(api.book({}, { signal: giveUp.signal }), { name: "AbortError" });
  await settle();
  giveUp.abort();
  await refused;
  await clock.pass(60_000);
  assert.equal(sent.length, 1);
  assert.equal(clock.pending, 0);
});

test("what is no answer of the service is an error, and not tried again when that is of no use", async () => {
  const { api, sent } = begin(new Response("<html>", { status: 404, statusText: "Not Found" }));
  await assert.rejects(api.me(), { code: "unexpected-answer", message: "404 Not Found", retryable: false });
  assert.equal(sent.length, 1);
});

test("a list is all of its pages, at the place of the first", async () => {
  const { api, sent } = begin(
    Response.json({ items: [{ id: "a1" }], next: "n/1", position: 5, epoch: "e1" }),
    Response.json({ items: [{ id: "a2" }], next: null, position: 5, epoch: "e1" }),
  );
  const list = await api.appointments({ from: "2030-01-07T00:00:00+01:00", status: undefined });
  assert.deepEqual(list, { items: [{ id: "a1" }, { id: "a2" }], position: 5, epoch: "e1" });
  assert.deepEqual(
    sent.map(({ url }) => Object.fromEntries(new URL(url).searchParams)),
    [
      { from: "2030-01-07T00:00:00+01:00", limit: "200" },
      { from: "2030-01-07T00:00:00+01:00", limit: "200", after: "n/1" },
    ],
  );
});

test("a change names its path, the version that it is based on, and nothing that was not said", async () => {
  const { api, sent } = begin(made(), made(), made(), new Response(null, { status: 204 }), problem(404, "not-found"));
  await api.reschedule("a/1", { startsAt: "2030-01-07T09:00:00Z" }, { version: 3 });
  await api.cancel("a1", { reason: "Ill" });
  await api.cancel("a1");
  await api.release("h1");
  await api.release("h1");
  assert.deepEqual(
    sent.map(({ method, url, body }) => [method, url.replace("http://dental.test/api", ""), body]),
    [
      ["PATCH", "/appointments/a%2F1", '{"startsAt":"2030-01-07T09:00:00Z"}'],
      ["POST", "/appointments/a1/cancel", '{"reason":"Ill"}'],
      ["POST", "/appointments/a1/cancel", "{}"],
      ["DELETE", "/holds/h1", undefined],
      ["DELETE", "/holds/h1", undefined],
    ],
  );
  assert.equal(sent[0].headers["If-Match"], '"3"');
  assert.equal("If-Match" in sent[1].headers, false);
});

test("a write without a key is looked up until it is decided", async () => {
  const decided = (more) => Response.json({ id: "w1", ...more });
  const later = () => Response.json({ id: "w1", status: "pending" }, { status: 202 });
  const refused = { status: "refused", problem: { type: "about:blank", title: "Joined", status: 409, code: "already-joined", detail: "It is." } };
  const answers = [later(), decided({ status: "pending" }), lost(), decided({ status: "applied" }), decided(refused)];
  const { api, sent, clock } = begin(...answers);
  const pending = await api.useInvitation({ code: "7Q4M" }).catch((error) => error);
  assert.ok(pending instanceof StillPending);
  assert.equal(pending.code, "still-pending");
  await ended(api.settled(pending.writeId), clock);
  assert.equal(sent.length, 4);
  assert.equal(sent.at(-1).url, "http://dental.test/api/writes/w1");
  await assert.rejects(api.settled("w1"), (error) => error instanceof ApiError && error.code === "already-joined");
});

test("nobody waits for ever for a write to be decided", async () => {
  const { api, clock } = begin(...Array.from({ length: 40 }, () => Response.json({ id: "w1", status: "pending" })));
  await assert.rejects(ended(api.settled("w1"), clock), (error) => error instanceof StillPending && error.writeId === "w1");
});
