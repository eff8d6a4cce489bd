import { Trans } from "@lingui/react/macro";
import type { ReactElement, ReactNode } from "react";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Button } from "./Button";
import styles from "./Confirm.module.css";

interface ConfirmProps {
  /** The button that asks. */
  trigger: ReactElement;
  title: ReactNode;
  /** What it does, on the button that does it. */
  action: ReactNode;
  onConfirm: () => void;
  children: ReactNode;
}

/** Asks before something is done that others see. */
export function Confirm({ trigger, title, action, onConfirm, children }: ConfirmProps) {
  return (
    <DialogTrigger>
      {trigger}
      <ModalOverlay className={styles["veil"] ?? ""} isDismissable>
        <Modal className={styles["modal"] ?? ""}>
          <Dialog role="alertdialog" className={styles["dialog"] ?? ""}>
            {({ close }) => (
              <>
                <Heading slot="title" level={2}>
                  {title}
                </Heading>
                {children}
                <div className={styles["actions"]}>
                  <Button autoFocus onPress={close}>
                    <Trans>Keep it</Trans>
                  </Button>
                  <Button
                    look="danger"
                    onPress={() => {
                      close();
                      onConfirm();
                    }}
                  >
                    {action}
                  </Button>
                </div>
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
