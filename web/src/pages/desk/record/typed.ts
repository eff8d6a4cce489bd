import type { Patient } from "../search";

/** A patient's record as it stands in the fields of a form; empty is nothing. */
export interface Typed {
  name: string;
  phone: string;
  email: string;
  birthDate: string;
  remark: string;
}

export function typedOf({ name, phone, email, birthDate, remark }: Patient): Typed {
  return { name, phone: phone ?? "", email: email ?? "", birthDate: birthDate ?? "", remark: remark ?? "" };
}

/** What was changed, as the API takes it: what is not named stays as it is, and null is nothing. */
export function changesOf(before: Typed, typed: Typed): { name?: string } & Partial<Record<Exclude<keyof Typed, "name">, string | null>> {
  const names = (Object.keys(typed) as (keyof Typed)[]).filter((name) => typed[name].trim() !== before[name]);
  return Object.fromEntries(names.map((name) => [name, name === "name" ? typed.name : typed[name].trim() || null]));
}
