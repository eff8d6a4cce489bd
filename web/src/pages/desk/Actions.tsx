import { Trans } from "@lingui/react/macro";
import { Button } from "../../shared/Button";
import styles from "./Desk.module.css";

interface ActionsProps {
  onAway: () => void;
  onHandOver: () => void;
  /** On today's sheet. */
  onEmergency: (() => void) | undefined;
}

/** What is begun for the practice and not at a time of the sheet. */
export function Actions({ onAway, onHandOver, onEmergency }: ActionsProps) {
  return (
    <div className={styles["tools"]}>
      <Button size="small" data-open-away="" onPress={onAway}>
        <Trans>Away …</Trans>
      </Button>
      <Button size="small" onPress={onHandOver}>
        <Trans>Hand over …</Trans>
      </Button>
      {onEmergency && (
        <Button size="small" data-next-gap="" onPress={onEmergency}>
          <Trans>Emergency: next 20 minutes</Trans>
        </Button>
      )}
    </div>
  );
}
