import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { lent } from "./lent";
import { isFramed } from "./place";
import { queries } from "./queries";
import { router } from "./routes";
import { open } from "./session";
import { Worded } from "./words/Worded";
import { asLanguage, speak } from "./words/language";
import "./styles/index.css";

const RELOADED = "dental-sync reloaded at";
const SELDOM_MS = 60_000;

// A page that was opened before the last release looks for files that are gone; loaded anew it finds the new ones. Once: what
// is missing then stays missing, and the page says so.
window.addEventListener("vite:preloadError", () => {
  const now = Date.now();
  if (now - Number(sessionStorage.getItem(RELOADED)) < SELDOM_MS) return;
  sessionStorage.setItem(RELOADED, String(now));
  location.reload();
});

async function start(): Promise<void> {
  const wanted = asLanguage(new URLSearchParams(location.search).get("lang"));
  await Promise.all([open(), speak(wanted)]);
  createRoot(document.getElementById("root") as HTMLElement).render(
    <StrictMode>
      <Worded>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </Worded>
    </StrictMode>,
  );
}

document.documentElement.toggleAttribute("data-framed", isFramed);
// The frames of the demo have a height of their own.
if (isFramed && lent === null) void import("./framed");

// Not awaited here: what is loaded meanwhile may import from this module, and would wait for its end.
void start();
