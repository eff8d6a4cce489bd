import { type ReactNode, useEffect, useRef } from "react";
import { Message } from "../../shared/Message";
import styles from "./Codes.module.css";

/** In place of the form that was sent: what came of it, where whoever uses keys or listens goes on, and the way from here. */
export function Done({ message, children }: { message: ReactNode; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <div ref={place} className={styles["done"]} tabIndex={-1}>
      <Message kind="info">{message}</Message>
      {children}
    </div>
  );
}
