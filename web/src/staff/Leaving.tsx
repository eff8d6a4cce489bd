import { Trans } from "@lingui/react/macro";
import { useBlocker } from "@tanstack/react-router";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { account } from "../session";
import { Button } from "../shared/Button";
import styles from "../shared/Confirm.module.css";

/** Asks before what was typed is left behind: for another page or view, or with the tab. */
export function Leaving({ isUnsaved }: { isUnsaved: boolean }) {
  const { status, proceed, reset } = useBlocker({
    // Another language leaves everything where it is, and whoever has signed out has left already.
    shouldBlockFn: ({ current, next }) => isUnsaved && account() !== null && placeOf(current) !== placeOf(next),
    enableBeforeUnload: () => isUnsaved,
    withResolver: true,
  });
  return (
    <ModalOverlay
      className={styles["veil"] ?? ""}
      isOpen={status === "blocked"}
      isDismissable
      onOpenChange={(isOpen) => isOpen || reset?.()}
    >
      <Modal className={styles["modal"] ?? ""}>
        <Dialog role="alertdialog" className={styles["dialog"] ?? ""}>
          <Heading slot="title" level={2}>
            <Trans>Leave without saving?</Trans>
          </Heading>
          <p>
            <Trans>What you have changed here is not saved yet.</Trans>
          </p>
          <div className={styles["actions"]}>
            <Button autoFocus onPress={() => reset?.()}>
              <Trans>Stay here</Trans>
            </Button>
            <Button look="danger" onPress={() => proceed?.()}>
              <Trans>Leave without saving</Trans>
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function placeOf({ pathname, search }: { pathname: string; search: object }): string {
  return JSON.stringify([pathname, { ...search, lang: null }]);
}
