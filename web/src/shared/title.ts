import { useEffect } from "react";

/** Names the page, in the browser's tab and for screen readers. */
export function useTitle(words: string): void {
  useEffect(() => {
    document.title = `${words} · Dental Sync`;
  }, [words]);
}
