// What staff follow: which records have changed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, settle } from "./helpers.mjs";

const changed = (position, more) => ({
  position,
  epoch: "e1",
  occurredAt: "",
  channels: ["practice"],
  kind: "patient",
  id: "p",
  change: "updated",
  ...more,
});

test("staff follow which records have changed, and go on from where they were", async () => {
  const { sync, clock, socket } = begin();
  const told = [];
  const subscription = sync.subscribeToPractice({ onRecordChanged: (record) => told.push(record) });
  await settle();
  socket().ready();
  assert.deepEqual(socket().asked("subscribe").map(({ payload }) => payload), [{ channel: "practice" }]);
  socket().acknowledge("practice", 5);
  assert.equal(subscription.state.status, "live");
  socket().say("record:changed", changed(6));
  socket().say("record:changed", changed(6));
  socket().say("record:changed", changed(9, { kind: "practice", id: null }));
  assert.deepEqual(told, [
    { kind: "patient", id: "p", change: "updated" },
    { kind: "practice", id: null, change: "updated" },
  ]);
  socket().say("disconnect", "transport close");
  await clock.pass(1000);
  socket().ready();
  assert.deepEqual(socket().asked("subscribe")[0].payload, { channel: "practice", since: 9, epoch: "e1" });
  socket().say("record:changed", changed(9));
  socket().say("record:changed", changed(12, { kind: "hold", id: "h", change: "deleted" }));
  socket().acknowledge("practice", 12);
  assert.deepEqual(told.slice(2), [{ kind: "hold", id: "h", change: "deleted" }]);
});

test("who may not follow the practice is told so", async () => {
  const { sync, socket } = begin();
  const errors = [];
  const subscription = sync.subscribeToPractice({ onError: ({ code }) => errors.push(code) });
  await settle();
  socket().ready();
  socket().asked("subscribe")[0].answer({ ok: false, error: { code: "forbidden", detail: "for staff" } });
  assert.deepEqual([errors, subscription.state.status], [["forbidden"], "closed"]);
});
