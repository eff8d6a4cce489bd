// Drives a Chromium that runs already. Commands come as JSON lines on stdin, each is answered by a JSON line on stdout.
import { writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

let browser;
const pages = new Map();
const roads = new Map();

/** A way to the service, which can break as ways do. */
async function roadTo(port) {
  const open = new Set();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    const road = { near, far, isForgotten: false };
    open.add(road);
    near.on("data", (data) => road.isForgotten || far.write(data));
    far.on("data", (data) => near.write(data));
    for (const end of [near, far]) {
      end.on("error", () => {});
      end.on("close", () => {
        if (road.isForgotten) return;
        open.delete(road);
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    // A router that forgets its connections: the server's ends are closed, and the browser hears of nothing.
    forget() {
      for (const road of open) {
        road.isForgotten = true;
        road.far.destroy();
      }
    },
    close() {
      server.close();
      for (const { near, far } of open) {
        near.destroy();
        far.destroy();
      }
    },
  };
}

async function withSession(page, use) {
  const session = await page.context().newCDPSession(page);
  try {
    return await use(session);
  } finally {
    await session.detach().catch(() => {});
  }
}

const commands = {
  async connect({ address }) {
    // Its defaults keep every tab visible, whichever is in front.
    browser = await chromium.connectOverCDP(address, { noDefaults: true });
  },
  async open({ page }) {
    const context = browser.contexts()[0];
    const opened = { tab: await context.newPage(), errors: [], console: [], hasCrashed: false };
    opened.tab.on("pageerror", (error) => opened.errors.push(String(error.stack ?? error)));
    opened.tab.on("console", (message) => opened.console.push(message.text()));
    opened.tab.on("crash", () => (opened.hasCrashed = true));
    pages.set(page, opened);
  },
  /** From here on `frame` is what a frame of the page shows, wherever it comes from; its console is that of the page. */
  async enter({ page, selector, frame }) {
    const element = await pages.get(page).tab.waitForSelector(selector);
    pages.set(frame, { ...pages.get(page), tab: await element.contentFrame() });
  },
  goto: async ({ page, url }) => void (await pages.get(page).tab.goto(url)),
  goBack: async ({ page }) => void (await pages.get(page).tab.goBack()),
  click: ({ page, selector }) => pages.get(page).tab.click(selector),
  fill: ({ page, selector, text }) => pages.get(page).tab.fill(selector, text),
  press: ({ page, key }) => pages.get(page).tab.keyboard.press(key),
  type: ({ page, text }) => pages.get(page).tab.keyboard.type(text),
  clickAt: ({ page, at: [x, y] }) => pages.get(page).tab.mouse.click(x, y),
  /** Carries what is at one place to another one by the mouse. */
  async drag({ page, from, to }) {
    const { mouse } = pages.get(page).tab;
    await mouse.move(...from);
    await mouse.down();
    await mouse.move(...to, { steps: 6 });
    await mouse.up();
  },
  /** Carries something through places, one for each frame of a display, and puts it back. */
  async carry({ page, places }) {
    const { mouse } = pages.get(page).tab;
    await mouse.move(...places[0]);
    await mouse.down();
    for (const place of places) {
      const shown = new Promise((passed) => setTimeout(passed, 1000 / 60));
      await mouse.move(...place);
      await shown;
    }
    await pages.get(page).tab.keyboard.press("Escape");
    await mouse.up();
  },
  /** Notes what the browser does, from here to `stopTracing`, which says what it noted. */
  startTracing: ({ page, categories }) => browser.startTracing(pages.get(page).tab, { categories }),
  async stopTracing({ path }) {
    await writeFile(path, await browser.stopTracing());
  },
  /** A finger rests at one place for a while, goes to another one, and leaves. */
  touch: ({ page, from, to, restMs }) =>
    withSession(pages.get(page).tab, async (session) => {
      const send = (type, ...points) =>
        session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
      await send("touchStart", from);
      await new Promise((rested) => setTimeout(rested, restMs));
      const steps = 6;
      for (let step = 1; step <= steps; step += 1) {
        await send("touchMove", from.map((start, axis) => start + ((to[axis] - start) * step) / steps));
      }
      await send("touchEnd");
    }),
  evaluate: ({ page, expression }) => pages.get(page).tab.evaluate(expression),
  bringToFront: ({ page }) => pages.get(page).tab.bringToFront(),
  setOffline: ({ offline }) => browser.contexts()[0].setOffline(offline),
  /** `colorScheme`, `reducedMotion`, `media` and the like, as Playwright names them. */
  emulate: ({ page, media }) => pages.get(page).tab.emulateMedia(media),
  resize: ({ page, width, height }) => pages.get(page).tab.setViewportSize({ width, height }),
  screenshot: async ({ page, path }) => void (await pages.get(page).tab.screenshot({ path, fullPage: true })),
  send: ({ page, method, params }) => withSession(pages.get(page).tab, (session) => session.send(method, params)),
  /** The zone of the page's clock, as long as it is open: it would end with a session that is left. */
  async setZone({ page, zone }) {
    const { tab } = pages.get(page);
    const session = await tab.context().newCDPSession(tab);
    await session.send("Emulation.setTimezoneOverride", { timezoneId: zone });
  },
  /** It is not answered: who should answer has crashed. */
  async crash({ page }) {
    const opened = pages.get(page);
    const session = await opened.tab.context().newCDPSession(opened.tab);
    session.send("Page.crash").catch(() => {});
  },
  describe({ page }) {
    const { errors, console, hasCrashed } = pages.get(page);
    return { errors, console, hasCrashed };
  },
  /** Run a script in every document of the page, before its own. */
  prepare: async ({ page, script }) => void (await pages.get(page).tab.addInitScript(script)),
  close: ({ page }) => pages.get(page).tab.close(),
  async tidy() {
    await browser.contexts()[0].setOffline(false);
    // One tab stays, or the window would close.
    const blank = await browser.contexts()[0].newPage();
    for (const tab of browser.contexts()[0].pages()) if (tab !== blank) await tab.close();
    // The port of a road is given to a later one before long: who signed in there would still be so.
    await withSession(blank, async (session) => {
      for (const { url } of roads.values()) {
        await session.send("Storage.clearDataForOrigin", { origin: url, storageTypes: "all" });
      }
    });
    for (const road of roads.values()) road.close();
    pages.clear();
    roads.clear();
  },
  async road({ road, port }) {
    roads.set(road, await roadTo(port));
    return roads.get(road).url;
  },
  forget: ({ road }) => roads.get(road).forget(),
};

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  const { client, call, name, payload: [payload] } = JSON.parse(line);
  let outcome;
  try {
    outcome = { value: (await commands[name](payload)) ?? null };
  } catch (error) {
    outcome = { error: String(error.stack ?? error) };
  }
  process.stdout.write(JSON.stringify({ client, kind: "answer", call, answer: [outcome] }) + "\n");
});
lines.on("close", () => process.exit(0));
