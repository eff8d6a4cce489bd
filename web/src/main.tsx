import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./queries";
import { router } from "./routes";
import { open } from "./session";
import { Worded } from "./words/Worded";
import "./styles/index.css";

// A page that was opened before the last release looks for files that are gone; loaded anew it finds the new ones.
window.addEventListener("vite:preloadError", () => location.reload());

await open();
createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <Worded>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Worded>
  </StrictMode>,
);
