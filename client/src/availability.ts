/** What changed about somebody's free times, and never a word about patients. */
export interface Availability {
  change: "busy" | "free" | "hours" | "time-off" | "closure";
  from: string | null;
  to: string | null;
  timeZone: string;
}
