// Makes dist/browser: the package as one minified module, for pages without a bundler, and the licences of what is in it.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { TARGETS } from "./targets.mjs";

const FOLDER = "dist/browser";

const { metafile } = await build({
  entryPoints: ["dist/esm/index.js"],
  outfile: join(FOLDER, "dental-sync.js"),
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: Object.entries(TARGETS).map(([browser, version]) => browser + version),
  metafile: true,
  legalComments: "eof",
  banner: { js: "/*! With other people's packages in it: see LICENSES.txt */" },
});

// Their licences ask to be passed on, and none of them stands in a comment of the code.
const packages = new Set(Object.keys(metafile.inputs).flatMap((path) => path.match(/.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []));
const licenses = [...packages].sort().map((folder) => {
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} comes without its licence`);
  return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
});
writeFileSync(join(FOLDER, "LICENSES.txt"), licenses.join(`\n${"-".repeat(80)}\n\n`));
writeFileSync(join(FOLDER, "dental-sync.d.ts"), 'export * from "../esm/index.js";\n');
