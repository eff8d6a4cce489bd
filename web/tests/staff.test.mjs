import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "vite";

const FOLDER = new URL("..", import.meta.url).pathname;
const BERLIN = "Europe/Berlin";

let vite;
let absence;
let hours;
let stranded;
let next;
let words;

before(async () => {
  vite = await createServer({ root: FOLDER, configFile: `${FOLDER}/vite.config.ts`, server: { middlewareMode: true, ws: false }, logLevel: "error" });
  absence = await vite.ssrLoadModule("/src/staff/absence.ts");
  hours = await vite.ssrLoadModule("/src/staff/hours.ts");
  words = await vite.ssrLoadModule("/src/staff/said.ts");
  next = await vite.ssrLoadModule("/src/pages/dentist/next.ts");
  stranded = await vite.ssrLoadModule("/src/staff/stranded.ts");
});

after(() => vite.close());

const at = (instant) => Date.parse(instant);
const said = (range) => range && [range.from, range.to].map((ms) => new Date(ms).toISOString());
const window_ = (isoWeekday, start, end, more = {}) => ({ isoWeekday, start, end, ...more });
const opened = (...workingHours) => ({ workingHours, timeZone: BERLIN });
const booked = (startsAt, endsAt) => ({ id: startsAt, startsAt, endsAt });
const ids = (appointments) => appointments.map(({ id }) => id);

const STORED = [
  window_(1, "13:00", "17:00"),
  window_(1, "08:00", "12:00"),
  window_(5, "20:00", "02:00"),
  window_(7, "00:00", "24:00"),
  window_(2, "09:00", "15:00", { validFrom: "2027-01-01" }),
  window_(3, "09:00", "15:00", { validFrom: "2026-01-01", validTo: "2026-12-31" }),
  window_(6, "09:00", "12:00", { validFrom: "2026-12-05", validTo: "2026-12-05" }),
];

test("hours that are stored are the same after they were typed", () => {
  const typed = hours.typedOf(STORED);
  assert.deepEqual(typed.weeks.map(({ from, to }) => [from, to]), [["", ""], ["2026-01-01", "2026-12-31"], ["2027-01-01", ""]]);
  assert.deepEqual(typed.weeks[0].days[0].map(({ start }) => start), ["08:00", "13:00"]);
  assert.deepEqual(typed.singles.map(({ date, start }) => [date, start]), [["2026-12-05", "09:00"]]);
  assert.ok(hours.isSame(hours.hoursOf(typed), STORED));
  assert.ok(!hours.isSame(hours.hoursOf(typed), STORED.slice(1)));
  assert.ok(hours.isComplete(typed));
});

test("whoever has no hours yet begins with an empty week", () => {
  const typed = hours.typedOf([]);
  assert.equal(typed.weeks.length, 1);
  assert.deepEqual(hours.hoursOf(typed), []);
});

test("an extra day is on the weekday that its date is", () => {
  const singles = [{ ...hours.opening({ start: "09:00", end: "12:00" }), date: "2026-12-06" }];
  assert.deepEqual(hours.hoursOf({ weeks: [], singles }), [
    window_(7, "09:00", "12:00", { validFrom: "2026-12-06", validTo: "2026-12-06" }),
  ]);
});

test("what cannot be stored is said before it is sent", () => {
  const typed = (start, end, week = {}) => ({
    weeks: [{ ...hours.emptyWeek(), days: [[hours.opening({ start, end })]], ...week }],
    singles: [],
  });
  assert.equal(hours.faultOf({ start: "08:00", end: "" }), "missing");
  assert.equal(hours.faultOf({ start: "08:00", end: "08:00" }), "no-time");
  assert.equal(hours.faultOf({ start: "00:00", end: "00:00" }), null);
  assert.ok(hours.isComplete(typed("08:00", "12:00")));
  assert.ok(!hours.isComplete(typed("08:00", "")));
  assert.ok(!hours.isComplete(typed("08:00", "12:00", { from: "2027-01-02", to: "2027-01-01" })));
  assert.ok(!hours.isComplete({ weeks: [], singles: [{ ...hours.opening({ start: "08:00", end: "12:00" }), date: "" }] }));
});

test("a night goes on until the next day, and counts in full", () => {
  const night = hours.opening({ start: "20:00", end: "02:00" });
  assert.ok(hours.endsNextDay(night));
  assert.ok(!hours.endsNextDay({ start: "20:00", end: "00:00" }));
  const week = { ...hours.emptyWeek(), days: [[night], [hours.opening({ start: "00:00", end: "00:00" })]] };
  assert.equal(hours.weeklyMinutes(week), (6 + 24) * 60);
});

test("times of one day that overlap are noticed, and those that touch are not", () => {
  const day = (...pairs) => pairs.map(([start, end]) => hours.opening({ start, end }));
  assert.ok(!hours.overlap(day(["13:00", "17:00"], ["08:00", "13:00"])));
  assert.ok(hours.overlap(day(["12:30", "17:00"], ["08:00", "13:00"])));
  assert.ok(hours.overlap(day(["22:00", "06:00"], ["23:00", "00:00"])));
  assert.ok(!hours.overlap(day(["08:00", ""], ["08:00", "13:00"])));
});

test("a day is copied to others as it is, and stays itself", () => {
  const [week] = hours.typedOf(STORED).weeks;
  const copy = hours.copied(week, 1, [1, 2, 5]);
  const times = (openings) => openings.map(({ start, end }) => `${start}-${end}`);
  assert.deepEqual(times(copy.days[1]), ["08:00-12:00", "13:00-17:00"]);
  assert.deepEqual(times(copy.days[4]), times(copy.days[0]));
  assert.equal(copy.days[0], week.days[0]);
  const keys = copy.days.flat().map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
});

test("other hours from a date on end the former ones the day before", () => {
  const [week] = hours.typedOf([window_(1, "08:00", "12:00", { validTo: "2027-12-31" })]).weeks;
  const weeks = hours.parted(week, "2027-01-01");
  assert.deepEqual(weeks.map(({ from, to }) => [from, to]), [["", "2026-12-31"], ["2027-01-01", "2027-12-31"]]);
  assert.deepEqual(hours.hoursOf({ weeks, singles: [] }).map(({ start }) => start), ["08:00", "08:00"]);
});

test("the next time that is guessed comes after a pause", () => {
  const after_ = (...pairs) => hours.guessed(pairs.map(([start, end]) => hours.opening({ start, end })));
  const times = ({ start, end }) => [start, end];
  assert.deepEqual(times(after_()), ["08:00", "12:00"]);
  assert.deepEqual(times(after_(["08:00", "12:00"])), ["13:00", "17:00"]);
  assert.deepEqual(times(after_(["08:00", "20:30"])), ["21:30", "00:00"]);
  assert.deepEqual(times(after_(["20:00", "02:00"])), ["", ""]);
});

test("other hours strand what they covered before and cover no more", () => {
  const now = at("2026-11-28T12:00:00Z");
  const before_ = opened(window_(1, "08:00", "12:00"), window_(1, "12:00", "17:00"), window_(5, "20:00", "00:00"), window_(6, "00:00", "02:00"));
  const across = booked("2026-11-30T10:30:00Z", "2026-11-30T11:30:00Z");
  const midnight = booked("2026-12-04T22:30:00Z", "2026-12-04T23:30:00Z");
  const evening = booked("2026-11-30T17:00:00Z", "2026-11-30T18:00:00Z");
  const all = [across, evening, midnight];
  assert.deepEqual(ids(stranded.outside(all, before_, now)), [evening.id]);
  assert.deepEqual(ids(stranded.leftOut(all, before_, opened(window_(1, "08:00", "12:00")), now)), [across.id, midnight.id]);
  assert.deepEqual(ids(stranded.leftOut(all, before_, before_, now)), []);
  assert.deepEqual(ids(stranded.outside([evening], before_, at(evening.endsAt))), []);
});

test("what is over is in nobody's way, what is under way is", () => {
  const range = { from: at("2026-11-30T00:00:00Z"), to: at("2026-12-01T00:00:00Z") };
  const [early, late, next] = [
    booked("2026-11-30T08:00:00Z", "2026-11-30T09:00:00Z"),
    booked("2026-11-30T09:00:00Z", "2026-11-30T10:00:00Z"),
    booked("2026-12-01T00:00:00Z", "2026-12-01T01:00:00Z"),
  ];
  assert.deepEqual(ids(stranded.within([early, late, next], range, at("2026-11-30T09:30:00Z"))), [late.id]);
});

test("who or what is away says whose appointments are asked for", () => {
  const from = at("2026-11-30T00:00:00Z");
  const asked = (whose) => {
    const { status, from: since, ...filter } = stranded.wantedOf(whose, { from });
    assert.deepEqual([status.split(","), since], [["pending", "booked", "arrived", "checked-in"], "2026-11-30T00:00:00.000Z"]);
    return filter;
  };
  assert.deepEqual(asked(null), {});
  assert.deepEqual(asked({ chairId: "room" }), { chairId: "room" });
  assert.deepEqual(asked({ id: "ada", profession: "hygienist" }), { dentistId: "ada" });
  assert.deepEqual(asked({ id: "tom", profession: "assistant" }), { assistantId: "tom" });
  assert.equal(stranded.wantedOf(null, { from, to: from + 1000 }).to, "2026-11-30T00:00:01.000Z");
});

test("whole days are as long as the clocks make them", () => {
  const range = (from, to) => said(absence.rangeOfAway(absence.allDay(from, to), BERLIN));
  assert.deepEqual(range("2026-11-30"), ["2026-11-29T23:00:00.000Z", "2026-11-30T23:00:00.000Z"]);
  assert.deepEqual(range("2026-10-24", "2026-10-25"), ["2026-10-23T22:00:00.000Z", "2026-10-25T23:00:00.000Z"]);
});

test("an absence is typed as it was entered", () => {
  for (const away of [
    absence.allDay("2026-10-24", "2026-10-25"),
    { isAllDay: false, from: "2026-11-30", fromTime: "09:30", to: "2026-12-01", toTime: "00:00" },
  ]) {
    const [startsAt, endsAt] = said(absence.rangeOfAway(away, BERLIN));
    const again = absence.awayOf({ startsAt, endsAt }, BERLIN);
    assert.deepEqual(said(absence.rangeOfAway(again, BERLIN)), [startsAt, endsAt]);
    assert.equal(again.isAllDay, away.isAllDay);
    assert.equal(again.from, away.from);
  }
});

test("what is not complete or not in order is no absence", () => {
  const timed = { isAllDay: false, from: "2026-11-30", fromTime: "10:00", to: "2026-11-30", toTime: "09:00" };
  assert.equal(absence.rangeOfAway(timed, BERLIN), null);
  assert.ok(absence.isTyped(timed));
  for (const missing of [{ from: "" }, { to: "0002-11-30" }, { toTime: "" }]) {
    assert.ok(!absence.isTyped({ ...timed, ...missing }));
    assert.equal(absence.rangeOfAway({ ...timed, ...missing }, BERLIN), null);
  }
});

test("the rest of a day ends at midnight, or with the night that has begun on it", () => {
  const now = new Date("2026-11-27T14:20:31Z");
  const day = absence.restOfDay(now, opened(window_(5, "08:00", "17:00")));
  assert.deepEqual(said(day), ["2026-11-27T14:20:00.000Z", "2026-11-27T23:00:00.000Z"]);
  const night = absence.restOfDay(now, opened(window_(5, "20:00", "02:00"), window_(6, "08:00", "12:00")));
  assert.deepEqual(said(night), ["2026-11-27T14:20:00.000Z", "2026-11-28T01:00:00.000Z"]);
});

test("next week is from its Monday to its Sunday", () => {
  assert.deepEqual(absence.daysOfNextWeek("2026-11-28"), ["2026-11-30", "2026-12-06"]);
  assert.deepEqual(absence.daysOfNextWeek("2026-11-30"), ["2026-12-07", "2026-12-13"]);
  assert.deepEqual(absence.daysOfNextWeek("2026-11-29"), ["2026-11-30", "2026-12-06"]);
});

test("an absence is said without the midnight that is of the next day", () => {
  const range = (startsAt, endsAt) => words.saidRange({ startsAt, endsAt }, BERLIN).replaceAll(/[\u2009\u202f]/g, " ");
  assert.equal(range("2026-11-29T23:00:00.000Z", "2026-11-30T23:00:00.000Z"), "Mon, 30 Nov 2026");
  assert.equal(range("2026-11-30T06:30:00.000Z", "2026-11-30T23:00:00.000Z"), "Mon, 30 Nov 2026, 07:30–24:00");
  assert.equal(range("2026-11-30T06:30:00.000Z", "2026-11-30T09:00:00.000Z"), "Mon, 30 Nov 2026, 07:30–10:00");
  assert.match(range("2026-11-30T06:30:00.000Z", "2026-12-01T09:00:00.000Z"), /^Mon, 30 Nov 2026, 07:30 – Tue, 1 Dec 2026, 10:00$/);
});

test("whoever is here is seen first, however late it is, and who can still come after them", () => {
  const now = new Date("2026-11-30T09:30:00Z");
  const visit = (id, status, startsAt, endsAt, more = {}) => ({ id, status, startsAt, endsAt, arrivedAt: null, checkedInAt: null, ...more });
  const [late, gone, soon, waiting, inside, over] = [
    visit("late", "booked", "2026-11-30T09:20:00Z", "2026-11-30T10:00:00Z"),
    visit("gone", "booked", "2026-11-30T08:00:00Z", "2026-11-30T08:30:00Z"),
    visit("soon", "booked", "2026-11-30T10:00:00Z", "2026-11-30T10:30:00Z"),
    visit("waiting", "arrived", "2026-11-30T08:30:00Z", "2026-11-30T09:00:00Z", { arrivedAt: "2026-11-30T08:20:00Z" }),
    visit("inside", "checked-in", "2026-11-30T09:00:00Z", "2026-11-30T09:20:00Z", { checkedInAt: "2026-11-30T09:05:00Z" }),
    visit("over", "fulfilled", "2026-11-30T09:00:00Z", "2026-11-30T09:30:00Z"),
  ];
  const order = next.toBeSeen([gone, waiting, inside, late, over, soon], now);
  assert.deepEqual(ids(order), ["inside", "waiting", "late", "soon"]);
  assert.deepEqual([waiting, inside, soon].map((each) => next.hereFor(each, now)), [70, 25, null]);
  assert.deepEqual([late, soon].map((each) => next.beginsIn(each, now)), [-10, 30]);
});

test("somebody is a year older on the birthday, and one of 29 February on the 28th", () => {
  assert.deepEqual(["2026-11-29", "2026-11-30"].map((day) => next.ageOn("1980-11-30", day)), [45, 46]);
  assert.deepEqual(["2026-02-28", "2026-03-01"].map((day) => next.ageOn("2000-02-29", day)), [26, 26]);
});
