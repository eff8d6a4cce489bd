import { useAppointments } from "@dental-sync/client/react";
import { useLingui } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { Changed } from "../../staff/Changed";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { useChanges } from "../../shared/following";
import { useOffline } from "../../shared/online";
import { span } from "../../shared/times";
import { DayHead, dayName } from "../../sheet/Days";
import { useMoves } from "../../staff/useMoves";
import { Panel } from "../../sheet/Panel";
import { Refused } from "../../sheet/Refused";
import { Sheet } from "../../sheet/Sheet";
import { Side } from "../../sheet/Side";
import { StepChoice } from "../../sheet/Tuning";
import { useChanging } from "../../sheet/changing";
import { byDay, byDentist, weekSpan } from "../../sheet/columns";
import { type Dentist, namesOf, useGround, useGroundChanges, useTreatments } from "../../sheet/ground";
import { useStep } from "../../sheet/step";
import { inWords } from "../../words/refusals";
import styles from "./OwnSheet.module.css";

interface OwnSheetProps {
  dentist: Dentist;
  day: string;
  now: Date;
  isAssistant: boolean;
  isWeek: boolean;
}

const USUAL_STEP = 15;

/** The own day or week as a sheet: moved by mouse, touch and keys, but to nobody else. */
export function OwnSheet({ dentist, day, now, isAssistant, isWeek }: OwnSheetProps) {
  const { t } = useLingui();
  useGroundChanges();
  const { id, name, timeZone: zone } = dentist;
  const navigate = useNavigate({ from: "/dentist" });
  const wanted = useMemo(() => (isWeek ? weekSpan(day, zone) : span(day, zone)), [day, zone, isWeek]);
  const [step, setStep] = useStep(USUAL_STEP);
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
  useEffect(() => {
    if (linked === undefined) return;
    setChosenId(linked);
    // Chosen once: whatever is chosen next is no matter of the address.
    void navigate({ search: ({ appointment: _, ...rest }) => rest, replace: true });
  }, [linked, navigate]);
  const columns = useMemo(() => {
    const own = { date: day, zone, dentists: [dentist], appointments: appointments ?? [], ground };
    const all = isWeek ? byDay(own, { dentistId: dentist.id }, dayName) : byDentist(own);
    // Whoever assists sees what they assist, of any dentist.
    return isAssistant ? all.map((each) => ({ ...each, place: {} })) : all;
  }, [day, zone, dentist, appointments, ground, isAssistant, isWeek]);
  if (error) return <Message kind="danger">{inWords(error)}</Message>;
  if (appointments === undefined) return <Waiting />;
  const chosen = appointments.find((each) => each.id === chosenId);
  return (
    <div className={styles["day"]}>
      <div className={styles["bar"]}>
        <StepChoice step={step} onChange={setStep} />
      </div>
      <Sheet
        zone={zone}
        now={now}
        step={step}
        withDentist={isAssistant}
        refused={refusal?.appointmentId}
        first={isWeek ? day : undefined}
        head={
          isWeek
            ? (column) => (
                <DayHead
                  column={column}
                  zone={zone}
                  now={now}
                  onOpen={(date) => void navigate({ search: (rest) => ({ ...rest, view: "sheet" as const, date }) })}
                />
              )
            : undefined
        }
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
