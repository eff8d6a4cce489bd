import type { Appointment } from "@dental-sync/client";
import { Trans } from "@lingui/react/macro";
import { timeOf } from "../shared/times";

/** What somebody else has just changed, to be announced to staff. */
export function Changed({ appointment, zone }: { appointment: Appointment; zone: string }) {
  const { patientName, status, startsAt } = appointment;
  const time = timeOf(startsAt, zone);
  if (status === "cancelled")
    return (
      <Trans>
        Cancelled: {patientName}, {time}.
      </Trans>
    );
  return (
    <Trans>
      Changed: {patientName}, {time}.
    </Trans>
  );
}
