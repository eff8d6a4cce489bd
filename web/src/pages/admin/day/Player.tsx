import { Trans, useLingui } from "@lingui/react/macro";
import { useRef } from "react";
import { Button } from "../../../shared/Button";
import { Icon } from "../../../shared/Icon";
import styles from "./Player.module.css";
import { usePlaying } from "./playing";

interface PlayerProps {
  /** How many changes there are, and how many of them have happened in what is shown. */
  count: number;
  value: number;
  /** When what is shown was so, in words. */
  moment: string;
  /** When the first of the changes happened, in words. */
  beginning: string;
  onGo: (value: number) => void;
}

/** Goes through the changes of a day: by a slider, step by step, or by itself. */
export function Player({ count, value, moment, beginning, onGo }: PlayerProps) {
  const { t } = useLingui();
  const slider = useRef<HTMLInputElement>(null);
  const isLive = value === count;
  const { isPlaying, setPlaying } = usePlaying(isLive, () => onGo(Math.min(value + 1, count)));

  function play(): void {
    // From the beginning, where there is nothing left.
    if (!isPlaying && isLive) onGo(0);
    setPlaying(!isPlaying);
  }
  function go(next: number): void {
    setPlaying(false);
    onGo(next);
  }
  function press(next: number): void {
    go(next);
    // The button can be pressed no more, and would lose the focus to nothing.
    if (next === 0 || next === count) slider.current?.focus();
  }

  return (
    <section className={styles["player"]} aria-label={t`Time`} data-live={isLive || undefined}>
      <div className={styles["bar"]}>
        <p className={styles["moment"]}>
          <strong className={styles["when"]} data-moment="">
            {moment}
          </strong>
          {count > 0 && (
            <span className={styles["count"]}>
              <Trans>
                Change {value} of {count}
              </Trans>
            </span>
          )}
        </p>
        <div className={styles["controls"]}>
          <Button size="small" isDisabled={value === 0} onPress={() => press(value - 1)}>
            <Icon name="back" />
            <Trans>Previous change</Trans>
          </Button>
          <Button size="small" look="main" isDisabled={count === 0} onPress={play}>
            {isPlaying ? <Trans>Pause</Trans> : <Trans>Play</Trans>}
          </Button>
          <Button size="small" isDisabled={isLive} onPress={() => press(value + 1)}>
            <Trans>Next change</Trans>
            <Icon name="arrow" />
          </Button>
          <Button size="small" look="quiet" isDisabled={isLive} onPress={() => press(count)}>
            <Trans>As it is now</Trans>
          </Button>
        </div>
      </div>
      <input
        ref={slider}
        type="range"
        className={styles["slider"]}
        aria-label={t`Change`}
        aria-valuetext={moment}
        aria-keyshortcuts="Space"
        min={0}
        max={Math.max(count, 1)}
        value={count === 0 ? 1 : value}
        disabled={count === 0}
        onChange={({ target }) => go(Number(target.value))}
        onKeyDown={(event) => {
          if (event.key !== " ") return;
          event.preventDefault();
          play();
        }}
      />
      <div className={styles["ends"]} aria-hidden="true">
        <span>{beginning}</span>
        <span className={styles["live"]}>
          <Trans>Live</Trans>
        </span>
      </div>
    </section>
  );
}
