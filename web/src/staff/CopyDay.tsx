import { Trans, useLingui } from "@lingui/react/macro";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { Button } from "../shared/Button";
import styles from "./Hours.module.css";
import { WEEKDAYS } from "./hours";
import { weekdayNames } from "./said";

interface CopyDayProps {
  weekday: number;
  /** The days that get the same hours. */
  onCopy: (others: number[]) => void;
}

const LAST_OF_WORK = 5;

/** Gives other days the hours of this one. */
export function CopyDay({ weekday, onCopy }: CopyDayProps) {
  const { t } = useLingui();
  const names = weekdayNames();
  const name = names[weekday - 1] ?? "";
  const [first = "", fifth = ""] = [names[0], names[LAST_OF_WORK - 1]];
  const days: [string, string, number[]][] = [
    ["work", t`${first} to ${fifth}`, WEEKDAYS.filter((each) => each <= LAST_OF_WORK)],
    ["all", t`Every day`, [...WEEKDAYS]],
    ...WEEKDAYS.filter((each) => each !== weekday).map((each): [string, string, number[]] => [
      String(each),
      names[each - 1] ?? "",
      [each],
    ]),
  ];
  return (
    <MenuTrigger>
      <Button size="small" look="quiet" aria-label={t`Copy: ${name}`}>
        <Trans>Copy</Trans>
      </Button>
      <Popover className={styles["popover"] ?? ""}>
        <Menu className={styles["menu"] ?? ""} aria-label={t`Copy ${name} to`}>
          {days.map(([key, words, others]) => (
            <MenuItem key={key} id={key} className={styles["item"] ?? ""} onAction={() => onCopy(others)}>
              {words}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
