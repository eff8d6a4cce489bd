import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";
import styles from "./Button.module.css";

interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  look?: "main" | "plain" | "quiet";
  size?: "usual" | "small";
  ref?: Ref<HTMLAnchorElement>;
}

function Anchor({ look = "plain", size = "usual", className = "", ...props }: AnchorProps) {
  return <a {...props} className={`${styles["button"]} ${styles[look]} ${styles[size]} ${className}`} />;
}

/** A link to another page that looks like a button. */
export const ButtonLink = createLink(Anchor);
