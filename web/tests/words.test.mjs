import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const FOLDER = new URL("..", import.meta.url).pathname;

/** The words of a catalog, without its head, in which the time of its making stands. */
function words(folder, catalog) {
  const [, ...entries] = readFileSync(join(folder, `${catalog}.po`), "utf8").trim().split("\n\n");
  return entries;
}

test("the catalogs have the words of the sources, and each is translated", () => {
  const written = join(FOLDER, "src/locales");
  const fresh = mkdtempSync(join(tmpdir(), "words-"));
  cpSync(written, fresh, { recursive: true });
  execFileSync("npx", ["--no-install", "lingui", "extract", "--clean"], {
    cwd: FOLDER,
    env: { ...process.env, LOCALES: fresh },
    stdio: "pipe",
  });
  for (const catalog of ["public", "book", "accounts"].flatMap((part) => [`${part}/de`, `${part}/en`])) {
    assert.ok(words(written, catalog).length > 50, catalog);
    assert.deepEqual(words(written, catalog), words(fresh, catalog), "run `npm run words --prefix web`");
    assert.deepEqual(words(written, catalog).filter((entry) => /\nmsgstr ""$/.test(entry)), [], catalog);
  }
});
