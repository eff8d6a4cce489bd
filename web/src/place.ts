/** The path below which everything of this installation lies, such as `/dental`; empty at the root of a host. */
export const basePath = new URL(document.baseURI).pathname.replace(/\/+$/, "");

/** Where the API is. */
export const apiUrl = location.origin + basePath;

/** Whether another page shows this one in a frame. */
export const isFramed = window.parent !== window;

/** In demo mode everybody may know the accounts. */
export const isDemo = document.querySelector("meta[name=dental-sync-mode]")?.getAttribute("content") === "demo";
