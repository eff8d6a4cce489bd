import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "vite";

const FOLDER = new URL("..", import.meta.url).pathname;
const BERLIN = "Europe/Berlin";

let vite;
let times;
let Line;

before(async () => {
  vite = await createServer({ root: FOLDER, configFile: `${FOLDER}/vite.config.ts`, server: { middlewareMode: true, ws: false }, logLevel: "error" });
  times = await vite.ssrLoadModule("/src/pages/demo/times.ts");
  ({ Line } = await vite.ssrLoadModule("/src/pages/demo/line.ts"));
});

after(() => vite.close());

const slot = (day, time) => ({ dentistId: "d", startsAt: `2026-11-${day}T${time}:00.000Z`, endsAt: `2026-11-${day}T${time.slice(0, 3)}59:00.000Z` });

test("a time that touches what is taken is apart from it, and one that overlaps it is not", () => {
  const [eight, nine, ten] = ["08:00", "09:00", "10:00"].map((time) => slot(30, time));
  const taken = [{ startsAt: eight.endsAt, endsAt: ten.startsAt }];
  assert.deepEqual(times.apart([eight, nine, ten], taken), [eight, ten]);
  assert.deepEqual(times.apart([nine], []), [nine]);
});

test("the day that is shown is kept, and the first one to be shown has some times", () => {
  const evening = [slot(27, "15:00")];
  const monday = ["08:00", "09:00", "10:00", "11:00"].map((time) => slot(30, time));
  const all = [...evening, ...monday];
  assert.equal(times.first(all, BERLIN, ""), monday[0]);
  assert.equal(times.first(all, BERLIN, "2026-11-27"), evening[0]);
  assert.equal(times.first(all, BERLIN, "2026-12-24"), monday[0]);
  assert.equal(times.first(evening, BERLIN, ""), evening[0]);
  assert.equal(times.first([], BERLIN, ""), undefined);
});

test("what goes through a line that is cut is lost, and comes through when it is mended", async () => {
  const opened = [];
  const line = new Line();
  const open = line.through(() => opened[opened.push({ isConnected: true, disconnect() { this.isConnected = false; } }) - 1]);
  const before = open();
  line.cut();
  assert.deepEqual([line.isCut, before.isConnected], [true, false]);
  const attempt = open();
  const refused = new Promise((refuse) => attempt.on("connect_error", refuse));
  attempt.connect();
  assert.ok((await refused) instanceof Error);
  assert.equal(opened.length, 1);
  line.mend();
  assert.equal(open(), opened[1]);
  assert.equal(line.isCut, false);
});
