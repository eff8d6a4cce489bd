import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { i18n } from "@lingui/core";
import { createServer } from "vite";

const FOLDER = new URL("..", import.meta.url).pathname;
const BERLIN = "Europe/Berlin";

let vite;
let weeks;
let calendar;
let times;
let refusals;

before(async () => {
  i18n.loadAndActivate({ locale: "en", messages: {} });
  vite = await createServer({ root: FOLDER, configFile: `${FOLDER}/vite.config.ts`, server: { middlewareMode: true, ws: false }, logLevel: "error" });
  weeks = await vite.ssrLoadModule("/src/pages/book/weeks.ts");
  calendar = await vite.ssrLoadModule("/src/pages/book/calendar.ts");
  times = await vite.ssrLoadModule("/src/shared/times.ts");
  refusals = await vite.ssrLoadModule("/src/words/refusals.ts");
});

after(() => vite.close());

const slot = (startsAt, dentistId = "a") => ({ startsAt, endsAt: startsAt, dentistId });

test("weeks follow each other from today on, whatever day is asked for", () => {
  const today = "2026-11-28";
  const first = ["2026-11-28", "2026-11-29", "2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04"];
  for (const date of [undefined, today, "2026-12-04", "2026-11-01"]) assert.deepEqual(weeks.weekOf(date, today), first);
  assert.equal(weeks.weekOf("2026-12-05", today)[0], "2026-12-05");
  assert.equal(weeks.weekOf("2027-01-01", today)[0], "2026-12-26");
});

test("a week is never asked for beyond what visitors may ask", () => {
  const hours = (date) => {
    const { from, to } = weeks.spanOf(weeks.weekOf(undefined, date), BERLIN);
    return (Date.parse(to) - Date.parse(from)) / 3_600_000;
  };
  assert.deepEqual(["2026-03-25", "2026-07-01", "2026-10-22"].map(hours), [167, 168, 168]);
});

test("of several who are free at one time the first by name is offered", () => {
  const [early, late] = ["2026-11-30T08:00:00.000Z", "2026-11-30T09:00:00.000Z"];
  const free = [slot(late, "b"), slot(early, "b"), slot(early, "a"), slot(late, "c")];
  assert.deepEqual(weeks.offered(free, ["a", "b", "c"]), [slot(early, "a"), slot(late, "b")]);
  assert.deepEqual(weeks.on("2026-12-01", [slot("2026-11-30T23:00:00.000Z"), slot(early)], BERLIN), [slot("2026-11-30T23:00:00.000Z")]);
});

test("what is gone is what is not there any more, and the nearest others are named in order", () => {
  const all = ["08:00", "08:15", "08:30", "08:45", "09:00"].map((time) => slot(`2026-11-30T${time}:00.000Z`));
  const left = all.filter((_, index) => index !== 2);
  assert.deepEqual(weeks.missing(all, left), [all[2]]);
  assert.deepEqual(weeks.missing(left, all), []);
  assert.deepEqual(weeks.nearest(left, all[2].startsAt, 2), [all[1], all[3]]);
});

test("one's own time is said only where it is another one", () => {
  const instant = "2026-11-30T23:30:00.000Z";
  assert.equal(times.ownTime(instant, BERLIN, "Europe/Paris"), null);
  assert.equal(times.ownTime(instant, BERLIN, "Asia/Tokyo"), "08:30");
  // The same hour of another day.
  assert.equal(times.ownTime(instant, "Pacific/Kiritimati", "Pacific/Honolulu"), "13:30");
});

test("an entry for a calendar is what RFC 5545 says", () => {
  const appointment = {
    id: "01a22041-47b4-7d55-8ae8-d2133c65cd11",
    version: 3,
    startsAt: "2026-11-30T09:00:00.000Z",
    endsAt: "2026-11-30T09:30:00.000Z",
    updatedAt: "2026-11-28T03:44:38.123Z",
    status: "pending",
  };
  const location = `Zähne; Zahn, und \\ mehr\n${"Straße ".repeat(12)}`;
  const entry = calendar.calendarEntry(appointment, { summary: "Zahnarzttermin", location });
  const lines = entry.split("\r\n");
  assert.equal(lines.pop(), "");
  for (const line of lines) assert.ok(new TextEncoder().encode(line).length <= 75, line);
  const whole = entry.replaceAll("\r\n ", "");
  for (const said of [
    "UID:01a22041-47b4-7d55-8ae8-d2133c65cd11@dental-sync",
    "SEQUENCE:3",
    "DTSTAMP:20261128T034438Z",
    "DTSTART:20261130T090000Z",
    "DTEND:20261130T093000Z",
    "STATUS:TENTATIVE",
    `LOCATION:Zähne\\; Zahn\\, und \\\\ mehr\\n${"Straße ".repeat(12)}`,
  ]) {
    assert.ok(whole.includes(`\r\n${said}\r\n`), said);
  }
});

test("what is wrong is said at its field, by the code and the pointer", async () => {
  const { ApiError } = await vite.ssrLoadModule("@dental-sync/client");
  const refused = (code, errors) => new ApiError(422, { code, detail: "not shown", errors });
  const wrong = refused("validation-failed", [{ pointer: "/phone", detail: "not shown" }, { pointer: "/name", detail: "not shown" }]);
  const fields = refusals.atFields(wrong);
  assert.deepEqual(Object.keys(fields), ["phone", "name"]);
  assert.ok(!JSON.stringify(fields).includes("not shown"));
  assert.deepEqual(Object.keys(refusals.atFields(refused("email-taken"))), ["email"]);
  assert.deepEqual(Object.keys(refusals.atFields(refused("weak-password"))), ["password"]);
  assert.deepEqual(refusals.atFields(refused("rate-limited")), {});
  assert.deepEqual(refusals.atFields(new TypeError("a mistake")), {});
});
