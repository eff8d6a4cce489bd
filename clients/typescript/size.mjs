// How large the browser build is, as it is and as a server sends it.
import { readFileSync } from "node:fs";
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
}
