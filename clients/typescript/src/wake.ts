import type { Clock } from "./clock.js";

/** Tells that nothing is certain any more, and whether that is because of another network; returns what ends it. */
export type WatchWake = (clock: Clock, wake: (isOtherNetwork: boolean) => void) => () => void;

const TICK_MS = 2_000;
// Later than this is no busy machine but one that slept, or a tab that was frozen.
const LATE_MS = 5_000;

/** A machine that slept, a tab that was frozen or hidden, a network that went or came. In Node only the first. */
export const watchWake: WatchWake = (clock, wake) => {
  let cancel = (): void => {};
  const tick = (): void => {
    const due = clock.now() + TICK_MS;
    cancel = clock.later(TICK_MS, () => {
      const isLate = clock.now() - due > LATE_MS;
      tick();
      if (isLate) wake(false);
    });
  };
  tick();
  const ends = [
    // The old connection is one of the old network's.
    listen(globalThis.window, "online", () => wake(true)),
    listen(globalThis.window, "offline", () => wake(false)),
    listen(globalThis.window, "pageshow", (event) => {
      if ((event as PageTransitionEvent).persisted) wake(false);
    }),
    listen(globalThis.document, "resume", () => wake(false)),
    listen(globalThis.document, "visibilitychange", () => {
      if (document.visibilityState === "visible") wake(false);
    }),
  ];
  return () => {
    cancel();
    for (const end of ends) end();
  };
};

function listen(target: EventTarget | undefined, event: string, listener: (event: Event) => void): () => void {
  target?.addEventListener(event, listener);
  return () => target?.removeEventListener(event, listener);
}
