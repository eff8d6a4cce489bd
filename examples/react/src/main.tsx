import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./style.css";
import { begin, session } from "./sync";

const account = await session.account();
if (account !== null) begin();

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <App signedIn={account} />
    </QueryClientProvider>
  </StrictMode>,
);
