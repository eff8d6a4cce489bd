import { Trans, useLingui } from "@lingui/react/macro";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Button } from "../../../shared/Button";
import confirmStyles from "../../../shared/Confirm.module.css";
import { QrCode } from "../../../shared/QrCode";
import { usePractice } from "../../../shared/following";
import { dayOf, timeOf } from "../../../shared/times";
import type { Patient } from "../search";
import styles from "./InvitationCard.module.css";
import type { Invitation } from "./Invite";

interface InvitationCardProps {
  invitation: Invitation;
  patient: Patient;
  as: "self" | "guardian";
  onClose: () => void;
}

/** An invitation as a card: on paper there is nothing but the card. */
export function InvitationCard({ invitation, patient, as, onClose }: InvitationCardProps) {
  return (
    <ModalOverlay
      className={`${confirmStyles["veil"]} ${styles["veil"]}`}
      isOpen
      onOpenChange={(open) => open || onClose()}
      data-print="alone"
    >
      <Modal className={`${confirmStyles["modal"]} ${styles["modal"]}`}>
        <Dialog className={confirmStyles["dialog"] ?? ""} data-invitation="">
          <Words invitation={invitation} patient={patient} as={as} />
          <p data-print="none">
            <Trans>The code is shown this once. Print the card, or write it down.</Trans>
          </p>
          <div className={confirmStyles["actions"]} data-print="none">
            <Button onPress={onClose}>
              <Trans>Close</Trans>
            </Button>
            <Button look="main" autoFocus onPress={() => window.print()}>
              <Trans>Print the card</Trans>
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Words({ invitation: { code, url, expiresAt }, patient, as }: Omit<InvitationCardProps, "onClose">) {
  const { t } = useLingui();
  const { data: practice } = usePractice();
  if (practice === undefined) return null;
  const { name, address, phone, timeZone } = practice;
  const until = `${dayOf(expiresAt, timeZone)}, ${timeOf(expiresAt, timeZone)}`;
  return (
    <article className={styles["card"]}>
      <header>
        <p className={styles["practice"]}>{name}</p>
        {address && <p>{address}</p>}
        {phone && <p>{phone}</p>}
      </header>
      <Heading slot="title" level={2}>
        {as === "self" ? (
          <Trans>Your online account, {patient.name}</Trans>
        ) : (
          <Trans>Online access for {patient.name}</Trans>
        )}
      </Heading>
      <div className={styles["ways"]}>
        <div>
          {url === null ? (
            <p>
              <Trans>On our website sign in, or make an account, and enter this code:</Trans>
            </p>
          ) : (
            <p>
              <Trans>
                Open this address, or enter the code on our website: <span className={styles["url"]}>{url}</span>
              </Trans>
            </p>
          )}
          <p className={styles["code"]} data-code="">
            {code}
          </p>
          <p>
            <Trans>Good once, until {until}.</Trans>
          </p>
        </div>
        {url !== null && <QrCode text={url} label={t`The address, for the camera of a phone`} />}
      </div>
    </article>
  );
}
