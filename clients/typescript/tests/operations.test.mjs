// Every operation of the API's description, as a method and by its address.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, ApiError, SyncError } from "../dist/esm/index.js";
import { OPERATIONS } from "../dist/esm/wire/operations.js";
import { FakeClock } from "./helpers.mjs";

// These have a shape of their own, or an answer that is a page.
const BY_HAND = new Set(["cancel", "release"]);

function begin(answer = () => Response.json({ items: [], next: null })) {
  const sent = [];
  const asked = [];
  const clock = new FakeClock();
  const api = new Api({
    url: "http://dental.test/clinic/",
    getToken: ({ fresh }) => {
      asked.push(fresh);
      return "token";
    },
    clock,
    random: () => 0,
    fetch: async (url, init) => {
      sent.push({ url, ...init });
      return answer(sent.length);
    },
  });
  return { api, sent, asked, clock };
}

function problem(status, code, headers = {}) {
  const body = JSON.stringify({ type: "about:blank", title: code, status, code, detail: code, instance: "/" });
  return new Response(body, { status, headers: { "Content-Type": "application/problem+json", ...headers } });
}

test("every operation is a method that sends what its description says", async () => {
  assert.ok(Object.keys(OPERATIONS).length >= 61);
  for (const [name, row] of Object.entries(OPERATIONS)) {
    if (BY_HAND.has(name)) continue;
    const [method, path, traits = ""] = row.split(" ");
    const { api, sent, asked } = begin();
    const ids = [...path.matchAll(/\{(\w+)\}/g)].map(([, id]) => id);
    const said = traits.includes("b") ? [{ name: "Mia" }] : traits.includes("q") ? [{ limit: 7 }] : [];
    await api[name](...ids.map((id) => `${id}/1`), ...said, { version: 3 });
    const filled = path.replace(/\{(\w+)\}/g, "$1%2F1") + (traits.includes("q") ? "?limit=7" : "");
    assert.equal(sent.length, 1, name);
    assert.equal(sent[0].method, method, name);
    assert.equal(sent[0].url, `http://dental.test/clinic${filled}`, name);
    assert.equal(sent[0].body, traits.includes("b") ? '{"name":"Mia"}' : undefined, name);
    assert.equal("Idempotency-Key" in sent[0].headers, traits.includes("k"), name);
    // Signing in takes no token, and asks for none.
    assert.equal(sent[0].headers.Authorization, traits.includes("o") ? undefined : "Bearer token", name);
    assert.equal(asked.length, traits.includes("o") ? 0 : 1, name);
  }
});

test("a code that is on its way is nothing to wait for, and needs nobody signed in", async () => {
  const { api, sent, asked } = begin(() => new Response(null, { status: 202 }));
  assert.equal(await api.forgottenPassword({ email: "mia@example.test" }), undefined);
  assert.equal(await api.request("POST", "/api/auth/forgotten", { body: { email: "mia@example.test" } }), undefined);
  assert.equal(sent.length, 2);
  assert.equal(asked.length, 0);
});

test("an address of the description can be asked for as it stands", async () => {
  const { api, sent } = begin();
  await api.request("GET", "/api/patients", { query: { q: "Mia Schmidt", limit: 5 } });
  await api.request("PATCH", "/api/treatments/{treatmentId}", { path: { treatmentId: "t 1" }, body: { name: "Filling" } });
  assert.deepEqual(
    sent.map(({ method, url, body }) => [method, url, body]),
    [
      ["GET", "http://dental.test/clinic/api/patients?q=Mia+Schmidt&limit=5", undefined],
      ["PATCH", "http://dental.test/clinic/api/treatments/t%201", '{"name":"Filling"}'],
    ],
  );
});

test("an id that is missing is a mistake, and no other question", async () => {
  const { api, sent } = begin();
  await assert.rejects(api.getPatient(undefined), (error) => error instanceof TypeError && /needs patientId/.test(error.message));
  await assert.rejects(api.getPatient(""), TypeError);
  assert.equal(sent.length, 0);
});

test("a write without a key is sent once when its answer is lost: a second one could do it twice", async () => {
  for (const lose of [() => Promise.reject(new TypeError("fetch failed")), () => problem(503, "unavailable")]) {
    const { api, sent } = begin(lose);
    const change = api.changePassword({ current: "a password", new: "another password" });
    await assert.rejects(change, (error) => error instanceof SyncError && error.retryable);
    assert.equal(sent.length, 1);
  }
});

test("what is no booking is sent again with the same key too, when its answer is lost", async () => {
  const { api, sent, clock } = begin((count) =>
    count === 1 ? Promise.reject(new TypeError("fetch failed")) : Response.json({ id: "p1" }, { status: 201 }),
  );
  const added = api.addPatient({ name: "Mia" });
  await clock.pass(2_000);
  assert.deepEqual(await added, { id: "p1" });
  const [first, second] = sent.map(({ headers }) => headers["Idempotency-Key"]);
  assert.ok(first);
  assert.equal(first, second);
});

test("what was refused before anything was done is sent again, with a key or without", async () => {
  for (const refused of [problem(429, "rate-limited", { "Retry-After": "1" }), problem(401, "token-expired")]) {
    const { api, sent, clock } = begin((count) => (count === 1 ? refused : Response.json({ id: "p1" }, { status: 201 })));
    const added = api.addPatient({ name: "Mia" });
    await clock.pass(2_000);
    assert.deepEqual(await added, { id: "p1" });
    assert.equal(sent.length, 2);
  }
});

test("a token of one's own is sent as it is, and its refusal is final", async () => {
  const { api, sent, asked } = begin(() => problem(401, "unauthorized"));
  await assert.rejects(api.refresh({ token: "refresh-token" }), (error) => error instanceof ApiError && error.status === 401);
  await assert.rejects(api.me({ token: "other" }), ApiError);
  assert.deepEqual(sent.map(({ headers }) => headers.Authorization), ["Bearer refresh-token", "Bearer other"]);
  assert.deepEqual(asked, []);
});

test("a page in the place of an answer says that url is another place", async () => {
  const { api, sent } = begin(() => new Response("<!doctype html>", { headers: { "Content-Type": "text/html" } }));
  await assert.rejects(api.listDentists(), (error) => error.code === "unexpected-answer" && !error.retryable);
  assert.equal(sent.length, 1);
});

test("what is no address is refused when it is given, in words", () => {
  for (const url of ["dental.test", "", "ftp://dental.test"]) {
    assert.throws(() => new Api({ url, getToken: () => "token" }), (error) => error instanceof TypeError && /url/.test(error.message));
  }
});
