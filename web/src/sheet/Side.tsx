import { type ReactNode, useState } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useMedia } from "../shared/media";
import styles from "./Side.module.css";

interface SideProps {
  isOpen: boolean;
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/** Whether there is room beside the sheet, on the screen: paper is narrower, and what is open stays where it is. */
export function useHasRoom(): boolean {
  const isWide = useMedia("(min-width: 60rem)");
  const isPrinting = useMedia("print");
  const [hasRoom, setRoom] = useState(isWide);
  if (!isPrinting && hasRoom !== isWide) setRoom(isWide);
  return hasRoom;
}

/** Beside the sheet where there is room, else over it. */
export function Side({ isOpen, label, onClose, children }: SideProps) {
  const hasRoom = useHasRoom();
  if (hasRoom) return children;
  return (
    <ModalOverlay
      className={styles["veil"] ?? ""}
      isOpen={isOpen}
      isDismissable
      data-print="none"
      onOpenChange={(open) => open || onClose()}
    >
      <Modal className={styles["modal"] ?? ""}>
        <Dialog className={styles["dialog"] ?? ""} aria-label={label}>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
