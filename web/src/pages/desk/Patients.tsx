import { useLingui } from "@lingui/react/macro";
import { Side, useHasRoom } from "../../sheet/Side";
import { Finder } from "./Finder";
import type { Opened } from "./opened";
import { Record } from "./record/Record";

/** The record that is open, else the search for one. */
export function Patients({ patientId, searches, open, findAnother, zone }: Opened & { zone: string }) {
  const { t } = useLingui();
  const isBeside = useHasRoom();
  if (patientId === undefined) return <Finder key={searches} autoFocus={searches > 0} onOpen={open} />;
  const close = () => open(undefined);
  return (
    <Side isOpen label={t`Patient`} onClose={close}>
      <Record patientId={patientId} zone={zone} onOpen={open} onClose={isBeside ? findAnother : close} />
    </Side>
  );
}
