import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { ButtonContext } from "react-aria-components/Button";
import { Message } from "../shared/Message";
import { useOffline } from "../shared/online";
import styles from "./Offline.module.css";

/** Around buttons that change something: without a connection they are disabled, and `OfflineNote` says why. */
export function WhileOnline({ children }: { children: ReactNode }) {
  const isDisabled = useOffline();
  return <ButtonContext value={{ isDisabled }}>{children}</ButtonContext>;
}

/** Last on a page that can be read without a connection: what is possible then, and when the rest is again. */
export function OfflineNote() {
  if (!useOffline()) return null;
  return (
    <div className={styles["note"]} data-offline-note="">
      <Message kind="info">
        <Trans>You are offline. You can read what was seen here; it can be changed again as soon as the connection is back.</Trans>
      </Message>
    </div>
  );
}
