import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs } from "../dist/esm/index.js";

const plan = { firstMs: 100, longestMs: 1000 };

test("the wait doubles up to the longest", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 1000].map((failures) => backoffMs(failures, 0, plan) * 2), [
    100, 200, 400, 800, 1000, 1000, 1000,
  ]);
});

test("chance decides over half of it", () => {
  assert.equal(backoffMs(2, 0, plan), 100);
  assert.equal(backoffMs(2, 0.5, plan), 150);
  assert.ok(backoffMs(2, 0.999, plan) <= 200);
});

test("no failure is as one", () => {
  assert.equal(backoffMs(0, 0, plan), backoffMs(1, 0, plan));
});
