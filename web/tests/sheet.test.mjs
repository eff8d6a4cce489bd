import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "vite";

const FOLDER = new URL("..", import.meta.url).pathname;
const BERLIN = "Europe/Berlin";
const MINUTE = 60_000;

let vite;
let layout;
let held;
let sheet;
let steps;
let booking;
let search;
let times;

before(async () => {
  vite = await createServer({ root: FOLDER, configFile: `${FOLDER}/vite.config.ts`, server: { middlewareMode: true, ws: false }, logLevel: "error" });
  layout = await vite.ssrLoadModule("/src/sheet/layout.ts");
  held = await vite.ssrLoadModule("/src/sheet/held.ts");
  sheet = await vite.ssrLoadModule("/src/sheet/columns.ts");
  steps = await vite.ssrLoadModule("/src/sheet/step.ts");
  booking = await vite.ssrLoadModule("/src/pages/desk/booking.ts");
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

test("whoever has a name that begins with what was typed comes before those with such an address", () => {
  const found = ["Clara Richter", "Émile Zola", "Emma Fischer", "Remo Hahn"].map((name) => ({ name }));
  const names = (text) => search.byName(found, text).map(({ name }) => name);
  assert.deepEqual(names("em"), ["Émile Zola", "Emma Fischer", "Clara Richter", "Remo Hahn"]);
  assert.deepEqual(names("fisch EM"), ["Emma Fischer", "Clara Richter", "Émile Zola", "Remo Hahn"]);
  assert.deepEqual(names(""), found.map(({ name }) => name));
});

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

const column = (from, to, place) => ({ id: "", name: "", frame: range(from, to), open: [], timeOff: [], holds: [], closures: [], place });

test("what is carried keeps to the grid and to the sheet, and asks for no more than has changed", () => {
  const appointment = { dentistId: "x", chairId: null, startsAt: "2026-11-30T09:00:00.000Z", endsAt: "2026-11-30T09:20:00.000Z" };
  const day = ["2026-11-30T07:00:00Z", "2026-11-30T16:00:00Z"];
  const grid = { step: 15, columns: [column(...day, { dentistId: "x" }), column(...day, { dentistId: "y" })] };
  const now = held.pickUp(appointment, 0, "move", "pointer");
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

test("between chairs the chair alone changes, also to none, and between days the day", () => {
  const appointment = { dentistId: "x", chairId: "a", startsAt: "2026-11-30T09:00:00.000Z", endsAt: "2026-11-30T09:20:00.000Z" };
  const day = ["2026-11-30T07:00:00Z", "2026-11-30T16:00:00Z"];
  const chairs = { step: 15, columns: ["a", null].map((chairId) => column(...day, { chairId })) };
  const aside = held.nudged(held.pickUp(appointment, 0, "move", "keys"), "ArrowRight", false, chairs);
  assert.deepEqual(held.changeOf(aside, chairs), { chairId: null });
  const next = ["2026-12-01T07:00:00Z", "2026-12-01T16:00:00Z"];
  const days = { step: 15, columns: [day, next].map((each) => column(...each, { dentistId: "x" })) };
  const later = { startsAt: "2026-12-01T09:00:00.000Z" };
  const now = held.pickUp(appointment, 0, "move", "keys");
  assert.deepEqual(held.changeOf(held.nudged(now, "ArrowRight", false, days), days), later);
  assert.deepEqual(held.changeOf(held.carried(now, { column: 1, time: at("2026-12-01T09:03:00Z") }, 0, days), days), later);
  const resized = held.carried({ ...now, mode: "resize" }, { column: 1, time: at("2026-12-01T10:00:00Z") }, 0, days);
  assert.deepEqual(held.changeOf(resized, days), { endsAt: "2026-11-30T10:00:00.000Z" });
});

const ANNA = { id: "anna", name: "Anna", timeZone: BERLIN, workingHours: [1, 2, 3, 4, 5].map((isoWeekday) => ({ isoWeekday, start: "08:00", end: "18:00" })) };
const NOTHING = { holds: [], timeOff: [], chairTimeOff: [], closures: [] };
const visit = (id, startsAt, endsAt, more) => ({ id, dentistId: "anna", dentistName: "Anna", chairId: null, status: "booked", startsAt, endsAt, ...more });
const placed = (columns, appointments) => sheet.filled(columns, appointments).map((each) => each.map(({ id }) => id));

test("a dentist who is not booked any more has a column while somebody is still to come", () => {
  const appointments = [
    visit("a", "2026-11-30T09:00:00Z", "2026-11-30T09:30:00Z"),
    visit("b", "2026-11-30T09:00:00Z", "2026-11-30T09:30:00Z", { dentistId: "gone", dentistName: "Gone" }),
    visit("c", "2026-11-30T09:00:00Z", "2026-11-30T09:30:00Z", { dentistId: "long gone", status: "cancelled" }),
  ];
  const day = { date: "2026-11-30", zone: BERLIN, dentists: [ANNA], appointments, ground: NOTHING };
  assert.deepEqual(sheet.byDentist(day).map(({ name }) => name), ["Anna"]);
  const all = sheet.byDentist(day, true);
  assert.deepEqual(all.map(({ name }) => name), ["Anna", "Gone"]);
  assert.deepEqual(placed(all, appointments), [["a"], ["b"]]);
});

test("each chair has a column, and what has no chair stands at the end", () => {
  const appointments = [
    visit("a", "2026-11-30T09:00:00Z", "2026-11-30T09:30:00Z", { chairId: "two" }),
    visit("b", "2026-11-30T09:00:00Z", "2026-11-30T09:30:00Z"),
  ];
  const chairs = [{ id: "one", name: "One" }, { id: "two", name: "Two" }];
  const chairTimeOff = [{ id: "t", chairId: "one", startsAt: "2026-11-30T09:00:00Z", endsAt: "2026-11-30T10:00:00Z", reason: null }];
  const holds = [{ id: "h", dentistId: "anna", startsAt: "2026-11-30T11:00:00Z", endsAt: "2026-11-30T11:30:00Z" }];
  const ground = { ...NOTHING, chairTimeOff, holds };
  const columns = sheet.byChair({ date: "2026-11-30", zone: BERLIN, dentists: [ANNA], appointments, ground }, chairs, "No chair");
  assert.deepEqual(columns.map(({ name }) => name), ["One", "Two", "No chair"]);
  assert.deepEqual(placed(columns, appointments), [[], ["a"], ["b"]]);
  assert.deepEqual(columns.map(({ timeOff }) => timeOff.length), [1, 0, 0]);
  assert.deepEqual(columns.map((each) => each.holds.length), [0, 0, 1]);
});

test("a week has the same hours of the clock each day, also where the clocks change", () => {
  const week = (date, ...appointments) =>
    sheet.byDay({ date, zone: BERLIN, dentists: [ANNA], appointments, ground: NOTHING }, { dentistId: "anna" }, (each) => each);
  const clock = ({ frame }) => [frame.from, frame.to].map((ms) => times.timeOf(new Date(ms).toISOString(), BERLIN));
  const spring = week("2026-03-25");
  assert.deepEqual(spring.map(({ id }) => id).at(0), "2026-03-23");
  assert.deepEqual(new Set(spring.map(clock).map(String)), new Set(["08:00,18:00"]));
  const late = visit("a", "2026-03-27T22:30:00Z", "2026-03-28T00:30:00Z");
  const night = week("2026-03-25", late);
  assert.deepEqual(new Set(night.map(clock).map(String)), new Set(["00:00,00:00"]));
  assert.deepEqual(placed(night, [late]), [[], [], [], [], ["a"], [], []]);
  const sunday = night[6].frame;
  assert.equal(sunday.to - sunday.from, 23 * 60 * MINUTE);
  const own = layout.ownHours(sunday, night[0].frame, (ms) => times.timeOf(new Date(ms).toISOString(), BERLIN));
  assert.equal(own.length, 21);
});

test("a grid is the widest that fits the practice's times, and its lines are far enough apart to be hit", () => {
  assert.deepEqual([5, 10, 15, 20, 30, 45, 60, 25, 7].map(steps.usualStep), [5, 10, 15, 20, 30, 15, 30, 5, 5]);
  for (const step of steps.STEPS) assert.ok(step * layout.minuteRem(step) >= 1, `${step}`);
});

test("a time in a chair is first offered to who works then and has nobody", () => {
  const [ben, eve] = ["ben", "eve"].map((id) => ({ ...ANNA, id }));
  const away = { ...ANNA, id: "away", workingHours: [] };
  const taken = [visit("a", "2026-11-30T09:00:00Z", "2026-11-30T09:30:00Z", { dentistId: "ben" })];
  const who = (dentists, appointments, time = "2026-11-30T09:15:00Z") =>
    booking.whoIsFree(dentists, appointments, at(time), "2026-11-30")?.id;
  assert.equal(who([away, ben, eve], taken), "eve");
  assert.equal(who([away, ben, eve], [{ ...taken[0], status: "cancelled" }]), "ben");
  assert.equal(who([away, ben], taken), "ben");
  assert.equal(who([away, ben], taken, "2026-11-30T20:00:00Z"), "away");
  assert.equal(who([], taken), undefined);
});

test("what says the same stays the same object", () => {
  const before = [{ a: 1 }, { a: 2 }];
  const isSame = (one, other) => one.a === other.a;
  assert.equal(sheet.kept(before, [{ a: 1 }, { a: 2 }], isSame), before);
  const after = sheet.kept(before, [{ a: 1 }, { a: 3 }, { a: 4 }], isSame);
  assert.equal(after[0], before[0]);
  assert.deepEqual(after, [{ a: 1 }, { a: 3 }, { a: 4 }]);
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
