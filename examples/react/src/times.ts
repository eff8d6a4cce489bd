/** An instant as one says it, by the clock of a zone. */
export function said(instant: string, timeZone: string): string {
  return new Date(instant).toLocaleString([], { dateStyle: "full", timeStyle: "short", timeZone });
}

/** The instant so many days later. */
export function inDays(start: Date, days: number): string {
  return new Date(start.getTime() + days * 86_400_000).toISOString();
}
