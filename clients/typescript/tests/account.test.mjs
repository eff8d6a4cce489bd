// Which channel is whose own: by the one table that docs/permissions.md and the Python client are held to as well.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { appointmentsChannel } from "../dist/esm/account.js";

const TABLE = JSON.parse(readFileSync(new URL("../../scenarios/accounts/channels.json", import.meta.url), "utf8"));

for (const [role, channel] of Object.entries(TABLE.own)) {
  test(`the own appointments of a ${role} are in ${channel ?? "no channel"}`, () => {
    const ask = () => appointmentsChannel("self", TABLE.accounts[role]);
    if (channel === null) assert.throws(ask, { code: "forbidden" });
    else assert.equal(ask(), channel);
  });
}

test("a receptionist follows one patient or one dentist too", () => {
  for (const role of ["patient", "dentist"])
    assert.equal(appointmentsChannel({ userId: "x1", role }, TABLE.accounts.receptionist), `appointments:${role}:x1`);
});
