import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { i18n } from "@lingui/core";
import { createServer } from "vite";

const FOLDER = new URL("..", import.meta.url).pathname;
const DAY = { from: Date.parse("2026-11-30T00:00:00Z"), to: Date.parse("2026-12-01T00:00:00Z") };

let vite;
let history;
let words;

before(async () => {
  i18n.loadAndActivate({ locale: "en", messages: {} });
  vite = await createServer({ root: FOLDER, configFile: `${FOLDER}/vite.config.ts`, server: { middlewareMode: true, ws: false }, logLevel: "error" });
  history = await vite.ssrLoadModule("/src/pages/admin/day/history.ts");
  words = await vite.ssrLoadModule("/src/pages/admin/day/words.ts");
});

after(() => vite.close());

const at = (id, time, more = {}) => ({
  id,
  startsAt: `2026-11-30T${time}:00.000Z`,
  endsAt: `2026-11-30T${time.slice(0, 3)}59:00.000Z`,
  treatmentIds: [],
  ...more,
});
const gone = (id) => at(id, "09:00", { startsAt: "2026-12-02T09:00:00.000Z", endsAt: "2026-12-02T09:30:00.000Z" });
const change = (position, appointmentId, earlier, later) => ({ position, appointmentId, before: earlier, after: later });
const shown = (past, position) => history.dayAt(past, DAY, position).map(({ id, startsAt }) => `${id} ${startsAt.slice(11, 16)}`);

test("a day is what the changes up to a position have made of it, and what the next ones found", () => {
  const past = {
    items: [at("a", "11:00"), at("b", "09:00")],
    changes: [
      change(10, "a", at("a", "09:00"), at("a", "10:00")),
      change(12, "c", null, at("c", "08:00")),
      change(14, "a", at("a", "10:00"), at("a", "11:00")),
      change(16, "c", at("c", "08:00"), null),
    ],
  };
  assert.deepEqual(shown(past, 9), ["a 09:00", "b 09:00"]);
  assert.deepEqual(shown(past, 10), ["b 09:00", "a 10:00"]);
  assert.deepEqual(shown(past, 13), ["c 08:00", "b 09:00", "a 10:00"]);
  assert.deepEqual(shown(past, 14), ["c 08:00", "b 09:00", "a 11:00"]);
  assert.deepEqual(shown(past, Number.POSITIVE_INFINITY), ["b 09:00", "a 11:00"]);
});

test("what is on another day then is not shown, and the sheet has room for all that ever was on the day", () => {
  const past = { items: [at("a", "15:00")], changes: [change(5, "a", gone("a"), at("a", "09:00")), change(6, "a", at("a", "09:00"), at("a", "15:00"))] };
  assert.deepEqual(shown(past, 4), []);
  assert.deepEqual(shown(past, 5), ["a 09:00"]);
  assert.deepEqual(history.everOn(past, DAY).map(({ startsAt }) => startsAt.slice(11, 16)), ["15:00", "09:00", "09:00", "15:00"]);
});

test("a position is the number of changes that had happened, and each number has a position", () => {
  const changes = [10, 12, 14].map((position) => change(position, "a", null, null));
  assert.deepEqual([0, 9, 10, 11, 14, 99, undefined].map((position) => history.countAt(changes, position)), [0, 0, 1, 1, 3, 3, 3]);
  assert.deepEqual([0, 1, 2, 3].map((count) => history.positionAt(changes, count)), [9, 10, 12, undefined]);
  for (const count of [0, 1, 2, 3]) assert.equal(history.countAt(changes, history.positionAt(changes, count)), count);
  assert.equal(history.positionAt([], 0), undefined);
});

test("what differs is told in one order, times as one thing, and nothing of what nobody looks at", () => {
  const before = at("a", "09:00", { version: 1, updatedAt: "x", status: "booked", reason: null, treatmentIds: ["t"] });
  const later = at("a", "10:00", { version: 2, updatedAt: "y", status: "arrived", reason: null, treatmentIds: ["t"] });
  assert.deepEqual(history.differences({ before, after: later }).map(({ what }) => what), ["status", "time"]);
  assert.deepEqual(history.differences({ before, after: { ...before, version: 2 } }), []);
  assert.deepEqual(history.differences({ before, after: { ...before, treatmentIds: ["t", "u"] } }).map(({ what }) => what), ["treatmentIds"]);
  assert.deepEqual(history.differences({ before: null, after: later }), []);
});

test("who has done what is said for people, links, plain SQL, the service and what is not known", () => {
  const said = (action, actorName, actorRole) => {
    const each = { action, actorName, actorRole, before: at("a", "09:00"), after: at("a", "09:00") };
    return `${words.deedOf(each)}: ${words.doerOf(each)}`;
  };
  assert.equal(said("cancel", "Mia Schmidt", "patient"), "Cancelled: Mia Schmidt");
  assert.equal(said("reschedule", "Reception", "receptionist"), "Changed: Reception");
  assert.equal(said("confirm-by-link", null, "patient"), "Confirmed by the link of a reminder: without signing in");
  assert.equal(said("sql-update", null, null), "Changed: outside this program");
  assert.equal(said(null, "Reception", "receptionist"), "Changed: Reception");
  assert.equal(said(null, null, "system"), "Changed: the service by itself");
  assert.equal(said(null, null, null), "Changed: not known");
  assert.equal(words.deedOf({ action: "reschedule", before: at("a", "09:00"), after: at("a", "10:00") }), "Moved");
});
