import type { Appointment, Slot } from "@dental-sync/client";
import { Trans } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import { useAccount } from "../../session";
import { ButtonLink } from "../../shared/ButtonLink";
import { Icon } from "../../shared/Icon";
import { Message } from "../../shared/Message";
import { dayOf, ownTime, timeOf } from "../../shared/times";
import { Held } from "./Held";
import { Join } from "./Join";
import { Move } from "./Move";
import { Others } from "./Others";
import type { Place } from "./place";
import styles from "./Take.module.css";

export interface TakeProps {
  at: string;
  dentistId: string;
  treatment: Place["treatments"][number];
  place: Place;
  /** What is free around it; undefined until that is known. */
  slots: Slot[] | undefined;
  /** The one that gets this time, where none is booked. */
  moving: Appointment | undefined;
}

/** A time that somebody has chosen: who they are, then the hold, then the booking. */
export function Take(props: TakeProps) {
  const { at, dentistId, treatment, place, slots, moving } = props;
  const account = useAccount();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const own = ownTime(at, place.timeZone);
  const dentist = place.dentists.find(({ id }) => id === dentistId)?.name;
  const isThere = slots?.some((slot) => slot.startsAt === at && slot.dentistId === dentistId) ?? true;
  return (
    <div className={styles["take"]}>
      <ButtonLink to="/book" search={({ at: _, with: __, ...now }) => now} look="quiet" size="small" className={styles["back"] ?? ""}>
        <Icon name="back" />
        <Trans>Choose another time</Trans>
      </ButtonLink>
      <header className={styles["chosen"]}>
        <h1 ref={heading} tabIndex={-1} className={styles["when"]}>
          {dayOf(at, place.timeZone)}
          <span className={styles["time"]}>{timeOf(at, place.timeZone)}</span>
        </h1>
        <p className={styles["what"]}>{[treatment.name, dentist].filter(Boolean).join(" · ")}</p>
        {own !== null && (
          <p className={styles["what"]}>
            <Trans>{own} your time</Trans>
          </p>
        )}
      </header>
      {account === null &&
        (isThere ? (
          <Join place={place} />
        ) : (
          <>
            <Message kind="danger">
              <Trans>This time has just been taken. Choose another one.</Trans>
            </Message>
            <Others at={at} slots={slots} place={place} />
          </>
        ))}
      {account?.role === "patient" &&
        (moving === undefined ? <Held {...props} account={account} /> : <Move {...props} appointment={moving} />)}
      {account !== null && account.role !== "patient" && (
        <Message kind="info">
          <Trans>{account.name} is signed in, and books for patients on the own page. This page is for patients.</Trans>
        </Message>
      )}
    </div>
  );
}
