import { type Appointment, realtimeSyncService } from "@dental-sync/client";
import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useRef, useState } from "react";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { useChanges } from "../../shared/following";
import { useMedia } from "../../shared/media";
import { useOffline } from "../../shared/online";
import { dateOf } from "../../shared/times";
import { toast } from "../../shared/toasts";
import { DayHead } from "../../sheet/Days";
import { Panel } from "../../sheet/Panel";
import { Refused } from "../../sheet/Refused";
import { Sheet } from "../../sheet/Sheet";
import { Side } from "../../sheet/Side";
import { useChanging } from "../../sheet/changing";
import type { SheetColumn } from "../../sheet/columns";
import { type Dentist, namesOf, useChairs, useTreatments } from "../../sheet/ground";
import { useStep } from "../../sheet/step";
import { Changed } from "../../staff/Changed";
import { useMoves } from "../../staff/useMoves";
import { inWords } from "../../words/refusals";
import { Actions } from "./Actions";
import { Booking } from "./Booking";
import { DayList } from "./DayList";
import styles from "./Desk.module.css";
import { Patients } from "./Patients";
import { usePatient } from "./record/patient";
import { ViewBar } from "./ViewBar";
import { WaitingRoom } from "./WaitingRoom";
import { useBooking, whoIsFree } from "./booking";
import { useOpened } from "./opened";
import type { SeriesOutcome } from "./series";
import { useShown } from "./shown";
import { useView } from "./view";

/** What is done beside the sheet of whatever day. */
export interface Beside {
  label: string;
  onClose: () => void;
  content: ReactNode;
}

interface DiaryProps {
  day: string;
  today: string;
  zone: string;
  now: Date;
  /** The grid where none was chosen on this device, in minutes. */
  usualStep: number;
  dentists: Dentist[];
  /** Null is nothing. */
  beside: Beside | null;
  onHandOver: () => void;
  onAway: () => void;
  onIncomplete: (outcome: SeriesOutcome) => void;
}

/** A day of everybody, or a week of one: the sheet, what is chosen or booked, and who waits. */
export function Diary({ day, today, zone, now, usualStep, dentists, beside, ...props }: DiaryProps) {
  const { t } = useLingui();
  const isWide = useMedia("(min-width: 48rem)");
  const isPrinting = useMedia("print");
  const chairs = useChairs();
  const withoutChair = t`Without a chair`;
  const words = { allDentists: t`All dentists`, allChairs: t`All chairs`, withoutChair };
  const view = useView({ dentists, chairs, canBeAll: isWide || isPrinting, words });
  const { appointments, error, reschedule, cancel, columns } = useShown({ day, zone, dentists, chairs, view, withoutChair });
  const [step, setStep] = useStep(usualStep);
  const treatments = useTreatments();
  const { ids: changed, last, own } = useChanges();
  const { moving, move, undo } = useMoves(own);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const { refusal, leave, refuse, change, callOff } = useChanging({ zone, reschedule, cancel, own, undo });
  const { onIncomplete } = props;
  const onBooked = ({ id }: Appointment) => setChosenId(id);
  const booking = useBooking({ zone, own, undo, leave, refuse, onBooked, onIncomplete });
  const { draft, setDraft } = booking;
  const panel = useRef<HTMLElement>(null);
  const isOffline = useOffline();
  const opened = useOpened(choose);
  const record = usePatient(opened.patientId);
  const nameOf = (dentistId: string) => dentists.find(({ id }) => id === dentistId)?.name ?? "";

  async function strikeOut({ id, version, patientName }: Appointment): Promise<void> {
    try {
      await realtimeSyncService.api.deleteAppointment(id, { version });
      setChosenId(null);
      toast({ kind: "done", text: t`Deleted: ${patientName}.` });
    } catch (problem) {
      toast({ kind: "refused", text: inWords(problem) });
    }
  }

  function choose(id: string | null): void {
    setChosenId(id);
    setDraft(null);
  }

  function pick({ place }: SheetColumn, from: number): void {
    const dentist =
      place.dentistId === undefined
        ? whoIsFree(dentists, appointments ?? [], from, dateOf(new Date(from).toISOString(), zone))
        : dentists.find(({ id }) => id === place.dentistId);
    if (dentist === undefined) return;
    setChosenId(null);
    booking.begin(dentist, from, treatments, place.chairId);
  }

  const isByChair = view.by === "chair";
  if (error) return <Message kind="danger">{inWords(error)}</Message>;
  if (appointments === undefined) return <Waiting />;
  const listed = (appointment: Appointment) => namesOf(appointment.treatmentIds, treatments);
  const printed = (appointment: Appointment) =>
    [isByChair && appointment.dentistName, listed(appointment)].filter(Boolean).join(" · ");
  const offered = refusal?.alternatives.map((slot) => ({ ...slot, chairId: refusal.chairId ?? null }));
  const chosen = appointments.find(({ id }) => id === chosenId);
  // Over the form that it is about, where that covers the sheet.
  const refused = refusal && <Refused refusal={refusal} day={day} zone={zone} nameOf={nameOf} onClose={leave} />;
  const bookedWith = dentists.find(({ id }) => id === draft?.dentistId);
  const isAlone = chosen === undefined && draft === null;
  return (
    <div className={styles["desk"]}>
      {isPrinting && <DayList columns={columns} appointments={appointments} whatOf={printed} zone={zone} />}
      <div className={styles["main"]} data-print="none">
        <div className={styles["bar"]}>
          <ViewBar view={view} hasChairs={chairs.length > 0} step={step} onStep={setStep} />
          <Actions
            onAway={props.onAway}
            onHandOver={props.onHandOver}
            onEmergency={day === today ? () => void booking.beginWithNextGap(today) : undefined}
          />
        </div>
        <Sheet
          zone={zone}
          now={now}
          step={step}
          columns={columns}
          appointments={appointments}
          treatments={treatments}
          changed={changed}
          chosen={chosenId}
          draft={draft}
          alternatives={offered}
          withDentist={isByChair}
          // Seven columns have room beside each other on a usual screen.
          narrowest={view.isWeek ? 7 : 10}
          refused={refusal?.appointmentId}
          first={view.isWeek ? day : undefined}
          head={
            view.isWeek
              ? (column) => <DayHead column={column} zone={zone} now={now} onOpen={(date) => view.show({ isWeek: false, date })} />
              : undefined
          }
          onChoose={choose}
          onDetails={() => setTimeout(() => panel.current?.focus())}
          onMove={isOffline ? undefined : (appointment, wish) => void change(appointment, wish)}
          onPick={pick}
          onTake={(slot) => refusal?.take(slot)}
        />
      </div>
      <div className={styles["side"]} data-print="none">
        {draft === null && refused}
        <Side
          isOpen={!isAlone}
          label={draft ? t`New appointment` : t`Chosen appointment`}
          onClose={() => choose(null)}
        >
          {draft !== null && refused}
          {draft !== null && bookedWith !== undefined && (
            <Booking
              wanted={draft}
              dentist={bookedWith}
              dentists={draft.chairId === undefined ? undefined : dentists}
              treatments={treatments}
              zone={zone}
              onChange={setDraft}
              initial={record}
              onBook={booking.book}
              onBookSeries={booking.bookSeries}
              onRefused={(problem) => toast({ kind: "refused", text: inWords(problem) })}
              onClose={() => {
                setDraft(null);
                leave();
              }}
            />
          )}
          {draft === null && chosen !== undefined && (
            <Panel
              ref={panel}
              appointment={chosen}
              dentistName={chosen.dentistName}
              chairName={chairs.find(({ id }) => id === chosen.chairId)?.name}
              treatments={listed(chosen)}
              zone={zone}
              now={now}
              isBusy={moving.has(chosen.id)}
              onMove={(how) => void move(how, chosen)}
              onCancel={() => void callOff(chosen)}
              onDelete={() => void strikeOut(chosen)}
              onClose={() => choose(null)}
              onRecord={() => opened.open(chosen.patientId)}
              own={own}
            />
          )}
        </Side>
        {beside !== null && (
          <Side isOpen={isAlone} label={beside.label} onClose={beside.onClose}>
            {beside.content}
          </Side>
        )}
        {isAlone && <Patients {...opened} zone={zone} />}
        <WaitingRoom today={today} zone={zone} now={now} onChoose={({ id }) => choose(id)} />
      </div>
      <p className="unseen" aria-live="polite">
        {last !== null && <Changed appointment={last} zone={zone} />}
      </p>
    </div>
  );
}
