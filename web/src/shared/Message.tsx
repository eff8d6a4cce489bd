import type { ReactNode } from "react";
import styles from "./Message.module.css";

const MARKS = { info: "i", danger: "!" } as const;

/** One sentence that somebody has to read: what happened, and what to do next. */
export function Message({ kind, children }: { kind: "info" | "danger"; children: ReactNode }) {
  return (
    <div className={`${styles["message"]} ${styles[kind]}`} role={kind === "danger" ? "alert" : "status"}>
      <span className={styles["mark"]} aria-hidden="true">
        {MARKS[kind]}
      </span>
      <div>{children}</div>
    </div>
  );
}
