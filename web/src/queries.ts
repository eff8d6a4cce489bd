import { QueryClient } from "@tanstack/react-query";

/** What was fetched; emptied when somebody signs in or out. */
export const queries = new QueryClient({
  // The client package tries again by itself, as long as there is hope.
  defaultOptions: { queries: { retry: false, networkMode: "always", refetchOnWindowFocus: false } },
});
