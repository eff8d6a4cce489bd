import type { ReactNode } from "react";
import styles from "./Part.module.css";

interface PartProps {
  title: ReactNode;
  /** What it is about, where the title does not say it. */
  lead?: ReactNode;
  children: ReactNode;
}

/** Fields that belong together. */
export function Part({ title, lead, children }: PartProps) {
  return (
    <section className={styles["part"]}>
      <header className={styles["head"]}>
        <h2>{title}</h2>
        {lead !== undefined && <p className={styles["lead"]}>{lead}</p>}
      </header>
      <div className={styles["fields"]}>{children}</div>
    </section>
  );
}

/** Fields beside each other where there is room. */
export function Beside({ children }: { children: ReactNode }) {
  return <div className={styles["beside"]}>{children}</div>;
}
