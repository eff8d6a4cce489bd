import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Message } from "../shared/Message";
import { Waiting } from "../shared/Waiting";
import type { Dentist } from "../sheet/ground";
import { type Absence, Absences } from "./Absences";
import { inStaffWords } from "./refusals";
import { useTimeOff } from "./timeOff";

interface TimeOffProps {
  dentist: Dentist;
  now: Date;
  /** What can be done about the appointments that are still booked in one, such as handing them over. */
  beside?: (absence: Absence) => ReactNode;
  /** A link to a day on the sheet is followed: what lies over it can close. */
  onLeave?: () => void;
}

/**
 * When a dentist is away, from now on: listed, entered and taken back by that dentist and the front desk. Whatever page shows
 * it has `useGroundChanges()`, by which it is live, and `<Toasts />`: `<TimeOff key={dentist.id} dentist={dentist} now={useNow()} />`.
 */
export function TimeOff({ dentist, now, beside, onLeave }: TimeOffProps) {
  const { t } = useLingui();
  const { absences, error, enter, remove } = useTimeOff(dentist);
  if (error) return <Message kind="danger">{inStaffWords(error)}</Message>;
  if (absences === undefined) return <Waiting />;
  return (
    <Absences
      title={<Trans>Time off</Trans>}
      label={t`Time off: ${dentist.name}`}
      action={<Trans>Enter time off</Trans>}
      none={<Trans>No time off ahead.</Trans>}
      reasonHint={t`For this dentist and the front desk; patients do not see it.`}
      whose={dentist}
      zone={dentist.timeZone}
      now={now}
      absences={absences}
      onEnter={enter}
      onRemove={(absence) => void remove(absence)}
      beside={beside}
      onLeave={onLeave}
    />
  );
}
