import type { components } from "@dental-sync/client";

export type Patient = components["schemas"]["PatientAnswer"];

const SHORTEST = 2;
const DAY_FIRST = /\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b/;
const YEAR_FIRST = /\b(\d{4})-(\d{2})-(\d{2})\b/;

/** What is looked for: a date in it is the day of birth, the rest a name, an address or a phone number. Null is too little. */
export function asked(text: string): { q?: string; birthDate?: string } | null {
  const dayFirst = DAY_FIRST.exec(text);
  const found = dayFirst ?? YEAR_FIRST.exec(text);
  const q = (found === null ? text : text.replace(found[0], " ")).trim();
  if (found === null) return q.length < SHORTEST ? null : { q };
  const [, first = "", month = "", last = ""] = found;
  const [year, day] = dayFirst === null ? [first, last] : [last, first];
  const birthDate = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const isDate = !Number.isNaN(Date.parse(birthDate)) && new Date(birthDate).toISOString().startsWith(birthDate);
  if (!isDate) return text.trim().length < SHORTEST ? null : { q: text.trim() };
  return { ...(q && { q }), birthDate };
}

/** What a new record can take from what was looked for. */
export function known(text: string): { name: string; phone: string; birthDate: string } {
  const { q = "", birthDate = "" } = asked(text) ?? {};
  const isPhone = /^[\d\s+/().-]+$/.test(q);
  return { name: isPhone ? "" : q, phone: isPhone ? q : "", birthDate };
}

/** First those whose name has words that begin with what was typed: an address has the same letters by chance. */
export function byName<Each extends Pick<Patient, "name">>(found: readonly Each[], text: string): Each[] {
  const typed = wordsOf(text);
  const isMeant = ({ name }: Each) => {
    const words = wordsOf(name);
    return typed.length > 0 && typed.every((each) => words.some((word) => word.startsWith(each)));
  };
  return [...found.filter(isMeant), ...found.filter((each) => !isMeant(each))];
}

/** The words of a text, without regard to capitals and marks. */
function wordsOf(text: string): string[] {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}
