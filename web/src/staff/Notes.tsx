import type { Appointment } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useId } from "react";
import { Button } from "../shared/Button";
import field from "../shared/Field.module.css";
import { Message } from "../shared/Message";
import { Waiting } from "../shared/Waiting";
import { dayOf, timeOf } from "../shared/times";
import styles from "./Notes.module.css";
import { MOST_LETTERS, type NotesShown, joined, useNotes } from "./notes";
import { inStaffWords } from "./refusals";

interface NotesProps {
  appointment: Appointment;
  zone: string;
}

/** The clinical notes of an appointment, for whom `useKeepsNotes` names. */
export function Notes({ appointment, zone }: NotesProps) {
  const { t } = useLingui();
  const id = useId();
  const notes = useNotes(appointment);
  const { error, stored, text, isUnsaved, theirs, isBusy, refusal, type, discard, save } = notes;
  // What was typed is shown in any case.
  if (stored === undefined && !isUnsaved) {
    return error ? <Message kind="danger">{inStaffWords(error)}</Message> : <Waiting />;
  }
  return (
    <form
      className={styles["notes"]}
      aria-label={t`Notes: ${appointment.patientName}`}
      data-notes=""
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label className={field["label"]} htmlFor={id}>
        <Trans>Clinical notes</Trans>
      </label>
      <textarea
        id={id}
        className={`${field["input"]} ${styles["text"]}`}
        value={text}
        rows={5}
        maxLength={MOST_LETTERS}
        aria-describedby={`${id}-state`}
        onChange={({ target }) => type(target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
          // In a panel Escape closes, and a letter may be a command: not while somebody writes.
          event.stopPropagation();
        }}
      />
      <p id={`${id}-state`} className={styles["state"]} role="status">
        {isUnsaved ? (
          <strong>
            <Trans>Not saved yet</Trans>
          </strong>
        ) : stored?.updatedAt ? (
          <Trans>
            Saved {dayOf(stored.updatedAt, zone)}, {timeOf(stored.updatedAt, zone)}
          </Trans>
        ) : (
          <Trans>Nothing is written yet.</Trans>
        )}
      </p>
      {theirs !== null && <Theirs notes={notes} theirs={theirs.notes} />}
      {refusal && <Message kind="danger">{refusal}</Message>}
      {isUnsaved && theirs === null && (
        <div className={styles["row"]}>
          <Button size="small" look="main" type="submit" isBusy={isBusy}>
            <Trans>Save the notes</Trans>
          </Button>
          <Button size="small" onPress={discard}>
            <Trans>Discard</Trans>
          </Button>
        </div>
      )}
    </form>
  );
}

/** Somebody else has written meanwhile: their text, and what becomes of the two. */
function Theirs({ notes: { text, goOn, discard }, theirs }: { notes: NotesShown; theirs: string }) {
  return (
    <section className={styles["theirs"]}>
      <Message kind="danger">
        <Trans>Somebody else has written here meanwhile. Yours is not saved yet; this is theirs:</Trans>
      </Message>
      <blockquote className={styles["quote"]}>{theirs}</blockquote>
      <div className={styles["row"]}>
        <Button size="small" look="main" onPress={() => goOn(joined(theirs, text))}>
          <Trans>Put both together</Trans>
        </Button>
        <Button size="small" onPress={() => goOn(text)}>
          <Trans>Mine in place of theirs</Trans>
        </Button>
        <Button size="small" onPress={discard}>
          <Trans>Keep theirs alone</Trans>
        </Button>
      </div>
    </section>
  );
}
