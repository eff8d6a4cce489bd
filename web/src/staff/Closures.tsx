import { Trans, useLingui } from "@lingui/react/macro";
import { Message } from "../shared/Message";
import { Waiting } from "../shared/Waiting";
import { Absences } from "./Absences";
import { useClosures } from "./closing";
import { inStaffWords } from "./refusals";

interface ClosuresProps {
  /** The practice's. */
  zone: string;
  now: Date;
  /** A link to a day on the sheet is followed: what lies over it can close. */
  onLeave?: () => void;
}

/**
 * When the whole practice is closed, from now on: listed, entered, changed and taken back by the front desk. Whatever page
 * shows it has `useGroundChanges()`, by which it is live, and `<Toasts />`: `<Closures zone={practice.timeZone} now={useNow()} />`.
 */
export function Closures({ zone, now, onLeave }: ClosuresProps) {
  const { t } = useLingui();
  const { closures, error, enter, change, remove } = useClosures(zone);
  if (error) return <Message kind="danger">{inStaffWords(error)}</Message>;
  if (closures === undefined) return <Waiting />;
  return (
    <Absences
      title={null}
      label={t`Closures of the practice`}
      action={<Trans>Enter a closure</Trans>}
      none={<Trans>No closure ahead.</Trans>}
      reasonHint={t`Patients may be shown it.`}
      whose={null}
      zone={zone}
      now={now}
      absences={closures}
      onEnter={enter}
      onChange={change}
      onRemove={(closure) => void remove(closure)}
      onLeave={onLeave}
    />
  );
}
