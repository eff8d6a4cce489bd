/** The path below which everything of this installation lies, such as `/dental`; empty at the root of a host. */
export const basePath = new URL(document.baseURI).pathname.replace(/\/+$/, "");

/** Where the API is. */
export const apiUrl = location.origin + basePath;

/** Whether another page shows this one in a frame. */
export const isFramed = window.parent !== window;


/** What the server has said in the document about its settings, by name; null where it has not. */
export function said(name: string): string | null {
  return document.querySelector(`meta[name=dental-sync-${name}]`)?.getAttribute("content") ?? null;
}

/** In demo mode everybody may know the accounts. */
export const isDemo = said("mode") === "demo";
