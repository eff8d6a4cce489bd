// How large the browser build is, as it is and as a server sends it: `node size.mjs [README]` prints it, and writes it
// into the README that is named.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";

const BUILD = new URL("dist/browser/dental-sync.js", import.meta.url);

export function size() {
  const code = readFileSync(BUILD);
  return { bytes: code.length, gzippedBytes: gzipSync(code, { level: constants.Z_BEST_COMPRESSION }).length };
}

export function kB(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bytes, gzippedBytes } = size();
  console.log(`dist/browser/dental-sync.js: ${kB(bytes)}, gzipped ${kB(gzippedBytes)}`);
  const readme = process.argv[2];
  if (readme !== undefined) {
    const said = /(`dist\/browser\/dental-sync\.js`[^.]*?)[\d.]+ kB \([\d.]+ kB gzipped\)/s;
    const text = readFileSync(readme, "utf8").replace(said, `$1${kB(bytes)} (${kB(gzippedBytes)} gzipped)`);
    writeFileSync(readme, text);
  }
}
