// What the oldest browsers do not have is not needed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { TARGETS } from "../targets.mjs";

const FOLDER = new URL("./", import.meta.url);

test("the README names the oldest browsers that the package is built for", () => {
  const readme = readFileSync(new URL("../README.md", FOLDER), "utf8");
  const { chrome, edge, firefox, safari } = TARGETS;
  assert.equal(chrome, edge);
  assert.ok(readme.includes(`Chrome and Edge ${chrome}, Firefox ${firefox} and Safari ${safari}`));
});

if (!globalThis.isOldBrowser) {
  test("every test passes without what browsers gained since", () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith(".test.mjs"));
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const ran = spawnSync(
      process.execPath,
      ["--import", new URL("old-browser.mjs", FOLDER).href, "--test", "--test-reporter", "tap", ...files],
      { cwd: fileURLToPath(FOLDER), env, encoding: "utf8" },
    );
    assert.equal(ran.status, 0, `${ran.stdout}${ran.stderr}`);
    assert.ok(Number(ran.stdout.match(/^# pass (\d+)$/m)?.[1]) >= 130);
  });
} else {
  test("they are gone", () => {
    assert.equal(AbortSignal.any, undefined);
    assert.equal(AbortSignal.timeout, undefined);
    assert.equal(Symbol.dispose, undefined);
  });
}
