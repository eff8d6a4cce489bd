import { Trans, useLingui } from "@lingui/react/macro";
import { Field } from "../../../shared/Field";
import { REGION, spoken } from "../../../words/language";
import { Lines } from "../forms/Lines";
import { Beside, Part } from "../forms/Part";
import { ZoneChoice } from "../forms/ZoneChoice";
import { type FactsProps, orNull } from "./facts";

/** What everybody may know, and where the practice is. */
export function Contact({ values, onChange }: FactsProps) {
  const { t } = useLingui();
  return (
    <Part title={<Trans>Name and contact</Trans>} lead={<Trans>Patients see it when they book, and in mails.</Trans>}>
      <Field label={t`Name`} name="name" value={values.name} onChange={(name) => onChange({ name })} maxLength={500} isRequired />
      <Lines
        label={t`Address`}
        name="address"
        value={values.address ?? ""}
        onChange={(address) => onChange({ address: orNull(address) })}
      />
      <Beside>
        <Field
          label={t`Phone`}
          name="phone"
          type="tel"
          value={values.phone ?? ""}
          onChange={(phone) => onChange({ phone: orNull(phone) })}
          maxLength={500}
        />
        <Field
          label={t`Country`}
          hint={countryName(values.country) ?? t`Two letters, such as DE. Phone numbers without a country code are of this country.`}
          name="country"
          value={values.country ?? ""}
          onChange={(country) => onChange({ country: orNull(country.toUpperCase()) })}
          maxLength={2}
        />
      </Beside>
      <ZoneChoice
        label={t`Time zone`}
        hint={t`The clock of every dentist without one of their own.`}
        value={values.timeZone}
        onChange={(timeZone) => onChange({ timeZone })}
      />
    </Part>
  );
}

/** What a country is called; null where the letters are of none. */
function countryName(letters: string | null): string | null {
  if (letters === null || !/^[A-Z]{2}$/.test(letters)) return null;
  return new Intl.DisplayNames(REGION[spoken()], { type: "region", fallback: "none" }).of(letters) ?? null;
}
