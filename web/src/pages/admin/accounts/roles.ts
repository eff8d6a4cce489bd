import type { components } from "@dental-sync/client";
import { useLingui } from "@lingui/react/macro";

type Schemas = components["schemas"];
export type Account = Schemas["AccountAnswer"];
export type Role = Account["role"];
export type Profession = NonNullable<Account["profession"]>;

/** What each role is called. */
export function useRoleWords(): Record<Role, string> {
  const { t } = useLingui();
  return {
    admin: t`Administration`,
    receptionist: t`Reception`,
    dentist: t`Treats patients`,
    patient: t`Patient`,
    chatbot: t`Program`,
  };
}

/** What each profession is called. */
export function useProfessionWords(): Record<Profession, string> {
  const { t } = useLingui();
  // Of women and men alike, where a language tells them apart.
  return { dentist: t({ message: "Dentist", context: "profession" }), hygienist: t`Hygienist`, assistant: t`Assistant` };
}
