import type { Appointment } from "@dental-sync/client";
import { Trans } from "@lingui/react/macro";
import { useDraft } from "./drafts";
import { Fold } from "./Fold";
import { History } from "./History";
import { Notes } from "./Notes";
import { useKeepsNotes } from "./notes";

interface NotebookProps {
  appointment: Appointment;
  zone: string;
  /** Whether the notes are what was asked for, and need no line that opens them. */
  isOpen?: boolean;
}

/** What is written about an appointment, for those who keep notes, and what has happened to it; both are read when opened. */
export function Notebook({ appointment, zone, isOpen = false }: NotebookProps) {
  const keepsNotes = useKeepsNotes();
  const { draft } = useDraft(appointment.id);
  const notes = () => <Notes appointment={appointment} zone={zone} />;
  return (
    <div>
      {keepsNotes && isOpen && notes()}
      {keepsNotes && !isOpen && (
        <Fold
          isOpen={draft !== null}
          summary={draft === null ? <Trans>Notes</Trans> : <Trans>Notes, not saved yet</Trans>}
        >
          {notes}
        </Fold>
      )}
      <Fold summary={<Trans>History</Trans>}>{() => <History appointment={appointment} zone={zone} />}</Fold>
    </div>
  );
}
