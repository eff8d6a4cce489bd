import { type ReactNode, useState } from "react";
import more from "../shared/More.module.css";
import styles from "./Notes.module.css";

interface FoldProps {
  summary: ReactNode;
  /** Whether it is open at first. */
  isOpen?: boolean;
  /** Is made when it is opened: what it shows is asked for no earlier. */
  children: () => ReactNode;
}

/** What is not always wanted, behind a line that opens it. */
export function Fold({ summary, isOpen: isOpenAtFirst = false, children }: FoldProps) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  return (
    <details
      className={more["more"]}
      open={isOpen}
      data-print="none"
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary className={more["summary"]}>{summary}</summary>
      {isOpen && <div className={styles["fold"]}>{children()}</div>}
    </details>
  );
}
