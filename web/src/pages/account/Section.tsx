import { type ReactNode, useId } from "react";
import styles from "./Account.module.css";

interface SectionProps {
  title: ReactNode;
  children: ReactNode;
}

/** One matter of an account. */
export function Section({ title, children }: SectionProps) {
  const id = useId();
  return (
    <section className={styles["section"]} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
