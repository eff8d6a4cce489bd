// What an older release has told or stored has every member of the newest; by the table that both clients are held to.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inFull } from "../dist/esm/appointment.js";
import { asToldNow } from "../dist/esm/message.js";

const { cases } = JSON.parse(readFileSync(new URL("../../scenarios/older/appointment.json", import.meta.url), "utf8"));

test("an older appointment is told in full", () => {
  assert.ok(cases.length >= 3);
  for (const { older, told } of cases) {
    assert.deepEqual(inFull(older), told);
    assert.deepEqual(asToldNow({ type: "appointment:updated", appointment: older, previous: {} }).appointment, told);
  }
});

test("a message without an appointment is told as it is", () => {
  const message = { type: "appointment:deleted", appointmentId: "a" };
  assert.equal(asToldNow(message), message);
});
