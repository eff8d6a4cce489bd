import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** What each of these may load until it is shown, compressed by gzip. */
const MOST_BYTES = 150_000;
const FIRST_PAGES = {
  "Landing page and signing in": ["src/pages/landing/Landing.tsx", "src/pages/sign-in/SignIn.tsx"],
  "Free times": ["src/pages/book/Book.tsx"],
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

/** After the build: compresses, says how much the first pages load, and fails where that is too much. */
export function finished() {
  return {
    name: "finished",
    apply: "build",
    closeBundle() {
      const sizes = compressAll("dist/assets");
      const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
      // The larger of the two languages: a visitor loads one.
      const catalogs = Object.keys(manifest).filter((name) => /public\/\w+\.po$/.test(name));
      const words = Math.max(...catalogs.map((name) => sizes.get(manifest[name].file) ?? 0));
      for (const [what, pages] of Object.entries(FIRST_PAGES)) {
        const bytes = scriptsOf(manifest, pages).reduce((sum, file) => sum + (sizes.get(file) ?? 0), words);
        console.log(`${what}: ${(bytes / 1000).toFixed(1)} kB of compressed script.`);
        if (bytes > MOST_BYTES) throw new Error(`That is more than ${MOST_BYTES / 1000} kB: load more of it later.`);
      }
    },
  };
}
