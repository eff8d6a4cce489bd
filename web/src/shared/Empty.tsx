import type { ReactNode } from "react";
import styles from "./Empty.module.css";

/** Where there is nothing to show: says so, and what to do next. */
export function Empty({ title, level: Heading = "h1", children }: { title: ReactNode; level?: "h1" | "h2"; children: ReactNode }) {
  return (
    <section className={styles["empty"]}>
      <Heading className={styles["title"]}>{title}</Heading>
      {children}
    </section>
  );
}
