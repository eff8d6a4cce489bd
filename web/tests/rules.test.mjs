import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "vite";

const FOLDER = new URL("..", import.meta.url).pathname;
const BERLIN = "Europe/Berlin";

let vite;
let moves;
let times;

before(async () => {
  vite = await createServer({ root: FOLDER, configFile: `${FOLDER}/vite.config.ts`, server: { middlewareMode: true, ws: false }, logLevel: "error" });
  moves = await vite.ssrLoadModule("/src/staff/moves.ts");
  times = await vite.ssrLoadModule("/src/shared/times.ts");
});

after(() => vite.close());

test("a day is as long as it is in its zone", () => {
  assert.deepEqual(times.span("2026-11-30", BERLIN), { from: "2026-11-29T23:00:00.000Z", to: "2026-11-30T23:00:00.000Z" });
  const hours = (date) => {
    const { from, to } = times.span(date, BERLIN);
    return (Date.parse(to) - Date.parse(from)) / 3_600_000;
  };
  assert.deepEqual(["2026-03-29", "2026-07-01", "2026-10-25"].map(hours), [23, 24, 25]);
  assert.equal(times.dateOf("2026-11-30T23:30:00Z", BERLIN), "2026-12-01");
  assert.equal(times.shifted("2026-12-31", 1), "2027-01-01");
});

test("only what the server would grant is offered", () => {
  const startsAt = "2026-11-30T09:00:00Z";
  const offered = (status, now, isAssistant = false) =>
    moves.movesOf({ status, startsAt }, BERLIN, new Date(now), isAssistant);
  const [dayBefore, eve, morning, during, dayAfter] = [
    "2026-11-29T08:00:00Z", "2026-11-29T21:30:00Z", "2026-11-30T05:00:00Z", "2026-11-30T09:10:00Z", "2026-12-01T09:00:00Z",
  ];
  assert.deepEqual(offered("booked", dayBefore), []);
  assert.deepEqual(offered("booked", eve), ["arrive", "checkIn"]);
  assert.deepEqual(offered("booked", morning), ["arrive", "checkIn"]);
  assert.deepEqual(offered("booked", during), ["arrive", "checkIn", "noShow"]);
  assert.deepEqual(offered("booked", dayAfter), ["noShow"]);
  assert.deepEqual(offered("arrived", during), ["checkIn", "complete", "noShow"]);
  assert.deepEqual(offered("checked-in", during), ["complete"]);
  assert.deepEqual(offered("pending", dayBefore), ["approve"]);
  assert.deepEqual(offered("noshow", dayAfter), ["undoNoShow"]);
  for (const status of ["fulfilled", "cancelled"]) assert.deepEqual(offered(status, during), []);
  assert.deepEqual(offered("booked", during, true), ["arrive", "checkIn"]);
  assert.deepEqual(offered("checked-in", during, true), []);
});
