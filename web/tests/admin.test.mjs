import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "vite";

const FOLDER = new URL("..", import.meta.url).pathname;

let vite;
let dentists;
let draft;
let image;
let all;

before(async () => {
  vite = await createServer({ root: FOLDER, configFile: `${FOLDER}/vite.config.ts`, server: { middlewareMode: true, ws: false }, logLevel: "error" });
  const load = (path) => vite.ssrLoadModule(`/src/pages/admin/${path}.ts`);
  [dentists, draft, image, all] = await Promise.all(["dentists/offers", "forms/draft", "practice/image", "all"].map(load));
});

after(() => vite.close());

test("only what was typed and is not so already is sent, and can be taken back", () => {
  const saved = { name: "Check-up", durationMinutes: 30, chairKind: null, offers: { a: 45 } };
  const typed = { name: "Check-up", durationMinutes: 45, chairKind: "surgery", offers: { a: 45 } };
  const changes = draft.changesOf(saved, typed);
  assert.deepEqual(changes, { durationMinutes: 45, chairKind: "surgery" });
  assert.deepEqual(draft.former(saved, changes), { durationMinutes: 30, chairKind: null });
  // Somebody else has saved the same meanwhile.
  assert.deepEqual(draft.changesOf({ ...saved, ...changes }, typed), {});
});

test("offers are the same in whatever order they were chosen", () => {
  const { offersOf, withOffer, asTreatments } = dentists;
  assert.deepEqual(offersOf({ treatments: null }), { everything: true, own: {} });
  assert.equal(asTreatments({ everything: true, own: { a: 20 } }), null);
  const { own } = offersOf({ treatments: [{ treatmentId: "b", durationMinutes: null }, { treatmentId: "a", durationMinutes: 20 }] });
  const again = withOffer(withOffer(withOffer(own, "a", undefined), "c", null), "a", 20);
  assert.equal(JSON.stringify(withOffer(again, "c", undefined)), JSON.stringify(own));
  assert.deepEqual(asTreatments({ everything: false, own: again }), [
    { treatmentId: "a", durationMinutes: 20 },
    { treatmentId: "b", durationMinutes: null },
    { treatmentId: "c", durationMinutes: null },
  ]);
});

test("an image keeps its proportions, is made no larger, and never thinner than a pixel", () => {
  assert.deepEqual(image.sizeWithin({ width: 1024, height: 256 }, 512), { width: 512, height: 128 });
  assert.deepEqual(image.sizeWithin({ width: 40, height: 20 }, 512), { width: 40, height: 20 });
  assert.deepEqual(image.sizeWithin({ width: 5000, height: 2 }, 128), { width: 128, height: 1 });
});

test("a list of several pages is read to its end", async () => {
  const pages = { undefined: { items: [1, 2], next: "two" }, two: { items: [3], next: null } };
  const asked = [];
  const found = await all.allOf(async (wanted) => {
    asked.push(wanted);
    return pages[wanted.after];
  });
  assert.deepEqual(found, [1, 2, 3]);
  assert.deepEqual(asked, [{ limit: 200 }, { limit: 200, after: "two" }]);
});
