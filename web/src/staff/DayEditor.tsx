import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useRef } from "react";
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
  const row = useRef<HTMLLIElement>(null);
  // Whoever uses keys goes on from what was added, and from beside what was removed.
  const focus = (part: string) => setTimeout(() => [...(row.current?.querySelectorAll<HTMLElement>(part) ?? [])].at(-1)?.focus());
  return (
    <li ref={row} className={styles["day"]}>
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
            onRemove={() => {
              onChange(openings.filter(({ key }) => key !== each.key));
              focus("[data-add]");
            }}
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
          data-add=""
          onPress={() => {
            onChange([...openings, guessed(openings)]);
            focus("[data-opening] [data-type=hour]");
          }}
        >
          <Icon name="plus" />
          <Trans>Time</Trans>
        </Button>
        {copy}
      </div>
    </li>
  );
}
