import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** What each of these may load until it is shown, compressed by gzip. */
const MOST_BYTES = 150_000;
const FIRST_PAGES = {
  "Landing page and signing in": { pages: ["src/pages/landing/Landing.tsx", "src/pages/sign-in/SignIn.tsx"], words: ["public"] },
  "Free times": { pages: ["src/pages/book/Book.tsx"], words: ["public", "book"] },
};
const COMPRESSES = /\.(css|js|json|svg|txt|webmanifest)$/;

/** Lays `.gz` and `.br` beside each file that compresses; gives each file's compressed size. */
function compressAll(folder) {
  const sizes = new Map();
  for (const name of readdirSync(folder).filter((name) => COMPRESSES.test(name))) {
    const content = readFileSync(join(folder, name));
    const gzip = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
    writeFileSync(join(folder, `${name}.gz`), gzip);
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content));
    sizes.set(`assets/${name}`, gzip.length);
  }
  return sizes;
}

/** The scripts that a page needs: those of the entry, its own, and what they import. */
function scriptsOf(manifest, pages) {
  const found = new Set();
  const open = ["index.html", ...pages];
  while (open.length > 0) {
    const { file, imports = [] } = manifest[open.pop()];
    if (found.has(file)) continue;
    found.add(file);
    open.push(...imports);
  }
  return [...found].filter((file) => file.endsWith(".js"));
}

/** Tells the service worker which files the build consists of; another build is another worker. */
function addressWorker(folder, manifest) {
  const files = readdirSync(join(folder, "assets"))
    .filter((name) => !/\.(br|gz)$/.test(name))
    .map((name) => `assets/${name}`);
  const version = createHash("sha256").update(files.join()).digest("hex").slice(0, 16);
  const build = { version, entry: manifest["index.html"].file, files };
  const worker = join(folder, "service-worker.js");
  writeFileSync(worker, `self.build=${JSON.stringify(build)};\n${readFileSync(worker, "utf8")}`);
}

/** After the build, unless it failed: compresses, says how much the first pages load, and fails where that is too much. */
export function finished() {
  return {
    name: "finished",
    apply: "build",
    writeBundle() {
      const sizes = compressAll("dist/assets");
      const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
      addressWorker("dist", manifest);
      const size = (file) => sizes.get(file) ?? 0;
      // The larger of the two languages: a visitor loads one.
      const catalog = (part) => Math.max(...["de", "en"].map((language) => size(manifest[`src/locales/${part}/${language}.po`].file)));
      const sum = (all) => all.reduce((total, each) => total + each, 0);
      for (const [what, { pages, words }] of Object.entries(FIRST_PAGES)) {
        const bytes = sum(scriptsOf(manifest, pages).map(size)) + sum(words.map(catalog));
        console.log(`${what}: ${(bytes / 1000).toFixed(1)} kB of compressed script.`);
        if (bytes > MOST_BYTES) throw new Error(`That is more than ${MOST_BYTES / 1000} kB: load more of it later.`);
      }
    },
  };
}
