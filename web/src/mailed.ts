import { basePath } from "./place";

/** Those to which mails and slips of paper link, with a code behind the `#`. */
export type CodePage = "/password" | "/address" | "/invitation";

const PAGES: readonly CodePage[] = ["/password", "/address", "/invitation"];

/**
 * Takes the code of a link out of the address, so that it stays in no history, and keeps it for this tab: it is there
 * after signing in, too. Call it before anything else reads the address. Returns whether there was one.
 */
export function takeCode(): boolean {
  const page = PAGES.find((path) => location.pathname === basePath + path);
  const code = location.hash.slice(1);
  if (page === undefined || code === "") return false;
  history.replaceState(history.state, "", location.pathname + location.search);
  storage()?.setItem(keyOf(page), code);
  return true;
}

/** A page that is open is asked for with another code: it begins anew. */
export function watchCodes(): void {
  window.addEventListener("hashchange", () => takeCode() && location.reload());
}

/** The code with which the page was opened; empty where there is none. */
export function codeOf(page: CodePage): string {
  return storage()?.getItem(keyOf(page)) ?? "";
}

/** It has done what it was for. */
export function forget(page: CodePage): void {
  storage()?.removeItem(keyOf(page));
}

/** Null where the browser keeps nothing: there the code is typed. */
function storage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function keyOf(page: CodePage): string {
  return `dental-sync code ${page}`;
}
