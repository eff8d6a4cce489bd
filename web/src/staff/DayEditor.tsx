import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Button } from "../shared/Button";
import { Icon } from "../shared/Icon";
import styles from "./Hours.module.css";
import { type Opening, guessed, overlap } from "./hours";
import { Times } from "./Times";

interface DayEditorProps {
  name: string;
  openings: Opening[];
  onChange: (openings: Opening[]) => void;
  copy: ReactNode;
}

/** The openings of a weekday: several, or none. */
export function DayEditor({ name, openings, onChange, copy }: DayEditorProps) {
  const { t } = useLingui();
  return (
    <li className={styles["day"]}>
      <h4 className={styles["name"]}>{name}</h4>
      <div className={styles["openings"]}>
        {openings.length === 0 && (
          <p className={styles["none"]}>
            <Trans>Not there</Trans>
          </p>
        )}
        {openings.map((each, index) => (
          <Times
            key={each.key}
            name={openings.length === 1 ? name : `${name} ${index + 1}`}
            opening={each}
            onChange={(changed) => onChange(openings.map((one) => (one.key === each.key ? { ...one, ...changed } : one)))}
            onRemove={() => onChange(openings.filter(({ key }) => key !== each.key))}
          />
        ))}
        {overlap(openings) && (
          <p className={styles["hint"]}>
            <Trans>These times overlap; what they share counts once.</Trans>
          </p>
        )}
      </div>
      <div className={styles["tools"]}>
        <Button
          size="small"
          look="quiet"
          aria-label={t`Add a time: ${name}`}
          onPress={() => onChange([...openings, guessed(openings)])}
        >
          <Icon name="plus" />
          <Trans>Time</Trans>
        </Button>
        {copy}
      </div>
    </li>
  );
}
