// Which appointments a live list has: by the one table of cases that the server is held to as well.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { patched } from "../dist/esm/react/list.js";

const TABLE = JSON.parse(readFileSync(new URL("../../scenarios/lists/appointments.json", import.meta.url), "utf8"));
const APPOINTMENTS = TABLE.appointments.map(({ dentist, patient, chair, assistant, series, overbooked, ...each }) => ({
  ...each,
  dentistId: dentist,
  patientId: patient,
  chairId: chair ?? null,
  assistantId: assistant ?? null,
  seriesId: series ?? null,
  overbooked: overbooked ?? false,
  version: 1,
}));

const empty = { items: [], position: 0, epoch: "e1", patients: null, meanwhile: [], told: {} };
const place = (position) => ({ position, epoch: "e1", occurredAt: "", channels: [] });
const by = (one, other) => (one < other ? -1 : 1);
const names = ({ items }) => items.map(({ id }) => id).sort(by);

function told(list, wanted, appointments) {
  return appointments.reduce((now, appointment) => {
    const type = appointment.version === 1 ? "appointment:created" : "appointment:updated";
    return patched(now, { type, ...place(now.position + 1), appointment, previous: {} }, wanted, { isFetching: false, isLive: true });
  }, list);
}

assert.ok(TABLE.cases.length >= 15);
for (const { name, wanted, shown } of TABLE.cases) {
  const expected = [...shown].sort(by);

  test(`${name}: what is told of arrives, if it is wanted`, () => {
    const list = told(empty, wanted, APPOINTMENTS);
    assert.deepEqual(names(list), expected);
    const starts = list.items.map(({ startsAt }) => startsAt);
    assert.deepEqual(starts, [...starts].sort());
  });

  test(`${name}: a change leaves in the list what is still wanted, and takes the rest away`, () => {
    // Everything was in it, as a filter that was changed on the way would leave it.
    const all = { ...empty, items: APPOINTMENTS };
    const changed = APPOINTMENTS.map((each) => ({ ...each, version: 2 }));
    assert.deepEqual(names(told(all, wanted, changed)), expected);
  });
}
