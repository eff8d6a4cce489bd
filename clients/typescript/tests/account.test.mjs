// Which channels are whose own: by the one table that docs/permissions.md and the Python client are held to as well.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { appointmentsChannels } from "../dist/esm/account.js";

const TABLE = JSON.parse(readFileSync(new URL("../../scenarios/accounts/channels.json", import.meta.url), "utf8"));

for (const [which, owner] of [["own", "self"], ["one", { patientId: "p1" }]]) {
  for (const [name, channels] of Object.entries(TABLE[which])) {
    test(`the appointments of ${which === "own" ? "all" : "one"} to a ${name} are in ${channels.join() || "no channel"}`, () => {
      const ask = () => appointmentsChannels(owner, TABLE.accounts[name]);
      if (channels.length === 0) assert.throws(ask, { code: "forbidden" });
      else assert.deepEqual(ask(), channels);
    });
  }
}

test("a receptionist follows one patient or one dentist too", () => {
  for (const role of ["patient", "dentist"])
    assert.deepEqual(appointmentsChannels({ userId: "x1", role }, TABLE.accounts.receptionist), [`appointments:${role}:x1`]);
});

test("the account's id is all for whom it acts, a patient's that patient alone", () => {
  const { guardian } = TABLE.accounts;
  assert.deepEqual(appointmentsChannels({ userId: guardian.id, role: "patient" }, guardian), TABLE.own.guardian);
  assert.deepEqual(appointmentsChannels({ userId: "p6", role: "patient" }, guardian), ["appointments:patient:p6"]);
  assert.throws(() => appointmentsChannels({ userId: guardian.id, role: "dentist" }, guardian), { code: "forbidden" });
});
