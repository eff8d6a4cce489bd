import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "vite";

const FOLDER = new URL("..", import.meta.url).pathname;
const DAY_MS = 24 * 3_600_000;
const NOW = Date.parse("2026-11-30T09:00:00Z");

let vite;
let names;
let store;

before(async () => {
  vite = await createServer({ root: FOLDER, configFile: `${FOLDER}/vite.config.ts`, server: { middlewareMode: true, ws: false }, logLevel: "error" });
  names = await vite.ssrLoadModule("/src/seen/names.ts");
  store = await vite.ssrLoadModule("/src/seen/store.ts");
});

after(() => vite.close());

const list = (wanted, session = 1) => ["dental-sync", session, "appointments", wanted];
const [day, next] = ["2026-11-29T23:00:00Z", "2026-11-30T23:00:00Z"];

test("a day has one name in every visit, and another than the day after", () => {
  const name = names.nameOf(list({ from: day, to: next }));
  assert.equal(names.nameOf(list({ from: day, to: next }, 7)), name);
  assert.notEqual(names.nameOf(list({ from: next, to: "2026-12-01T23:00:00Z" })), name);
});

test("what is ahead has one name, from whenever it was looked at, and shows nothing that is over", () => {
  const [before, now] = [list({ from: day }), list({ from: next })];
  assert.equal(names.nameOf(before), names.nameOf(now));
  assert.notEqual(names.nameOf(before), names.nameOf(list({ from: day, dentistId: "anna" })));
  const items = ["2026-11-30T09:00:00Z", "2026-12-24T09:00:00Z"].map((endsAt) => ({ endsAt }));
  const kept = { items, position: 7, epoch: "e", patients: null, meanwhile: [], told: {} };
  assert.deepEqual(names.fitting(before, kept), kept);
  assert.deepEqual(names.fitting(now, kept), { ...kept, items: [items[1]] });
  const practice = { name: "Practice" };
  assert.equal(names.fitting(["practice"], practice), practice);
});

test("only what is named is kept: nothing about one patient, and nothing of an account", () => {
  for (const kept of [["practice"], ["treatments"], ["dentist", "anna"]]) assert.notEqual(names.nameOf(kept), null);
  for (const key of [["patient", "noah"], ["patients", {}], ["notes", "a"], ["sign-ins"], ["me", "noah"], ["dental-sync", 1, "write"]]) {
    assert.equal(names.nameOf(key), null, String(key));
  }
});

test("seven days, one account and a hundred things stay", () => {
  const seen = (name, at, account = "noah") => ({ account, name, data: null, at });
  const stays = (all) => store.staying(all, "noah", NOW).map(({ name }) => name);
  assert.deepEqual(stays([seen("old", NOW - 7 * DAY_MS - 1), seen("just", NOW - 7 * DAY_MS), seen("other's", NOW, "mia")]), ["just"]);
  const many = Array.from({ length: 101 }, (_, index) => seen(String(index), NOW - index));
  assert.deepEqual(stays(many), many.slice(0, 100).map(({ name }) => name));
});
