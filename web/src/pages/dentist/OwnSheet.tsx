import { useAppointments } from "@dental-sync/client/react";
import { useLingui } from "@lingui/react/macro";
import { useMemo, useRef, useState } from "react";
import { Changed } from "../../shared/Changed";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { useChanges } from "../../shared/following";
import { span } from "../../shared/times";
import { useMoves } from "../../shared/useMoves";
import { Panel } from "../../sheet/Panel";
import { Refused } from "../../sheet/Refused";
import { Sheet } from "../../sheet/Sheet";
import { Side } from "../../sheet/Side";
import { useChanging } from "../../sheet/changing";
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
  const { appointments: all, error, reschedule, cancel } = useAppointments(wanted);
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
  const dentists = useMemo(() => [dentist], [dentist]);
  // Whoever assists sees what they assist in the own column.
  const appointments = useMemo(
    () => (isAssistant ? all?.map((each) => ({ ...each, dentistId: id })) : all),
    [all, isAssistant, id],
  );
  if (error) return <Message kind="danger">{inWords(error)}</Message>;
  if (appointments === undefined) return <Waiting />;
  const chosen = appointments.find((each) => each.id === chosenId);
  return (
    <div className={styles["day"]}>
      <Sheet
        date={day}
        day={wanted}
        zone={zone}
        now={now}
        step={STEP_MINUTES}
        dentists={dentists}
        appointments={appointments}
        ground={ground}
        treatments={treatments}
        changed={changed}
        chosen={chosenId}
        alternatives={refusal?.alternatives ?? []}
        canMove={!isAssistant}
        onChoose={setChosenId}
        onDetails={() => setTimeout(() => panel.current?.focus())}
        onMove={(appointment, wish) => void change(appointment, wish)}
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
