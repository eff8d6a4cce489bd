import type { Appointment } from "@dental-sync/client";
import { Link, useRouterState } from "@tanstack/react-router";
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

/** A link to an appointment on the sheet of its day, on the page that is the account's; what else is shown there stays. */
export function ToDay({ appointment: { id, startsAt, dentistId }, zone, className, onLeave, children }: ToDayProps) {
  const isDentist = useAccount()?.role === "dentist";
  const isAtDesk = useRouterState({ select: ({ location }) => location.pathname === "/desk" });
  const wanted = { date: dateOf(startsAt, zone), appointment: id };
  const common = { className, onClick: onLeave };
  if (isDentist) {
    return (
      <Link to="/dentist" search={{ ...wanted, view: "sheet" }} {...common}>
        {children}
      </Link>
    );
  }
  if (isAtDesk) {
    return (
      <Link
        from="/desk"
        to="/desk"
        search={(now) => ({ ...now, ...wanted, ...(now.dentist !== undefined && { dentist: dentistId }) })}
        {...common}
      >
        {children}
      </Link>
    );
  }
  return (
    <Link to="/desk" search={{ ...wanted, dentist: dentistId }} {...common}>
      {children}
    </Link>
  );
}
