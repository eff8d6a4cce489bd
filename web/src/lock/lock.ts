import type { Account } from "@dental-sync/client";
import { alsoSpeak } from "../words/language";
import { cover, isCovered, uncover, uncoverWithNextPage } from "./cover";
import { isLocked, tellLocked, tellTouched, told } from "./idle";

const TOUCHES = ["keydown", "pointerdown", "pointermove", "wheel"] as const;
const TELL_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 1_000;

/** Covers the page when nobody has touched any tab of this browser for so long; returns what ends that. */
export async function lockAfter(afterMs: number, account: Account): Promise<() => void> {
  await alsoSpeak("accounts");
  let toldAt = 0;

  function look(): void {
    const locked = isLocked(told(), Date.now(), afterMs);
    if (locked === null) return;
    if (!locked) uncover();
    else if (!isCovered()) {
      tellLocked();
      cover(account);
    }
  }

  function touched(): void {
    // Whoever wakes a machine that slept has to unlock it first.
    look();
    if (isCovered() || Date.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = Date.now();
    tellTouched();
  }

  if (told() === null) tellTouched();
  look();
  // Before anything in the page can keep it for itself.
  for (const touch of TOUCHES) window.addEventListener(touch, touched, { capture: true, passive: true });
  window.addEventListener("storage", look);
  document.addEventListener("visibilitychange", look);
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    for (const touch of TOUCHES) window.removeEventListener(touch, touched, { capture: true });
    window.removeEventListener("storage", look);
    document.removeEventListener("visibilitychange", look);
    clearInterval(timer);
    uncoverWithNextPage();
  };
}
