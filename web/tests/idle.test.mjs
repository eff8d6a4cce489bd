import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "vite";

const FOLDER = new URL("..", import.meta.url).pathname;
const [MINUTE_MS, NOW] = [60_000, Date.parse("2026-11-30T09:00:00Z")];

let vite;
let idle;

before(async () => {
  vite = await createServer({ root: FOLDER, configFile: `${FOLDER}/vite.config.ts`, server: { middlewareMode: true, ws: false }, logLevel: "error" });
  globalThis.document = { baseURI: "https://practice.example/" };
  globalThis.location = { origin: "https://practice.example" };
  globalThis.window = { parent: null };
  globalThis.document.querySelector = () => null;
  idle = await vite.ssrLoadModule("/src/lock/idle.ts");
});

after(() => vite.close());

test("a desk is locked so long after it was touched last in any tab, and stays locked", () => {
  const after = (told, now = NOW) => idle.isLocked(told, now, 10 * MINUTE_MS);
  assert.equal(after(String(NOW - 10 * MINUTE_MS + 1)), false);
  assert.equal(after(String(NOW - 10 * MINUTE_MS)), true);
  assert.equal(after("locked"), true);
  assert.equal(after("locked", NOW + 60 * MINUTE_MS), true);
});

test("a desk of which nothing is told stays as it is: another tab is signing out", () => {
  assert.equal(idle.isLocked(null, NOW, MINUTE_MS), null);
});
