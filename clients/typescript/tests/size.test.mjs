import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { kB, size } from "../size.mjs";

test("the README says how large the browser build is", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const [, large, gzipped] = readme.match(/`dist\/browser\/dental-sync\.js`[^.]*?([\d.]+) kB[^.]*?\(([\d.]+) kB gzipped/s) ?? [];
  const { bytes, gzippedBytes } = size();
  const is = `it is ${kB(bytes)}, ${kB(gzippedBytes)} gzipped`;
  assert.equal(`${large} kB`, kB(bytes), is);
  // zlib packs some bytes more or less on another processor.
  assert.ok(Math.abs(1000 * gzipped - gzippedBytes) <= 100, is);
});
