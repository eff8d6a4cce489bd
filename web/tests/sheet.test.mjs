import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "vite";

const FOLDER = new URL("..", import.meta.url).pathname;
const BERLIN = "Europe/Berlin";
const MINUTE = 60_000;

let vite;
let layout;
let held;
let search;
let times;

before(async () => {
  vite = await createServer({ root: FOLDER, configFile: `${FOLDER}/vite.config.ts`, server: { middlewareMode: true, ws: false }, logLevel: "error" });
  layout = await vite.ssrLoadModule("/src/sheet/layout.ts");
  held = await vite.ssrLoadModule("/src/sheet/held.ts");
  search = await vite.ssrLoadModule("/src/pages/desk/search.ts");
  times = await vite.ssrLoadModule("/src/shared/times.ts");
});

after(() => vite.close());

const at = (instant) => Date.parse(instant);
const range = (from, to) => ({ from: at(from), to: at(to) });
const said = ({ from, to }) => [from, to].map((ms) => new Date(ms).toISOString().slice(0, 16));
const dayOf = (date) => {
  const { from, to } = times.span(date, BERLIN);
  return range(from, to);
};

test("those that overlap stand beside each other, and no others", () => {
  const minutes = (...pairs) => layout.lanesOf(pairs.map(([from, to]) => ({ from, to })));
  assert.deepEqual(minutes([0, 30], [30, 60]), [{ lane: 0, lanes: 1 }, { lane: 0, lanes: 1 }]);
  assert.deepEqual(minutes([0, 60], [30, 90], [60, 90], [90, 120]), [
    { lane: 0, lanes: 2 }, { lane: 1, lanes: 2 }, { lane: 0, lanes: 2 }, { lane: 0, lanes: 1 },
  ]);
  assert.deepEqual(minutes([10, 20], [0, 60], [0, 15]), [{ lane: 2, lanes: 3 }, { lane: 0, lanes: 3 }, { lane: 1, lanes: 3 }]);
  assert.deepEqual(minutes(), []);
});

test("a sheet is as long as its day where the clocks change", () => {
  const whole = (date) => layout.frameOf(dayOf(date), [dayOf(date)]);
  const hours = (date) => layout.hoursOf(whole(date)).map((ms) => times.timeOf(new Date(ms).toISOString(), BERLIN));
  assert.deepEqual(hours("2026-03-29").slice(0, 4), ["00:00", "01:00", "03:00", "04:00"]);
  assert.deepEqual(hours("2026-10-25").slice(0, 5), ["00:00", "01:00", "02:00", "02:00", "03:00"]);
  assert.deepEqual([hours("2026-03-29").length, hours("2026-10-25").length], [23, 25]);
});

test("a sheet shows what is open or taken, in whole hours of the day", () => {
  const frame = (...used) => said(layout.frameOf(dayOf("2026-11-30"), used));
  assert.deepEqual(frame(), ["2026-11-30T07:00", "2026-11-30T16:00"]);
  assert.deepEqual(frame(range("2026-11-30T05:40:00Z", "2026-11-30T17:10:00Z")), ["2026-11-30T05:00", "2026-11-30T18:00"]);
  assert.deepEqual(frame(range("2026-11-29T22:00:00Z", "2026-11-29T23:30:00Z")), ["2026-11-29T23:00", "2026-11-30T16:00"]);
  assert.deepEqual(frame(range("2026-12-01T08:00:00Z", "2026-12-01T09:00:00Z")), frame());
});

test("working hours are by the dentist's own clock, past midnight and only while they are valid", () => {
  const openings = (workingHours, date, timeZone = BERLIN) => layout.openingsOf({ workingHours, timeZone }, date).map(said);
  const monday = { isoWeekday: 1, start: "08:00", end: "12:00" };
  assert.deepEqual(openings([monday], "2026-11-30"), [["2026-11-30T07:00", "2026-11-30T11:00"]]);
  assert.deepEqual(openings([monday], "2026-11-30", "America/New_York"), [["2026-11-30T13:00", "2026-11-30T17:00"]]);
  assert.deepEqual(openings([{ ...monday, validFrom: "2026-12-01" }], "2026-11-30"), []);
  assert.deepEqual(openings([{ ...monday, validFrom: "2026-11-30", validTo: "2026-11-30" }], "2026-11-30").length, 1);
  const night = { isoWeekday: 6, start: "22:00", end: "04:00" };
  assert.deepEqual(openings([night], "2026-10-25"), [["2026-10-24T20:00", "2026-10-25T03:00"]]);
  assert.deepEqual(openings([{ isoWeekday: 7, start: "20:00", end: "24:00" }], "2026-03-29"), [["2026-03-29T18:00", "2026-03-29T22:00"]]);
});

test("what is left without the openings is shut", () => {
  const left = (...open) => layout.without({ from: 0, to: 100 }, open.map(([from, to]) => ({ from, to })));
  assert.deepEqual(left(), [{ from: 0, to: 100 }]);
  assert.deepEqual(left([50, 60], [10, 20]), [{ from: 0, to: 10 }, { from: 20, to: 50 }, { from: 60, to: 100 }]);
  assert.deepEqual(left([-10, 30], [20, 200]), []);
});

test("the buffers are those before the first and after the last treatment", () => {
  const treatments = [
    { id: "a", bufferBeforeMinutes: 5, bufferAfterMinutes: 10 },
    { id: "b", bufferBeforeMinutes: 0, bufferAfterMinutes: 15 },
  ];
  assert.deepEqual(layout.buffersOf(["a", "b"], treatments), { before: 5, after: 15 });
  assert.deepEqual(layout.buffersOf(["b", "a"], treatments), { before: 0, after: 10 });
  assert.deepEqual(layout.buffersOf([], treatments), { before: 0, after: 0 });
});

test("what is carried keeps to the grid and to the sheet, and asks for no more than has changed", () => {
  const appointment = { dentistId: "x", startsAt: "2026-11-30T09:00:00.000Z", endsAt: "2026-11-30T09:20:00.000Z" };
  const grid = { frame: range("2026-11-30T07:00:00Z", "2026-11-30T16:00:00Z"), step: 15, dentistIds: ["x", "y"] };
  const now = held.pickUp(appointment, "move", "pointer", grid);
  assert.equal(held.changeOf(now, grid), null);
  const carried = held.carried(now, { column: 1, time: at("2026-11-30T10:18:00Z") }, 10 * MINUTE, grid);
  assert.deepEqual(held.changeOf(carried, grid), { startsAt: "2026-11-30T10:15:00.000Z", dentistId: "y" });
  const far = held.carried(now, { column: 0, time: at("2026-11-30T23:00:00Z") }, 0, grid);
  assert.deepEqual(held.changeOf(far, grid), { startsAt: "2026-11-30T15:30:00.000Z" });
  const shorter = held.carried({ ...now, mode: "resize" }, { column: 1, time: at("2026-11-30T08:00:00Z") }, 0, grid);
  assert.deepEqual(held.changeOf(shorter, grid), { endsAt: "2026-11-30T09:15:00.000Z" });
  const nudged = ["ArrowDown", "ArrowRight", "ArrowRight"].reduce((last, key) => held.nudged(last, key, false, grid), now);
  assert.deepEqual(held.changeOf(nudged, grid), { startsAt: "2026-11-30T09:15:00.000Z", dentistId: "y" });
  assert.deepEqual(held.changeOf(held.nudged(now, "ArrowDown", true, grid), grid), { endsAt: "2026-11-30T09:30:00.000Z" });
  assert.equal(held.nudged(now, "x", false, grid), null);
});

test("a patient is looked for by name, phone and day of birth", () => {
  assert.equal(search.asked("m"), null);
  assert.deepEqual(search.asked("mia"), { q: "mia" });
  assert.deepEqual(search.asked("030 555"), { q: "030 555" });
  assert.deepEqual(search.asked("schmidt 1.2.1980"), { q: "schmidt", birthDate: "1980-02-01" });
  assert.deepEqual(search.asked("1980-02-01"), { birthDate: "1980-02-01" });
  assert.deepEqual(search.asked("31.2.1980"), { q: "31.2.1980" });
  assert.deepEqual(search.known("Mia Schmidt 01/02/1980"), { name: "Mia Schmidt", phone: "", birthDate: "1980-02-01" });
  assert.deepEqual(search.known("+49 30 555"), { name: "", phone: "+49 30 555", birthDate: "" });
});
