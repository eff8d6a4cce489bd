import type { Appointment } from "@dental-sync/client";
import { Trans } from "@lingui/react/macro";
import { Button } from "../../shared/Button";
import { Status } from "../../shared/Status";
import { timeOf } from "../../shared/times";
import type { Move } from "../../staff/moves";
import { useMoveWords } from "../../staff/useMoves";
import { Notebook } from "../../staff/Notebook";
import { useDraft } from "../../staff/drafts";
import styles from "./Visits.module.css";

interface VisitProps {
  appointment: Appointment;
  zone: string;
  treatments: string[];
  moves: Move[];
  isNext: boolean;
  isNew: boolean;
  isMoving: boolean;
  onMove: (move: Move) => void;
  /** Whether notes and history are open. */
  isOpen: boolean;
  /** Opens and closes them, for whom they are. */
  onOpen?: (isOpen: boolean) => void;
}

export function Visit({ appointment, zone, treatments, moves, isNext, isNew, isMoving, onMove, ...props }: VisitProps) {
  const { isOpen, onOpen } = props;
  const { id, status, startsAt, endsAt, patientName, reason, overbooked } = appointment;
  const { draft } = useDraft(id);
  const words = useMoveWords();
  return (
    <li
      className={styles["visit"]}
      data-appointment-id={id}
      data-status={status}
      data-next={isNext || undefined}
      data-just-changed={isNew || undefined}
    >
      <time className={styles["time"]} dateTime={startsAt}>
        {timeOf(startsAt, zone)}
        <span className={styles["until"]}>{timeOf(endsAt, zone)}</span>
      </time>
      <div className={styles["facts"]}>
        <h2 className={styles["patient"]}>
          {patientName}
          {isNext && (
            <span className={styles["next"]}>
              <Trans>Next</Trans>
            </span>
          )}
        </h2>
        <p className={styles["what"]}>{[...treatments, reason].filter(Boolean).join(" · ")}</p>
        {overbooked && (
          <p className={styles["what"]}>
            <Trans>Shares its time with another appointment</Trans>
          </p>
        )}
      </div>
      <Status status={status} />
      <div className={styles["moves"]} data-print="none">
        {moves.map((move) => (
          <Button
            key={move}
            size="small"
            isBusy={isMoving}
            data-move={move}
            aria-label={`${words[move]}: ${patientName}, ${timeOf(startsAt, zone)}`}
            onPress={() => onMove(move)}
          >
            {words[move]}
          </Button>
        ))}
        {onOpen && (
          <Button
            size="small"
            look="quiet"
            // What was typed is to be read offline too.
            isDisabled={false}
            aria-expanded={isOpen}
            aria-controls={isOpen ? `notebook-${id}` : undefined}
            onPress={() => onOpen(!isOpen)}
          >
            {draft === null ? <Trans>Notes</Trans> : <Trans>Notes, not saved yet</Trans>}
            <span className="unseen">: {patientName}</span>
          </Button>
        )}
      </div>
      {isOpen && (
        <div id={`notebook-${id}`} className={styles["notebook"]}>
          <Notebook appointment={appointment} zone={zone} isOpen />
        </div>
      )}
    </li>
  );
}
