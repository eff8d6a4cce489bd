import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaProps } from "react-aria-components/Button";
import styles from "./Button.module.css";

export interface ButtonProps extends Omit<AriaProps, "className" | "style" | "children" | "isPending"> {
  /** `main` once on a page at most; `plain` beside others; `danger` for what takes something away. */
  look?: "main" | "plain" | "quiet" | "danger";
  size?: "usual" | "small";
  /** It waits for an answer: it keeps its width and focus, and pressing it does nothing. */
  isBusy?: boolean;
  children: ReactNode;
}

export function Button({ look = "plain", size = "usual", isBusy = false, onPress, children, ...props }: ButtonProps) {
  return (
    <AriaButton
      {...props}
      {...(onPress && !isBusy && { onPress })}
      data-busy={isBusy || undefined}
      className={`${styles["button"]} ${styles[look]} ${styles[size]}`}
    >
      <span className={styles["label"]}>{children}</span>
    </AriaButton>
  );
}
