import assert from "node:assert/strict";
import { test } from "node:test";
import { narrowed, patched, rebased, wantedNow, withAppointment } from "../dist/esm/react/list.js";
import { shown } from "../dist/esm/react/write.js";

function appointment(id, hour, more) {
  const at = (minutes) => new Date(Date.UTC(2030, 0, 7, hour, minutes)).toISOString();
  const people = { dentistId: "d", patientId: "p" };
  return { id, ...people, startsAt: at(0), endsAt: at(30), status: "booked", version: 1, ...more };
}

const message = (type, position, more) => ({ type, position, epoch: "e1", occurredAt: "", channels: [], ...more });
const created = (position, made) => message("appointment:created", position, { appointment: made });
const updated = (position, changed) => message("appointment:updated", position, { appointment: changed, previous: {} });
const deleted = (position, appointmentId) => message("appointment:deleted", position, { appointmentId });
const fetched = (position, ...items) => ({ items, position, epoch: "e1" });
const live = (...values) => ({ ...fetched(...values), patients: null, meanwhile: [], told: {} });
const ids = ({ items }) => items.map(({ id }) => id);

test("messages make, change and strike out, in the order of the day", () => {
  let list = live(5, appointment("a", 9));
  for (const each of [
    created(6, appointment("c", 11)),
    created(7, appointment("b", 10)),
    updated(8, appointment("a", 12, { version: 2 })),
    deleted(9, "c"),
    deleted(10, "unknown"),
    message("availability:changed", 11, { dentistId: "d" }),
  ]) {
    list = patched(list, each, {}, { isFetching: false, isLive: true });
  }
  assert.deepEqual(ids(list), ["b", "a"]);
  assert.equal(list.items[1].version, 2);
  assert.equal(list.position, 11);
});

test("what is in the list already, older, or of another log changes nothing", () => {
  const list = live(5, appointment("a", 9, { version: 3 }));
  for (const each of [
    created(5, appointment("b", 10)),
    updated(6, appointment("a", 12, { version: 2 })),
    { ...created(7, appointment("b", 10)), epoch: "e2" },
  ]) {
    assert.equal(patched(list, each, {}, { isFetching: false, isLive: true }).items, list.items);
  }
});

test("what happened while a list was fetched is in it, whichever was first", () => {
  let list = live(5, appointment("a", 9), appointment("b", 10));
  list = patched(list, created(6, appointment("c", 11)), {}, { isFetching: true, isLive: true });
  list = patched(list, deleted(7, "a"), {}, { isFetching: true, isLive: true });
  list = patched(list, updated(8, appointment("b", 13, { version: 2 })), {}, { isFetching: true, isLive: true });
  const after = [fetched(5, appointment("a", 9), appointment("b", 10)), fetched(7, appointment("b", 10), appointment("c", 11))];
  for (const each of after) {
    const result = rebased(each, list, {});
    assert.deepEqual(ids(result), ["c", "b"]);
    assert.deepEqual([result.position, result.meanwhile], [each.position, []]);
    assert.deepEqual(ids(patched(result, deleted(8, "b"), {}, { isFetching: false })), ["c", "b"]);
  }
  assert.deepEqual(ids(rebased(fetched(9, appointment("z", 9)), list, {})), ["z"]);
  assert.deepEqual(patched(list, deleted(9, "b"), {}, { isFetching: false, isLive: true }).meanwhile, []);
});

const replayed = (list, ...messages) => messages.reduce((now, each) => patched(now, each, {}, { isFetching: false }), list);

test("what each channel's replay brings is in the list, whichever comes first", () => {
  const list = live(5, appointment("a", 9));
  const child = [created(9, appointment("d", 12, { patientId: "c" })), deleted(12, "d")];
  const own = [created(6, appointment("b", 10)), updated(7, appointment("a", 11, { version: 2 })), created(11, appointment("e", 13))];
  for (const order of [[...child, ...own], [...own, ...child], [own[0], child[0], own[1], child[1], own[2]]]) {
    const after = replayed(list, ...order);
    assert.deepEqual(ids(after), ["b", "a", "e"]);
    // A page that is left now, and shown again, begins there: what is missing before is not passed over.
    assert.equal(after.position, 5);
    const then = patched(after, created(13, appointment("f", 8)), {}, { isFetching: false, isLive: true });
    assert.deepEqual([ids(then), then.position, then.told], [["f", "b", "a", "e"], 13, {}]);
    assert.equal(patched(then, deleted(13, "f"), {}, { isFetching: false }).items, then.items);
  }
});

test("of one appointment the later message counts, though an older one of another channel comes after it", () => {
  const list = live(5, appointment("a", 9));
  const moved = appointment("a", 9, { patientId: "c", version: 2 });
  for (const order of [[deleted(6, "a"), created(7, moved)], [created(7, moved), deleted(6, "a")]]) {
    assert.deepEqual(replayed(list, ...order).items, [moved]);
  }
  for (const order of [[created(6, moved), deleted(7, "a")], [deleted(7, "a"), created(6, moved)]]) {
    assert.deepEqual(replayed(list, ...order).items, []);
  }
  assert.deepEqual(replayed(list, created(9, moved), updated(6, appointment("a", 10)), deleted(8, "a")).items, [moved]);
  assert.deepEqual(replayed(list, deleted(5, "a")).items, list.items);
});

test("what is of patients who are not followed any more goes at once", () => {
  const items = [appointment("a", 9), appointment("b", 10, { patientId: "c" })];
  const list = { ...live(5, ...items), patients: ["p", "c"] };
  assert.deepEqual(ids(narrowed(list, ["appointments:patient:p"], {})), ["a"]);
  assert.deepEqual(narrowed(list, ["appointments:patient:p"], {}).patients, ["p", "c"]);
  assert.equal(narrowed(list, ["appointments:all"], {}), list);
  assert.equal(narrowed(list, ["appointments:dentist:d"], { patientId: "c" }), list);
  assert.deepEqual(ids(narrowed(list, [], { patientId: "c" })), []);
});

test("a list of one patient goes on with the record that it was merged into", () => {
  const wanted = { patientId: "p" };
  const list = narrowed(live(5, appointment("a", 9)), ["appointments:patient:q"], wanted);
  assert.deepEqual([list.items, wantedNow(wanted, list)], [[], { patientId: "q" }]);
  const result = rebased({ ...fetched(8, appointment("a", 9, { patientId: "q" })), patients: null }, list, wanted);
  const then = [created(9, appointment("b", 10, { patientId: "q" })), created(10, appointment("c", 11))];
  const after = then.reduce((now, each) => patched(now, each, wanted, { isFetching: false, isLive: true }), result);
  assert.deepEqual(ids(after), ["a", "b"]);
});

test("what is not wanted any more leaves, what has become so arrives", () => {
  const wanted = { from: "2030-01-07T10:00:00+01:00", to: "2030-01-07T12:00:00Z", status: "booked", dentistId: "d", patientId: "p" };
  const chosen = (more) => withAppointment([], appointment("a", 10, more), wanted).length;
  assert.equal(chosen(), 1);
  const at = (startsAt, endsAt) => ({ startsAt: `2030-01-07T${startsAt}:00.000Z`, endsAt: `2030-01-07T${endsAt}:00.000Z` });
  for (const [times, count] of [
    [at("08:30", "09:00"), 0],
    [at("08:30", "09:01"), 1],
    [at("12:00", "12:30"), 0],
    [at("11:59", "12:30"), 1],
  ]) {
    assert.equal(chosen(times), count, JSON.stringify(times));
  }
  for (const more of [{ status: "cancelled" }, { dentistId: "other" }, { patientId: "other" }]) assert.equal(chosen(more), 0);
  const there = [appointment("a", 10)];
  assert.deepEqual(withAppointment(there, appointment("a", 10, { version: 2, status: "cancelled" }), wanted), []);
});

test("a booking is shown at once, and once only when the message is faster than the answer", () => {
  const booking = { dentistId: "d", startsAt: "2030-01-07T10:00:00+01:00", endsAt: "2030-01-07T10:30:00+01:00" };
  const write = { kind: "book", key: "k", booking, shown: { dentistName: "Dr. Keller" } };
  const items = [appointment("a", 8), appointment("b", 10)];
  const [, imagined] = shown(items, [write]);
  assert.deepEqual(
    [imagined.id, imagined.startsAt, imagined.endsAt, imagined.dentistName, imagined.pendingWrite],
    ["k", "2030-01-07T09:00:00.000Z", "2030-01-07T09:30:00.000Z", "Dr. Keller", "book"],
  );
  assert.equal(shown(items, []), items);
  const arrived = [...items, appointment("real", 9)];
  assert.deepEqual(shown(arrived, [write]).map(({ id }) => id), ["a", "real", "b"]);
  const cancelled = [...items, appointment("gone", 9, { status: "cancelled" })];
  assert.equal(shown(cancelled, [write]).filter(({ pendingWrite }) => pendingWrite).length, 1);
});

test("a visit of several treatments is shown as it was asked for, and stays when only its time changes", () => {
  const booking = { dentistId: "d1", startsAt: "2030-01-07T10:00:00+01:00", treatmentIds: ["t1", "t2"], assistantId: "e1" };
  const [imagined] = shown([], [{ kind: "book", key: "k", booking, shown: {} }]);
  assert.deepEqual([imagined.treatmentId, imagined.treatmentIds, imagined.assistantId], ["t1", ["t1", "t2"], "e1"]);
  const item = appointment("a", 9, { treatmentId: "t1", treatmentIds: ["t1", "t2"] });
  const changed = (change) => shown([item], [{ kind: "reschedule", key: "k", appointment: item, change }])[0].treatmentIds;
  assert.deepEqual(changed({ startsAt: "2030-01-07T12:00:00+01:00" }), ["t1", "t2"]);
  assert.deepEqual(changed({ treatmentId: "t2" }), ["t2"]);
  assert.deepEqual(changed({ treatmentIds: ["t2", "t1"] }), ["t2", "t1"]);
});

test("another chair is shown at once, and none; what is not named stays", () => {
  const item = appointment("a", 9, { chairId: "c1", assistantId: "e1" });
  const changed = (change) => {
    const [{ chairId, assistantId }] = shown([item], [{ kind: "reschedule", key: "k", appointment: item, change }]);
    return [chairId, assistantId];
  };
  assert.deepEqual(changed({ startsAt: "2030-01-07T12:00:00+01:00" }), ["c1", "e1"]);
  assert.deepEqual(changed({ chairId: "c2" }), ["c2", "e1"]);
  assert.deepEqual(changed({ chairId: null, assistantId: null }), [null, null]);
});

test("a change is shown at once, until a newer version has it or says otherwise", () => {
  const item = appointment("a", 9, { version: 4 });
  const reschedule = { kind: "reschedule", key: "k", appointment: item, change: { startsAt: "2030-01-07T12:00:00+01:00" } };
  const [moved] = shown([item], [reschedule]);
  assert.deepEqual(
    [moved.startsAt, moved.endsAt, moved.pendingWrite, moved.version],
    ["2030-01-07T11:00:00.000Z", "2030-01-07T11:30:00.000Z", "reschedule", 4],
  );
  const cancel = { kind: "cancel", key: "k", appointment: item, reason: undefined };
  assert.equal(shown([item], [cancel])[0].status, "cancelled");
  const newer = appointment("a", 10, { version: 5 });
  for (const write of [reschedule, cancel]) assert.deepEqual(shown([newer], [write]), [newer]);
});
