import type { ReactNode } from "react";
import styles from "./Rows.module.css";

interface RowsProps {
  label: string;
  /** What is shown is of the question before. */
  isBusy?: boolean;
  children: ReactNode;
}

/** A list of records. */
export function Rows({ label, isBusy = false, children }: RowsProps) {
  return (
    <ul className={styles["rows"]} aria-label={label} aria-busy={isBusy}>
      {children}
    </ul>
  );
}

interface RowProps {
  id: string;
  name: string;
  facts: string;
  /** What is not as usual about it. */
  mark?: string | undefined;
}

export function Row({ id, name, facts, mark }: RowProps) {
  return (
    <li className={styles["row"]} data-record-id={id}>
      <span className={styles["name"]}>{name}</span>
      {mark !== undefined && <span className={styles["mark"]}>{mark}</span>}
      <span className={styles["facts"]}>{facts}</span>
    </li>
  );
}
