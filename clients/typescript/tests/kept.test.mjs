import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, SyncError } from "../dist/esm/index.js";
import { FakeClock } from "./helpers.mjs";

/** An API whose answers are given one after the other, the tags that were sent with each call, and who is signed in. */
function begin(...answers) {
  const tags = [];
  const person = { isSignedIn: true };
  const api = new Api({
    url: "http://dental.test/",
    getToken: () => {
      if (!person.isSignedIn) throw new SyncError("unauthorized", "nobody is signed in");
      return "token";
    },
    clock: new FakeClock(),
    fetch: async (_address, { headers }) => {
      tags.push(headers["If-None-Match"]);
      return answers.shift();
    },
  });
  return { api, tags, person };
}

function list(tag, ...ids) {
  const body = { items: ids.map((id) => ({ id })), next: null, position: 7, epoch: "e" };
  return Response.json(body, { headers: { ETag: tag } });
}

const same = (tag) => new Response(null, { status: 304, headers: { ETag: tag } });
const idsOf = ({ items }) => items.map(({ id }) => id);

test("what the server says is still the same is given again", async () => {
  const { api, tags } = begin(list('W/"1"', "a"), same('W/"1"'), list('W/"2"', "a", "b"), same('W/"2"'));
  const first = await api.listAppointments();
  first.items.push("what the application does with it is its own business");
  assert.deepEqual(idsOf(await api.listAppointments()), ["a"]);
  assert.deepEqual(idsOf(await api.listAppointments()), ["a", "b"]);
  const again = await api.listAppointments();
  assert.deepEqual([idsOf(again), again.position, again.epoch], [["a", "b"], 7, "e"]);
  assert.deepEqual(tags, [undefined, 'W/"1"', 'W/"1"', 'W/"2"']);
});

test("each address has a tag of its own, and each page of a list", async () => {
  const next = new Response(JSON.stringify({ items: [{ id: "a" }], next: "n", position: 7, epoch: "e" }), {
    headers: { "Content-Type": "application/json", ETag: 'W/"1"' },
  });
  const { api, tags } = begin(next, list('W/"2"', "b"), same('W/"1"'), same('W/"2"'), list('W/"3"', "c"));
  assert.deepEqual(idsOf(await api.appointments()), ["a", "b"]);
  assert.deepEqual(idsOf(await api.appointments()), ["a", "b"]);
  assert.deepEqual(idsOf(await api.appointments({ dentistId: "d" })), ["c"]);
  assert.deepEqual(tags, [undefined, undefined, 'W/"1"', 'W/"2"', undefined]);
});

test("free times are kept as well, and one record is not: its tag is its version", async () => {
  const free = Response.json({ slots: [], position: 1, epoch: "e" }, { headers: { ETag: 'W/"1"' } });
  const one = () => Response.json({ id: "a1", version: 1 }, { headers: { ETag: '"1"' } });
  const { api, tags } = begin(free, same('W/"1"'), one(), one());
  const wanted = { from: "2030-01-07T00:00:00Z", to: "2030-01-08T00:00:00Z", treatmentId: "t" };
  assert.deepEqual(await api.availability(wanted), { slots: [], position: 1, epoch: "e" });
  assert.deepEqual(await api.availability(wanted), { slots: [], position: 1, epoch: "e" });
  await api.getAppointment("a1");
  await api.getAppointment("a1");
  assert.deepEqual(tags, [undefined, 'W/"1"', undefined, undefined]);
});

test("what was kept goes when nobody is signed in any more", async () => {
  const { api, tags, person } = begin(list('W/"1"', "a"), list('W/"1"', "a"));
  await api.listAppointments();
  person.isSignedIn = false;
  await assert.rejects(api.me(), { code: "unauthorized" });
  person.isSignedIn = true;
  await api.listAppointments();
  assert.deepEqual(tags, [undefined, undefined]);
});

test("no more than eight million characters are kept, and what was asked for last", async () => {
  const large = (tag) => list(tag, "x".repeat(3_000_000));
  const asked = (limit) => ({ limit });
  const { api, tags } = begin(large('W/"1"'), large('W/"2"'), same('W/"1"'), large('W/"3"'), same('W/"1"'), large('W/"2"'));
  for (const limit of [1, 2, 1, 3, 1, 2]) await api.listAppointments(asked(limit));
  assert.deepEqual(tags, [undefined, undefined, 'W/"1"', undefined, 'W/"1"', undefined]);
});

test("a refusal and what has no tag are not kept", async () => {
  const refused = new Response(JSON.stringify({ type: "about:blank", title: "", status: 403, code: "forbidden", detail: "" }), {
    status: 403,
    headers: { "Content-Type": "application/problem+json", ETag: 'W/"1"' },
  });
  const untagged = Response.json({ items: [], next: null, position: 7, epoch: "e" });
  const { api, tags } = begin(refused, untagged, list('W/"1"'));
  await assert.rejects(api.listAppointments(), { code: "forbidden" });
  await api.listAppointments();
  await api.listAppointments();
  assert.deepEqual(tags, [undefined, undefined, undefined]);
});
