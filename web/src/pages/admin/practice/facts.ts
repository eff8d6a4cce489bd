import type { components } from "@dental-sync/client";

type Answer = components["schemas"]["PracticeAnswer"];

/** What can be said about the practice; a number is null where none holds, or none was typed. */
export interface Facts extends Pick<Answer, "name" | "timeZone" | "country" | "address" | "phone"> {
  publicBooking: Answer["publicBooking"];
  newPatients: Answer["newPatients"];
  openBookingsPerPatient: number | null;
  cancelCutoffHours: number | null;
  minimumNoticeMinutes: number | null;
  furthestAdvanceDays: number | null;
  slotStepMinutes: number | null;
}

export interface FactsProps {
  values: Facts;
  onChange: (typed: Partial<Facts>) => void;
}

/** The settings among what the practice is answered with. */
export function factsOf({
  name,
  timeZone,
  country,
  address,
  phone,
  publicBooking,
  newPatients,
  openBookingsPerPatient,
  cancelCutoffHours,
  minimumNoticeMinutes,
  furthestAdvanceDays,
  slotStepMinutes,
}: Answer): Facts {
  return {
    name,
    timeZone,
    country,
    address,
    phone,
    publicBooking,
    newPatients,
    openBookingsPerPatient,
    cancelCutoffHours,
    minimumNoticeMinutes,
    furthestAdvanceDays,
    slotStepMinutes,
  };
}

/** What is typed for a member that may be without a value. */
export function orNull(text: string): string | null {
  return text === "" ? null : text;
}
