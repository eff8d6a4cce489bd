import type { Appointment } from "@dental-sync/client";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useAccount } from "../session";
import { dateOf } from "../shared/times";

interface ToDayProps {
  appointment: Pick<Appointment, "id" | "startsAt" | "dentistId">;
  zone: string;
  className?: string | undefined;
  /** It is followed: what lies over the page can close. */
  onLeave?: (() => void) | undefined;
  children: ReactNode;
}

/** A link to an appointment on the sheet of its day, on the page that is the account's. */
export function ToDay({ appointment: { id, startsAt, dentistId }, zone, className, onLeave, children }: ToDayProps) {
  const isDentist = useAccount()?.role === "dentist";
  const date = dateOf(startsAt, zone);
  const common = { className, onClick: onLeave };
  if (isDentist) {
    return (
      <Link to="/dentist" search={{ date, view: "sheet", appointment: id }} {...common}>
        {children}
      </Link>
    );
  }
  return (
    <Link to="/desk" search={{ date, dentist: dentistId, appointment: id }} {...common}>
      {children}
    </Link>
  );
}
