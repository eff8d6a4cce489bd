import { useAppointments } from "@dental-sync/client/react";
import { useLingui } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { Changed } from "../../shared/Changed";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { useChanges } from "../../shared/following";
import { useOffline } from "../../shared/online";
import { span } from "../../shared/times";
import { useMoves } from "../../shared/useMoves";
import { Panel } from "../../sheet/Panel";
import { Refused } from "../../sheet/Refused";
import { Sheet } from "../../sheet/Sheet";
import { Side } from "../../sheet/Side";
import { useChanging } from "../../sheet/changing";
import { byDentist } from "../../sheet/columns";
import { type Dentist, namesOf, useGround, useGroundChanges, useTreatments } from "../../sheet/ground";
import { inWords } from "../../words/refusals";
import styles from "./OwnSheet.module.css";

interface OwnSheetProps {
  dentist: Dentist;
  day: string;
  now: Date;
  isAssistant: boolean;
}

const STEP_MINUTES = 15;

/** The own day as a sheet: moved by mouse, touch and keys, but to nobody else. */
export function OwnSheet({ dentist, day, now, isAssistant }: OwnSheetProps) {
  const { t } = useLingui();
  useGroundChanges();
  const { id, name, timeZone: zone } = dentist;
  const wanted = useMemo(() => span(day, zone), [day, zone]);
  const { appointments, error, reschedule, cancel } = useAppointments(wanted);
  const treatments = useTreatments();
  const ground = useGround(
    wanted,
    useMemo(() => [id], [id]),
  );
  const { ids: changed, last, own } = useChanges();
  const { moving, move, undo } = useMoves(own);
  const { refusal, leave, change, callOff } = useChanging({ zone, reschedule, cancel, own, undo });
  const [chosenId, setChosenId] = useState<string | null>(null);
  const panel = useRef<HTMLElement>(null);
  const isOffline = useOffline();
  const { appointment: linked } = useSearch({ from: "/dentist" });
  const navigate = useNavigate({ from: "/dentist" });
  useEffect(() => {
    if (linked === undefined) return;
    setChosenId(linked);
    // Chosen once: whatever is chosen next is no matter of the address.
    void navigate({ search: ({ appointment: _, ...rest }) => rest, replace: true });
  }, [linked, navigate]);
  const columns = useMemo(() => {
    const [own] = byDentist({ date: day, zone, dentists: [dentist], appointments: appointments ?? [], ground });
    // Whoever assists sees what they assist, of any dentist.
    return own ? [isAssistant ? { ...own, place: {} } : own] : [];
  }, [day, zone, dentist, appointments, ground, isAssistant]);
  if (error) return <Message kind="danger">{inWords(error)}</Message>;
  if (appointments === undefined) return <Waiting />;
  const chosen = appointments.find((each) => each.id === chosenId);
  return (
    <div className={styles["day"]}>
      <Sheet
        zone={zone}
        now={now}
        step={STEP_MINUTES}
        columns={columns}
        appointments={appointments}
        treatments={treatments}
        changed={changed}
        chosen={chosenId}
        alternatives={refusal?.alternatives ?? []}
        onChoose={setChosenId}
        onDetails={() => setTimeout(() => panel.current?.focus())}
        onMove={isAssistant || isOffline ? undefined : (appointment, wish) => void change(appointment, wish)}
        onTake={(slot) => refusal?.take(slot)}
      />
      <div className={styles["side"]}>
        {refusal && (
          <Refused
            refusal={refusal}
            day={day}
            zone={zone}
            nameOf={(each) => (each === id ? name : "")}
            onClose={leave}
          />
        )}
        <Side isOpen={chosen !== undefined} label={t`Chosen appointment`} onClose={() => setChosenId(null)}>
          {chosen && (
            <Panel
              ref={panel}
              appointment={chosen}
              dentistName={chosen.dentistName}
              treatments={namesOf(chosen.treatmentIds, treatments)}
              zone={zone}
              now={now}
              isBusy={moving.has(chosen.id)}
              isAssistant={isAssistant}
              onMove={(how) => void move(how, chosen)}
              onCancel={() => void callOff(chosen)}
              onClose={() => setChosenId(null)}
              own={own}
            />
          )}
        </Side>
      </div>
      <p className="unseen" aria-live="polite">
        {last !== null && <Changed appointment={last} zone={zone} />}
      </p>
    </div>
  );
}
