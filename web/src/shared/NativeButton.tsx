import type { ButtonHTMLAttributes } from "react";
import styles from "./Button.module.css";

/** A small button as the browser has it, for what is around every page: the other one is loaded where a page needs it. */
export function NativeButton(props: ButtonHTMLAttributes<HTMLButtonElement>) {
  return <button type="button" {...props} className={`${styles["button"]} ${styles["plain"]} ${styles["small"]}`} />;
}
