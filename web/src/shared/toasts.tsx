import { Trans, useLingui } from "@lingui/react/macro";
import {
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components/Toast";
import { Text } from "react-aria-components/Text";
import { Button } from "./Button";
import { Icon } from "./Icon";
import styles from "./toasts.module.css";

interface Told {
  kind: "done" | "refused";
  text: string;
  /** Takes back what was done; the toast goes when it is pressed. */
  undo?: () => void;
}

const TO_UNDO_MS = 20_000;
const TO_READ_MS = 10_000;

// The newest alone: what it offers to undo is what was done last.
const queue = new ToastQueue<Told>({ maxVisibleToasts: 1 });

/** Says what was done, and for a while how to take it back. It waits while it is pointed at or has the focus. */
export function toast(told: Told): void {
  queue.add(told, { timeout: told.undo ? TO_UNDO_MS : TO_READ_MS });
}

/** Where toasts appear; a page that gives any has one. */
export function Toasts() {
  const { t } = useLingui();
  return (
    <ToastRegion queue={queue} aria-label={t`Messages`} className={styles["region"] ?? ""}>
      {({ toast }) => (
        <Toast toast={toast} className={`${styles["toast"]} ${styles[toast.content.kind]}`}>
          <ToastContent className={styles["content"] ?? ""}>
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          {toast.content.undo && (
            <Button
              size="small"
              onPress={() => {
                toast.content.undo?.();
                queue.close(toast.key);
              }}
            >
              <Trans>Undo</Trans>
            </Button>
          )}
          <Button size="small" look="quiet" slot="close" aria-label={t`Close`}>
            <Icon name="cross" />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}
