import { Trans, useLingui } from "@lingui/react/macro";
import { Amount } from "../forms/Amount";
import { Options } from "../forms/Options";
import { Beside, Part } from "../forms/Part";
import type { FactsProps } from "./facts";

/** Who may see what is free, and who may book. */
export function Online({ values, onChange }: FactsProps) {
  const { t } = useLingui();
  return (
    <Part title={<Trans>Booking online</Trans>}>
      <Options
        label={<Trans>Without an account</Trans>}
        value={values.publicBooking}
        options={[
          { value: "book", name: t`See what is free, and book`, hint: t`They make an account on the way.` },
          { value: "view", name: t`See what is free`, hint: t`Booking is for those who have an account.` },
          { value: "off", name: t`See nothing`, hint: t`Only who has an account sees what is free.` },
        ]}
        onChange={(publicBooking) => onChange({ publicBooking })}
      />
      <Options
        label={<Trans>Patients whom the practice does not know</Trans>}
        value={values.newPatients}
        options={[
          { value: "open", name: t`Book at once` },
          { value: "verified", name: t`Book once their e-mail address is confirmed`, hint: t`They are mailed a code.` },
          { value: "approve", name: t`Book, and somebody here approves it`, hint: t`Until they were here once.` },
          { value: "closed", name: t`Cannot register`, hint: t`Only who was handed an invitation makes an account.` },
        ]}
        onChange={(newPatients) => onChange({ newPatients })}
      />
      <Beside>
        <Amount
          label={t`Appointments ahead per patient`}
          hint={t`That patients book themselves. Empty: no limit.`}
          name="openBookingsPerPatient"
          min={1}
          max={1_000}
          value={values.openBookingsPerPatient}
          onChange={(openBookingsPerPatient) => onChange({ openBookingsPerPatient })}
        />
        <Amount
          label={t`Cancel or move until`}
          hint={t`Before the start; after that patients have to call. Empty: as the server is set up.`}
          name="cancelCutoffHours"
          unit="hour"
          min={0}
          max={8_760}
          value={values.cancelCutoffHours}
          onChange={(cancelCutoffHours) => onChange({ cancelCutoffHours })}
        />
      </Beside>
    </Part>
  );
}

/** Which times patients are offered, where a treatment has no rule of its own. */
export function Offered({ values, onChange }: FactsProps) {
  const { t } = useLingui();
  return (
    <Part
      title={<Trans>Times that are offered</Trans>}
      lead={<Trans>For every treatment that says nothing else. Staff book at any time.</Trans>}
    >
      <Beside>
        <Amount
          label={t`Start times every`}
          name="slotStepMinutes"
          unit="minute"
          min={1}
          max={1_440}
          value={values.slotStepMinutes}
          onChange={(slotStepMinutes) => onChange({ slotStepMinutes })}
          isRequired
        />
        <Amount
          label={t`Shortest notice`}
          name="minimumNoticeMinutes"
          unit="minute"
          min={0}
          max={525_600}
          value={values.minimumNoticeMinutes}
          onChange={(minimumNoticeMinutes) => onChange({ minimumNoticeMinutes })}
          isRequired
        />
        <Amount
          label={t`Furthest ahead`}
          name="furthestAdvanceDays"
          unit="day"
          min={1}
          max={3_653}
          value={values.furthestAdvanceDays}
          onChange={(furthestAdvanceDays) => onChange({ furthestAdvanceDays })}
          isRequired
        />
      </Beside>
    </Part>
  );
}
