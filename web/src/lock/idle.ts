import { basePath } from "../place";

/** What the tabs of a browser tell each other: when the desk was touched last, or that it is locked. */
const KEY = `dental-sync touched ${basePath}`;
const LOCKED = "locked";
/** Where the browser keeps nothing each tab is for itself. */
let own: string | null = null;

/** Whether a desk is locked of which this was told; of which nothing is told stays as it is. */
export function isLocked(told: string | null, now: number, afterMs: number): boolean | null {
  if (told === null) return null;
  return told === LOCKED || now - Number(told) >= afterMs;
}

export function told(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return own;
  }
}

/** Somebody is there. */
export function tellTouched(): void {
  tell(String(Date.now()));
}

export function tellLocked(): void {
  tell(LOCKED);
}

/** Nobody is signed in any more: there is nothing to lock. */
export function tellNothing(): void {
  tell(null);
}

function tell(what: string | null): void {
  own = what;
  try {
    if (what === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, what);
  } catch {
    // Kept in `own`.
  }
}
