import { Trans, useLingui } from "@lingui/react/macro";
import { Message } from "../shared/Message";
import { dayOf, timeOf } from "../shared/times";
import { useHiddenDrafts } from "./drafts";
import { ToDay } from "./ToDay";

/** Notes that were typed, not saved, and are on the screen no more: the way back to each. */
export function Unsaved({ zone }: { zone: string }) {
  const { t } = useLingui();
  const drafts = useHiddenDrafts();
  if (drafts.length === 0) return null;
  return (
    <Message kind="info">
      <Trans>Notes that are not saved yet:</Trans>
      <ul aria-label={t`Notes that are not saved yet`} data-unsaved="">
        {drafts.map(({ appointment }) => (
          <li key={appointment.id}>
            <ToDay appointment={appointment} zone={zone}>
              {appointment.patientName}, {dayOf(appointment.startsAt, zone)}, {timeOf(appointment.startsAt, zone)}
            </ToDay>
          </li>
        ))}
      </ul>
    </Message>
  );
}
