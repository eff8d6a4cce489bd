// Takes away what browsers gained after the oldest that are served (targets.mjs), and of what is older what a page over
// HTTP lacks: `node --import ./tests/old-browser.mjs --test …` runs every test without.
//
// Node's own modules use some of these while they are loaded.
import "node:child_process";
import "node:http";
import "node:https";
import "node:test";
import "node:zlib";

/** Owner and name of each that the package uses where it is there, or could be tempted to use. */
const NEWER = [
  [globalThis, "navigator"],
  [globalThis, "structuredClone"],
  [AbortSignal, "any"],
  [AbortSignal, "timeout"],
  [AbortSignal.prototype, "throwIfAborted"],
  [Crypto.prototype, "randomUUID"],
  [URL, "canParse"],
  [URL, "parse"],
  [Promise, "withResolvers"],
  [Promise, "try"],
  [Object, "groupBy"],
  [Map, "groupBy"],
  [Array, "fromAsync"],
  ...["findLast", "findLastIndex", "toSorted", "toReversed", "toSpliced", "with"].map((name) => [Array.prototype, name]),
  ...["union", "intersection", "difference", "isSubsetOf"].map((name) => [Set.prototype, name]),
  ...["isWellFormed", "toWellFormed"].map((name) => [String.prototype, name]),
];

for (const [owner, name] of NEWER) {
  if (!Reflect.deleteProperty(owner, name) || owner[name] !== undefined) throw new Error(`${name} is still there`);
}
// `Symbol.dispose` cannot be deleted: another Symbol, with all that is older.
const OldSymbol = Symbol.bind(undefined);
for (const name of Object.getOwnPropertyNames(Symbol)) {
  if (!(name in OldSymbol) && name !== "dispose" && name !== "asyncDispose") OldSymbol[name] = Symbol[name];
}
globalThis.Symbol = OldSymbol;
globalThis.isOldBrowser = true;
