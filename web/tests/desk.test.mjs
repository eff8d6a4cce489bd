import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { i18n } from "@lingui/core";
import { createServer } from "vite";

const FOLDER = new URL("..", import.meta.url).pathname;
const BERLIN = "Europe/Berlin";

let vite;
let handOver;
let series;
let following;
let merging;
let spans;
let refusals;
let records;

before(async () => {
  i18n.loadAndActivate({ locale: "en", messages: {} });
  vite = await createServer({ root: FOLDER, configFile: `${FOLDER}/vite.config.ts`, server: { middlewareMode: true, ws: false }, logLevel: "error" });
  handOver = await vite.ssrLoadModule("/src/staff/handOver.ts");
  series = await vite.ssrLoadModule("/src/pages/desk/series.ts");
  following = await vite.ssrLoadModule("/src/sheet/following.ts");
  merging = await vite.ssrLoadModule("/src/pages/desk/record/merging.ts");
  spans = await vite.ssrLoadModule("/src/staff/spans.ts");
  refusals = await vite.ssrLoadModule("/src/staff/refusals.ts");
  records = await vite.ssrLoadModule("/src/pages/desk/record/typed.ts");
});

after(() => vite.close());

const appointment = (id, startsAt, status = "booked") => ({ id, startsAt, status });

test("a typed time is an instant by the practice's clock, on days too when the clocks change", () => {
  assert.equal(spans.instantOf("2026-11-30T09:00", BERLIN), "2026-11-30T08:00:00.000Z");
  assert.equal(spans.localOf("2026-11-30T08:00:00.000Z", BERLIN), "2026-11-30T09:00");
  assert.equal(spans.instantOf("2026-03-29T02:30", BERLIN), "2026-03-29T01:30:00.000Z");
  assert.equal(spans.instantOf("2026-10-25T02:30", BERLIN), "2026-10-25T00:30:00.000Z");
  for (const typed of ["", "0002-11-30T09:00"]) assert.equal(spans.instantOf(typed, BERLIN), null);
});

test("a hand-over is of a span of 31 days at most, as the service takes it", () => {
  const span = (from, until) => handOver.spanOf({ from, until }, BERLIN);
  assert.deepEqual(span("2026-11-30T00:00", "2026-12-01T00:00"), { from: "2026-11-29T23:00:00.000Z", until: "2026-11-30T23:00:00.000Z" });
  assert.ok(span("2026-11-30T00:00", "2026-12-31T00:00"));
  assert.equal(span("2026-11-30T00:00", "2026-12-31T00:01"), null);
  assert.equal(span("2026-11-30T09:00", "2026-11-30T09:00"), null);
  assert.equal(span("2026-11-30T09:00", "2026-11-30T08:00"), null);
  assert.equal(span("", "2026-11-30T08:00"), null);
});

test("who falls ill during the day hands over what is left of it, and all of another day", () => {
  const now = new Date("2026-11-30T10:20:00Z");
  assert.deepEqual(handOver.restOf("2026-11-30", BERLIN, now), { from: "2026-11-30T11:20", until: "2026-12-01T00:00" });
  assert.deepEqual(handOver.restOf("2026-12-01", BERLIN, now), { from: "2026-12-01T00:00", until: "2026-12-02T00:00" });
});

test("handed over is what is still to come and begins in the span", () => {
  const span = { from: "2026-11-30T08:00:00.000Z", until: "2026-11-30T10:00:00.000Z" };
  const all = [
    appointment("begun before", "2026-11-30T07:45:00.000Z"),
    appointment("at its beginning", "2026-11-30T08:00:00.000Z"),
    appointment("pending", "2026-11-30T09:00:00.000Z", "pending"),
    ...["arrived", "checked-in", "fulfilled", "cancelled", "noshow"].map((status) => appointment(status, "2026-11-30T09:00:00.000Z", status)),
    appointment("at its end", "2026-11-30T10:00:00.000Z"),
  ];
  assert.deepEqual(handOver.concerned(all, span).map(({ id }) => id), ["at its beginning", "pending"]);
});

test("the last of a series is as many steps on as there are after the first", () => {
  const last = (first, unit, n, count) => series.lastOf(first, { every: { unit, n }, count });
  assert.equal(last("2026-11-30", "week", 2, 6), "2027-02-08");
  assert.equal(last("2026-11-30", "day", 1, 2), "2026-12-01");
  assert.equal(last("2026-12-31", "month", 1, 3), "2027-02-28");
});

test("a series is offered in the numbers that the service takes", () => {
  const isPossible = (n, count) => series.isPossible({ every: { unit: "day", n }, count });
  assert.ok(isPossible(1, 2));
  assert.ok(isPossible(365, 60));
  for (const [n, count] of [[0, 2], [366, 2], [1, 1], [1, 61], [Number.NaN, 2], [1, Number.NaN], [1.5, 2]]) assert.ok(!isPossible(n, count), `${n} ${count}`);
});

test("what follows in a series is what is still open after it, and itself", () => {
  const all = [
    appointment("before", "2026-11-02T08:00:00.000Z"),
    appointment("this", "2026-11-09T08:00:00.000Z"),
    appointment("cancelled", "2026-11-16T08:00:00.000Z", "cancelled"),
    appointment("after", "2026-11-23T08:00:00.000Z", "pending"),
  ];
  assert.deepEqual(following.followers(all, all[1]).map(({ id }) => id), ["this", "after"]);
  assert.deepEqual(following.standing(all).map(({ id }) => id), ["before", "this", "after"]);
});

test("of two records the one that stays keeps what it says and takes what it lacks", () => {
  const stays = { id: "a", name: "Mia Smith", phone: null, email: "m@a.test", remark: "Early" };
  const goes = { id: "b", name: "Mia S.", phone: "030 1", email: "m@b.test", birthDate: "1990-05-01", remark: "Left-handed" };
  const fates = (record, other, isStaying) => Object.fromEntries(merging.FACTS.map((fact) => [fact, merging.fateOf(fact, record, other, isStaying)]));
  assert.deepEqual(fates(stays, goes, true), { name: "kept", birthDate: "none", phone: "none", email: "kept", remark: "kept" });
  assert.deepEqual(fates(goes, stays, false), { name: "dropped", birthDate: "kept", phone: "kept", email: "dropped", remark: "kept" });
  assert.equal(merging.fateOf("email", { ...goes, email: "m@a.test" }, stays, false), "kept");
});

test("staff read what a refusal means for the practice, and else what everybody reads", () => {
  assert.match(refusals.codeInWords("already-joined"), /has an account/);
  assert.match(refusals.codeInWords("slot-taken"), /taken/);
  assert.equal(handOver.whyNot("slot-taken"), "The colleague is not free then.");
  assert.equal(handOver.whyNot("patient-double-booked"), refusals.codeInWords("patient-double-booked"));
});

test("of a record only what was changed is sent, and an emptied field is nothing", () => {
  const before = records.typedOf({ name: "Mia", phone: "030 1", email: null, remark: undefined, birthDate: "1990-02-03" });
  assert.deepEqual(records.changesOf(before, before), {});
  assert.deepEqual(records.changesOf(before, { ...before, phone: " ", email: "mia@mail.test " }), { phone: null, email: "mia@mail.test" });
  assert.deepEqual(records.changesOf({ ...before, phone: "" }, before), { phone: "030 1" });
});
