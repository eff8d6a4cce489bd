import type { ReactNode } from "react";
import styles from "./Asking.module.css";

/** A page that asks for one thing. */
export function Asking({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className={styles["asking"]}>
      <h1>{title}</h1>
      {children}
    </section>
  );
}
