import type { Account } from "@dental-sync/client";
import { type Root, createRoot } from "react-dom/client";
import { router } from "../routes";
import { Worded } from "../words/Worded";
import { Lock } from "./Lock";
import "./cover.css";

interface Cover {
  place: HTMLElement;
  root: Root;
  /** What had the focus, and what the window was called. */
  focused: Element | null;
  title: string;
}

let shown: Cover | null = null;
let endWaiting = (): void => {};

export function isCovered(): boolean {
  return shown !== null;
}

/**
 * Shows the lock in place of everything in the page, dialogs too: it stays as it is, and is neither seen, heard nor
 * reached by keys.
 */
export function cover(account: Account): void {
  endWaiting();
  const place = document.createElement("div");
  place.id = "lock";
  // A dialog that is open leaves it alone.
  place.dataset["reactAriaTopLayer"] = "true";
  document.body.append(place);
  shown = { place, root: createRoot(place), focused: document.activeElement, title: document.title };
  document.documentElement.toggleAttribute("data-locked", true);
  shown.root.render(
    <Worded>
      <Lock account={account} />
    </Worded>,
  );
}

export function uncover(): void {
  endWaiting();
  if (shown === null) return;
  const { place, root, focused, title } = shown;
  shown = null;
  root.unmount();
  place.remove();
  document.documentElement.toggleAttribute("data-locked", false);
  document.title = title;
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
}

/** Once the page of who was signed in has gone, and not before. */
export function uncoverWithNextPage(): void {
  if (shown !== null) endWaiting = router.subscribe("onResolved", uncover);
}
