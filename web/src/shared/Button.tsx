import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaProps } from "react-aria-components/Button";
import styles from "./Button.module.css";

export interface ButtonProps extends Omit<AriaProps, "className" | "style" | "children"> {
  /** `main` once on a page at most; `plain` beside others; `danger` for what takes something away. */
  look?: "main" | "plain" | "quiet" | "danger";
  size?: "usual" | "small";
  children: ReactNode;
}

/** A button; while it is pending it keeps its width and focus, and cannot be pressed again. */
export function Button({ look = "plain", size = "usual", children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={`${styles["button"]} ${styles[look]} ${styles[size]}`}>
      <span className={styles["label"]}>{children}</span>
    </AriaButton>
  );
}
