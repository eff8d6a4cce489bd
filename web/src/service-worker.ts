/// <reference lib="webworker" />

/** What the build says of itself; put before this script when it is made (`tools/finish.mjs`). */
interface Build {
  version: string;
  /** The script that the document of this build begins with. */
  entry: string;
  /** All files of the build, relative to where the pages lie. */
  files: string[];
}

declare const self: ServiceWorkerGlobalScope & { build: Build };

const { version, entry, files } = self.build;
/** Where the pages lie, such as `https://practice.example/dental/`: also the address under which their document is kept. */
const root = self.registration.scope;
const PREFIX = `dental-sync pages of ${root} `;
const OURS = PREFIX + version;
const WITHIN_MS = 5_000;
// What answers there in place of the practice's server while that is away.
const AWAY = new Set([502, 503, 504]);

self.addEventListener("install", (event) => {
  event.waitUntil(keepBuild().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOlder().then(() => self.clients.claim()));
});

// Pages and files alone: what the API answers is never kept here.
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(root)) return;
  const path = request.url.slice(root.length);
  if (path.startsWith("assets/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && !/^(api|socket\.io)\b/.test(path)) event.respondWith(page(event));
});

/** The whole build, or nothing of it: a document of another release would ask for files that are not here. */
async function keepBuild(): Promise<void> {
  const build = await caches.open(OURS);
  await build.addAll(files);
  if (!(await keepDocument())) throw new Error("the document is of another release");
}

/** Keeps the document as it is now, where it is this build's: it also says what the practice has set. */
async function keepDocument(): Promise<boolean> {
  const answer = await fetch(root);
  const isOurs = answer.ok && (await answer.clone().text()).includes(entry);
  if (isOurs) await (await caches.open(OURS)).put(root, answer);
  return isOurs;
}

/** The build before stays: a page that was opened with it may still ask for its files. */
async function dropOlder(): Promise<void> {
  const builds = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  await Promise.all(builds.slice(0, -2).map((name) => caches.delete(name)));
}

/** A file's name changes with its content. */
async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** The document as it is now, and the kept one where there is no answer. */
async function page(event: FetchEvent): Promise<Response> {
  const kept = await (await caches.open(OURS)).match(root);
  const asked = fetch(event.request);
  if (kept === undefined) return asked;
  event.waitUntil(asked.then(keepDocument).catch(() => {}));
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), WITHIN_MS));
  const answer = await Promise.race([asked, late]).catch(() => null);
  return answer === null || AWAY.has(answer.status) ? kept : answer;
}
