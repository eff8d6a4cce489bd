import type { Appointment } from "@dental-sync/client";

const LINE_OCTETS = 75;
const STATUS: Partial<Record<Appointment["status"], string>> = { pending: "TENTATIVE", cancelled: "CANCELLED" };

/** An appointment as a calendar program reads it (iCalendar, RFC 5545); `uid` and `sequence` as in the account's feed. */
export function calendarEntry(
  { id, version, startsAt, endsAt, updatedAt, status }: Appointment,
  { summary, location }: { summary: string; location: string },
): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Dental Sync//Booking//EN",
    "BEGIN:VEVENT",
    `UID:${id}@dental-sync`,
    `SEQUENCE:${version}`,
    `DTSTAMP:${compact(updatedAt)}`,
    `DTSTART:${compact(startsAt)}`,
    `DTEND:${compact(endsAt)}`,
    `STATUS:${STATUS[status] ?? "CONFIRMED"}`,
    "CLASS:PRIVATE",
    `SUMMARY:${escaped(summary)}`,
    `LOCATION:${escaped(location)}`,
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

/** `20261130T090000Z` (3.3.5). */
function compact(instant: string): string {
  return new Date(instant).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** 3.3.11. */
function escaped(text: string): string {
  return text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");
}

/** No line is longer than 75 octets; what goes on begins with a blank (3.1). */
function folded(line: string): string {
  const octets = new TextEncoder();
  let made = "";
  let length = 0;
  for (const character of line) {
    const more = octets.encode(character).length;
    if (length + more > LINE_OCTETS) {
      made += "\r\n ";
      length = 1;
    }
    made += character;
    length += more;
  }
  return made;
}
