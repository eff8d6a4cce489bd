import { type Appointment, type Slot, realtimeSyncService } from "@dental-sync/client";
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { span, timeOf } from "../../shared/times";
import { toast } from "../../shared/toasts";
import type { Draft } from "../../sheet/Sheet";
import type { Changing } from "../../sheet/changing";
import type { Dentist, Treatment } from "../../sheet/ground";
import { MINUTE_MS, type Range, isFreed, openingsOf, rangeOf } from "../../sheet/layout";
import { undoEach } from "../../sheet/undoing";
import { inWords } from "../../words/refusals";
import type { Patient } from "./search";
import type { Repetition, SeriesOutcome } from "./series";

/** A draft with what it is for; without a treatment it is as long as it says. */
export interface Wanted extends Draft {
  treatmentId: string | null;
}

const EMERGENCY_MINUTES = 20;

/** What a dentist offers, and how many minutes it takes with them. */
export function offersOf(
  dentist: Dentist,
  treatments: readonly Treatment[],
): { id: string; name: string; minutes: number }[] {
  return treatments.flatMap(({ id, name, durationMinutes }) => {
    const own = dentist.treatments?.find(({ treatmentId }) => treatmentId === id);
    if (dentist.treatments !== null && own === undefined) return [];
    return [{ id, name, minutes: own?.durationMinutes ?? durationMinutes }];
  });
}

/** Who is offered first for a time in a chair: who works then and has nobody, else who works, else the first. */
export function whoIsFree(
  dentists: readonly Dentist[],
  appointments: readonly { dentistId: string; startsAt: string; endsAt: string; status: string }[],
  at: number,
  date: string,
): Dentist | undefined {
  const has = ({ from, to }: Range) => from <= at && at < to;
  const working = dentists.filter((each) => openingsOf(each, date).some(has));
  const isFree = ({ id }: Dentist) =>
    !appointments.some((each) => each.dentistId === id && !isFreed(each) && has(rangeOf(each)));
  return working.find(isFree) ?? working[0] ?? dentists[0];
}

interface Options extends Pick<Changing, "leave" | "refuse"> {
  zone: string;
  own: (booked: Appointment) => void;
  undo: (booked: Appointment) => Promise<void>;
  onBooked: (booked: Appointment) => void;
  /** Some times of a series could not be had. */
  onIncomplete: (outcome: SeriesOutcome) => void;
}

/** What is asked of the service for a patient. */
function wishOf({ dentistId, chairId, treatmentId, from, minutes }: Wanted, patient: Patient, reason: string) {
  const length =
    treatmentId === null ? { endsAt: new Date(from + minutes * MINUTE_MS).toISOString() } : { treatmentId };
  const startsAt = new Date(from).toISOString();
  // Without a chair the service finds the one that the treatment needs.
  const chair = chairId ? { chairId } : {};
  return { dentistId, ...chair, patientId: patient.id, startsAt, ...length, ...(reason && { reason }) };
}

/** The appointment that is being booked, from its time on. */
export function useBooking({ zone, own, undo, leave, refuse, onBooked, onIncomplete }: Options) {
  const { t } = useLingui();
  const [draft, setDraft] = useState<Wanted | null>(null);

  /** `chairId` where a chair was pointed at, or none. */
  function begin(dentist: Dentist, from: number, treatments: readonly Treatment[], chairId?: string | null): void {
    const offers = offersOf(dentist, treatments);
    // Another time for the same caller keeps the treatment.
    const offer = offers.find(({ id }) => id === draft?.treatmentId) ?? offers[0];
    leave();
    setDraft({
      dentistId: dentist.id,
      ...(chairId !== undefined && { chairId }),
      from,
      minutes: offer?.minutes ?? EMERGENCY_MINUTES,
      treatmentId: offer?.id ?? null,
    });
  }

  /** Begins with the first time today at which somebody in pain can be seen. */
  async function beginWithNextGap(today: string): Promise<void> {
    const from = new Date().toISOString();
    const { to } = span(today, zone);
    try {
      const { slots } = await realtimeSyncService.api.availability({
        from,
        to,
        durationMinutes: EMERGENCY_MINUTES,
        limit: 1,
      });
      const [gap] = slots;
      if (gap === undefined) toast({ kind: "refused", text: t`No gap of 20 minutes is left today.` });
      else
        setDraft({
          dentistId: gap.dentistId,
          from: Date.parse(gap.startsAt),
          minutes: EMERGENCY_MINUTES,
          treatmentId: null,
        });
    } catch (problem) {
      toast({ kind: "refused", text: inWords(problem) });
    }
  }

  async function book(wanted: Wanted, patient: Patient, reason: string, force = false): Promise<void> {
    leave();
    try {
      const wish = wishOf(wanted, patient, reason);
      const booked = await realtimeSyncService.api.book({ ...wish, ...(force && { force }) });
      own(booked);
      setDraft(null);
      onBooked(booked);
      const at = timeOf(booked.startsAt, zone);
      toast({
        kind: "done",
        text: t`Booked: ${booked.patientName}, ${at}, ${booked.dentistName}.`,
        undo: () => void undo(booked),
      });
    } catch (problem) {
      const take = (slot: Slot) => {
        const other = { ...wanted, dentistId: slot.dentistId, from: Date.parse(slot.startsAt) };
        setDraft(other);
        void book(other, patient, reason);
      };
      refuse(problem, take, () => void book(wanted, patient, reason, true), {
        chairId: wanted.chairId ?? null,
      });
    }
  }

  async function bookSeries(
    wanted: Wanted,
    patient: Patient,
    reason: string,
    repetition: Repetition,
  ): Promise<void> {
    leave();
    try {
      const wish = wishOf(wanted, patient, reason);
      const { appointments, refused } = await realtimeSyncService.api.bookSeries({ ...wish, ...repetition });
      for (const each of appointments) own(each);
      setDraft(null);
      const [first] = appointments;
      if (first !== undefined) onBooked(first);
      const booked = appointments.length;
      const { id: patientId, name: patientName } = patient;
      if (refused.length > 0) onIncomplete({ patientId, patientName, booked, refused });
      const ids = appointments.map(({ id }) => id);
      const times = plural(booked, { one: "# appointment", other: "# appointments" });
      toast({ kind: "done", text: t`Booked: ${patientName}, ${times}.`, undo: () => void undoEach(ids, own) });
    } catch (problem) {
      refuse(problem, (slot) => {
        const other = { ...wanted, dentistId: slot.dentistId, from: Date.parse(slot.startsAt) };
        setDraft(other);
        void bookSeries(other, patient, reason, repetition);
      });
    }
  }

  return { draft, setDraft, begin, beginWithNextGap, book, bookSeries };
}
