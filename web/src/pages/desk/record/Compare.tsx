import { ApiError, type Appointment, realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Button } from "../../../shared/Button";
import confirmStyles from "../../../shared/Confirm.module.css";
import { Message } from "../../../shared/Message";
import { dateOf, dayOf, timeOf } from "../../../shared/times";
import { toast } from "../../../shared/toasts";
import { inStaffWords, inTheWay } from "../../../staff/refusals";
import type { Patient } from "../search";
import styles from "./Compare.module.css";
import { SideBySide } from "./SideBySide";
import { usePart } from "./Merges";

interface CompareProps {
  /** The record that is open. */
  one: Patient;
  other: Patient;
  zone: string;
  onMerged: (patientId: string) => void;
  onClose: () => void;
}

interface Refused {
  text: string;
  /** Those that stand at one time with another one's. */
  appointments: Appointment[];
}

/** Two records side by side: which stays, what becomes of what the other one says, and the merge. */
export function Compare({ one, other, zone, onMerged, onClose }: CompareProps) {
  const { t } = useLingui();
  const client = useQueryClient();
  const part = usePart();
  const [staying, setStaying] = useState(one.id);
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [into, source] = staying === one.id ? [one, other] : [other, one];

  async function merge(): Promise<void> {
    setBusy(true);
    setRefused(null);
    try {
      const { id } = await realtimeSyncService.api.mergePatient(source.id, { into: into.id });
      const text = t`Merged: ${into.name} has one record.`;
      toast({ kind: "done", text, undo: () => void part(id) });
      await client.invalidateQueries({ queryKey: ["patient"] });
      onMerged(into.id);
    } catch (problem) {
      setRefused(await explained(problem));
    } finally {
      setBusy(false);
    }
  }

  async function explained(problem: unknown): Promise<Refused> {
    const isJoined = problem instanceof ApiError && problem.code === "already-joined";
    if (isJoined) {
      return { text: t`Both records have an online account. Only one of them may have one.`, appointments: [] };
    }
    const ids = inTheWay(problem);
    const found = await Promise.allSettled(ids.map((id) => realtimeSyncService.api.getAppointment(id)));
    const appointments = found.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    if (ids.length === 0) return { text: inStaffWords(problem), appointments };
    return { text: t`Both have an appointment at one time. Move or cancel one of them first:`, appointments };
  }

  return (
    <ModalOverlay
      className={confirmStyles["veil"] ?? ""}
      isOpen
      isDismissable
      onOpenChange={(open) => open || onClose()}
    >
      <Modal className={`${confirmStyles["modal"]} ${styles["modal"]}`}>
        <Dialog className={confirmStyles["dialog"] ?? ""} data-compare="">
          <Heading slot="title" level={2}>
            <Trans>Is this one person?</Trans>
          </Heading>
          <SideBySide records={[one, other]} staying={staying} zone={zone} onStay={setStaying} />
          <p>
            <Trans>
              Appointments, guardians and an online account go to the record that stays. It can be undone for a day.
            </Trans>
          </p>
          {refused !== null && (
            <Message kind="danger">
              {refused.text}
              <ul>
                {refused.appointments.map(({ id, startsAt, dentistName }) => (
                  <li key={id}>
                    <Link from="/desk" to="/desk" search={(now) => ({ ...now, date: dateOf(startsAt, zone), appointment: id })}>
                      {dayOf(startsAt, zone)}, {timeOf(startsAt, zone)}
                    </Link>
                    , {dentistName}
                  </li>
                ))}
              </ul>
            </Message>
          )}
          <div className={confirmStyles["actions"]}>
            <Button onPress={onClose}>
              <Trans>Leave them apart</Trans>
            </Button>
            <Button look="main" isBusy={isBusy} onPress={() => void merge()}>
              <Trans>Merge them</Trans>
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
