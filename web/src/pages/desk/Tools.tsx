import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Button } from "../../shared/Button";
import confirmStyles from "../../shared/Confirm.module.css";
import { Days } from "../../staff/Days";
import styles from "./Desk.module.css";

interface ToolsProps {
  day: string;
  today: string;
  onGo: (day: string) => void;
}

/** Which day, and what keys do. */
export function Tools({ day, today, onGo }: ToolsProps) {
  const { t } = useLingui();
  return (
    <nav className={styles["tools"]} aria-label={t`Days`} data-print="none">
      <Days day={day} today={today} onGo={onGo} />
      <Button size="small" look="quiet" onPress={() => window.print()}>
        <Trans>Print</Trans>
      </Button>
      <Keys />
    </nav>
  );
}

function Keys() {
  const { t } = useLingui();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const open = ({ key, target }: KeyboardEvent) => {
      if (key === "?" && !(target instanceof HTMLInputElement)) setOpen(true);
    };
    window.addEventListener("keydown", open);
    return () => window.removeEventListener("keydown", open);
  }, []);
  const keys: [string, string][] = [
    ["Tab", t`To the appointments, then to the free times`],
    [t`Arrows`, t`Another time, or the next appointment`],
    ["Enter", t`On a free time: book. On an appointment: pick it up, and drop it`],
    [t`Shift and arrows`, t`A later or earlier end of what is picked up`],
    ["Esc", t`Put it back, or close`],
    ["D", t`The details of the appointment`],
    ["Ctrl K", t`Find a patient`],
    ["?", t`This list`],
  ];
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button size="small" look="quiet" aria-label={t`Keys`}>
        <kbd>?</kbd>
      </Button>
      <ModalOverlay className={confirmStyles["veil"] ?? ""} isDismissable>
        <Modal className={confirmStyles["modal"] ?? ""}>
          <Dialog className={confirmStyles["dialog"] ?? ""}>
            {({ close }) => (
              <>
                <Heading slot="title" level={2}>
                  <Trans>Keys</Trans>
                </Heading>
                <dl className={styles["keys"]}>
                  {keys.map(([key, what]) => (
                    <div key={key}>
                      <dt>
                        <kbd>{key}</kbd>
                      </dt>
                      <dd>{what}</dd>
                    </div>
                  ))}
                </dl>
                <Button onPress={close}>
                  <Trans>Close</Trans>
                </Button>
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
