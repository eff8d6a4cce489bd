import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import { Icon } from "../../shared/Icon";
import styles from "./Rows.module.css";

interface RowsProps {
  label: string;
  /** What is shown is of the question before. */
  isBusy?: boolean;
  children: ReactNode;
}

/** A list of records, each of which can be opened. */
export function Rows({ label, isBusy = false, children }: RowsProps) {
  return (
    <ul className={styles["rows"]} aria-label={label} aria-busy={isBusy}>
      {children}
    </ul>
  );
}

interface RowProps {
  /** It opens as `?id=`. */
  id: string;
  name: string;
  /** What else is shown of it, in their order. */
  facts: readonly ReactNode[];
  /** What is not as usual about it. */
  mark?: string | undefined;
}

export function Row({ id, name, facts, mark }: RowProps) {
  return (
    <li className={styles["row"]}>
      <Link from="/admin" to="/admin" search={(now) => ({ ...now, id })} className={styles["link"]} data-record-id={id}>
        <span className={styles["name"]}>{name}</span>
        {mark !== undefined && <span className={styles["mark"]}>{mark}</span>}
        <span className={styles["facts"]}>
          {facts.map((fact, index) => (
            <Fragment key={index}>
              {index > 0 && " · "}
              {fact}
            </Fragment>
          ))}
        </span>
      </Link>
    </li>
  );
}

interface OpenedProps {
  /** What the list is called that it is in. */
  back: ReactNode;
  /** What it is called; nothing until it is known. */
  title: ReactNode;
  mark?: string | undefined;
  children: ReactNode;
}

/** One record that was opened, and the way back to the list. */
export function Opened({ back, title, mark, children }: OpenedProps) {
  return (
    <div className={styles["record"]}>
      <Link from="/admin" to="/admin" search={({ id: _, ...rest }) => rest} className={styles["back"]}>
        <Icon name="back" />
        {back}
      </Link>
      <div className={styles["title"]}>
        <h2>{title}</h2>
        {mark !== undefined && <span className={styles["mark"]}>{mark}</span>}
      </div>
      {children}
    </div>
  );
}
