import { Trans, useLingui } from "@lingui/react/macro";
import { Field } from "../../../shared/Field";
import { usePractice } from "../../../shared/following";
import { Check } from "../../../staff/Check";
import { Choose } from "../../../staff/Choose";
import { useKinds } from "../chairs/chairs";
import { Amount } from "../forms/Amount";
import { Beside, Part } from "../forms/Part";
import type { Facts } from "./treatments";

interface TreatmentFieldsProps {
  values: Facts;
  onChange: (typed: Partial<Facts>) => void;
}

export function TreatmentFields({ values, onChange }: TreatmentFieldsProps) {
  const { t } = useLingui();
  const kinds = useKinds(values.chairKind);
  return (
    <>
      <Part title={<Trans>What it is</Trans>}>
        <Field label={t`Name`} name="name" value={values.name} onChange={(name) => onChange({ name })} maxLength={500} isRequired />
        <Beside>
          <Amount
            label={t`Duration`}
            name="durationMinutes"
            unit="minute"
            min={1}
            max={720}
            value={values.durationMinutes}
            onChange={(durationMinutes) => onChange({ durationMinutes })}
            isRequired
          />
          <Amount
            label={t`Before it`}
            hint={t`To prepare: nobody can be booked then.`}
            name="bufferBeforeMinutes"
            unit="minute"
            min={0}
            max={240}
            value={values.bufferBeforeMinutes}
            onChange={(bufferBeforeMinutes) => onChange({ bufferBeforeMinutes })}
            isRequired
          />
          <Amount
            label={t`After it`}
            hint={t`To tidy up: nobody can be booked then.`}
            name="bufferAfterMinutes"
            unit="minute"
            min={0}
            max={240}
            value={values.bufferAfterMinutes}
            onChange={(bufferAfterMinutes) => onChange({ bufferAfterMinutes })}
            isRequired
          />
        </Beside>
      </Part>
      <Part title={<Trans>What it needs</Trans>}>
        <Choose
          label={t`Kind of chair`}
          value={values.chairKind ?? ""}
          options={kinds.map((kind) => ({ id: kind, name: kind }))}
          none={t`Any place will do`}
          onChange={(kind) => onChange({ chairKind: kind === "" ? null : kind })}
        />
        <Check
          label={t`Needs an assistant`}
          isChecked={values.needsAssistant}
          onChange={(needsAssistant) => onChange({ needsAssistant })}
        />
      </Part>
      <Booking values={values} onChange={onChange} />
    </>
  );
}

function Booking({ values, onChange }: TreatmentFieldsProps) {
  const { t } = useLingui();
  const { data: practice } = usePractice();
  const asPractice = (amount: number | undefined) => (amount === undefined ? "" : t`as the practice: ${amount}`);
  return (
    <Part
      title={<Trans>How it is booked online</Trans>}
      lead={<Trans>Staff book at any time. What is left empty is as the practice has it.</Trans>}
    >
      <Check
        label={t`Patients without an account see it`}
        isChecked={values.public}
        onChange={(isPublic) => onChange({ public: isPublic })}
      />
      <Check
        label={t`Each online booking has to be approved`}
        isChecked={values.requiresApproval}
        onChange={(requiresApproval) => onChange({ requiresApproval })}
      />
      <Beside>
        <Amount
          label={t`Shortest notice`}
          name="minimumNoticeMinutes"
          unit="minute"
          min={0}
          max={525_600}
          placeholder={asPractice(practice?.minimumNoticeMinutes)}
          value={values.minimumNoticeMinutes}
          onChange={(minimumNoticeMinutes) => onChange({ minimumNoticeMinutes })}
        />
        <Amount
          label={t`Furthest ahead`}
          name="furthestAdvanceDays"
          unit="day"
          min={1}
          max={3_653}
          placeholder={asPractice(practice?.furthestAdvanceDays)}
          value={values.furthestAdvanceDays}
          onChange={(furthestAdvanceDays) => onChange({ furthestAdvanceDays })}
        />
        <Amount
          label={t`Start times every`}
          name="slotStepMinutes"
          unit="minute"
          min={1}
          max={1_440}
          placeholder={asPractice(practice?.slotStepMinutes)}
          value={values.slotStepMinutes}
          onChange={(slotStepMinutes) => onChange({ slotStepMinutes })}
        />
      </Beside>
    </Part>
  );
}
