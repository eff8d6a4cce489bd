import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { Check } from "../../../staff/Check";
import { Amount } from "../forms/Amount";
import { Options } from "../forms/Options";
import { Part } from "../forms/Part";
import { RecordForm } from "../forms/RecordForm";
import { useDraft } from "../forms/draft";
import { saving } from "../forms/saving";
import { type Treatment, useAllTreatments } from "../treatments/treatments";
import styles from "./OffersForm.module.css";
import type { Dentist } from "./dentists";
import { type Offers, asTreatments, offersOf, withOffer } from "./offers";

/** Which treatments somebody offers, and how long each takes with them. */
export function OffersForm({ dentist }: { dentist: Dentist }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const { id, name, timeZone } = dentist;
  const { data: treatments = [] } = useAllTreatments();
  const saved = offersOf(dentist);
  const draft = useDraft(saved);
  const title = t`What ${name} offers`;
  const { everything, own } = draft.values;

  async function change(changes: Partial<Offers>, force: boolean): Promise<void> {
    await realtimeSyncService.api.setTreatments(id, { treatments: asTreatments({ ...saved, ...changes }), force });
    await client.invalidateQueries({ queryKey: ["dentist"] });
  }

  return (
    <RecordForm label={title} draft={draft} zone={timeZone} onSave={saving({ name: title, draft, change })}>
      <Part title={<Trans>What is offered</Trans>}>
        <Options
          label={<span className="unseen">{title}</span>}
          value={everything ? "everything" : "some"}
          options={[
            { value: "everything", name: t`Every treatment`, hint: t`Also those that are added later, as long as the practice says.` },
            { value: "some", name: t`Some of them`, hint: t`Each can take longer or shorter than with others.` },
          ]}
          onChange={(which) => draft.set({ everything: which === "everything" })}
        />
        {!everything && (
          <ul className={styles["offers"]}>
            {treatments
              .filter(({ id: treatmentId, active }) => active || treatmentId in own)
              .map((treatment) => (
                <Offer key={treatment.id} treatment={treatment} own={own} onChange={(next) => draft.set({ own: next })} />
              ))}
          </ul>
        )}
      </Part>
    </RecordForm>
  );
}

interface OfferProps {
  treatment: Treatment;
  own: Offers["own"];
  onChange: (own: Offers["own"]) => void;
}

function Offer({ treatment: { id, name, durationMinutes }, own, onChange }: OfferProps) {
  const { t } = useLingui();
  const minutes = own[id];
  return (
    <li className={styles["offer"]} data-treatment-id={id}>
      <Check label={name} isChecked={minutes !== undefined} onChange={(is) => onChange(withOffer(own, id, is ? null : undefined))} />
      {minutes !== undefined && (
        <Amount
          label={t`Own duration: ${name}`}
          name={`duration ${id}`}
          unit="minute"
          min={1}
          max={720}
          placeholder={t`as usual: ${durationMinutes}`}
          value={minutes}
          onChange={(typed) => onChange(withOffer(own, id, typed))}
        />
      )}
    </li>
  );
}
