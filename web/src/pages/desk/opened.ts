import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useFindKey } from "./findKey";

export interface Opened {
  /** Whose record is open, by the address. */
  patientId: string | undefined;
  /** How often the search was asked for: each time it is another one, which takes the focus. */
  searches: number;
  open: (patientId: string | undefined) => void;
  /** Closes the record, and asks for another patient. */
  findAnother: () => void;
}

/** What the address opens: an appointment, which is chosen once, and a patient's record; `choose` is told what is chosen. */
export function useOpened(choose: (appointmentId: string | null) => void): Opened {
  const { appointment: linked, patient: patientId } = useSearch({ from: "/desk" });
  const navigate = useNavigate({ from: "/desk" });
  const [searches, setSearches] = useState(0);

  useEffect(() => {
    if (linked === undefined) return;
    choose(linked);
    // Chosen once: whatever is chosen next is no matter of the address. On its day, for a week shows one dentist or chair.
    void navigate({ search: ({ appointment: _, view: _view, ...rest }) => rest, replace: true });
  }, [linked]);

  function open(patientId: string | undefined): void {
    choose(null);
    void navigate({ search: ({ patient: _, ...rest }) => (patientId ? { ...rest, patient: patientId } : rest) });
  }

  function findAnother(): void {
    open(undefined);
    setSearches((before) => before + 1);
  }
  useFindKey(findAnother);

  return { patientId, searches, open, findAnother };
}
