/**
 * Where Dental Sync lies: the origin, and the path before `/api` where it lies behind one (`/dental`), without a slash
 * at its end. Throws TypeError for what is no address.
 */
export function placeOf(url: string): { origin: string; path: string } {
  let parsed: URL;
  try {
    parsed = new URL(url, globalThis.location?.href);
  } catch {
    throw new TypeError(`url says where Dental Sync is, such as "https://practice.example/dental"; ${JSON.stringify(url)} is no address`);
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new TypeError(`url begins with http:// or https://; ${JSON.stringify(url)} does not`);
  }
  return { origin: parsed.origin, path: parsed.pathname.replace(/\/+$/, "") };
}

/** The same in one text, to which `/api/…` is added. */
export function rootOf(url: string): string {
  const { origin, path } = placeOf(url);
  return origin + path;
}
