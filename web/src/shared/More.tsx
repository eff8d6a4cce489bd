import { type ReactNode, useRef } from "react";
import styles from "./More.module.css";

interface MoreProps {
  summary: ReactNode;
  children: (close: () => void) => ReactNode;
}

/** What is seldom needed, behind a line that opens it; closing it leaves the focus on that line. */
export function More({ summary, children }: MoreProps) {
  const details = useRef<HTMLDetailsElement>(null);

  function close(): void {
    if (details.current === null) return;
    details.current.open = false;
    details.current.querySelector("summary")?.focus();
  }

  return (
    <details ref={details} className={styles["more"]} data-print="none">
      <summary className={styles["summary"]}>{summary}</summary>
      <div className={styles["content"]}>{children(close)}</div>
    </details>
  );
}
