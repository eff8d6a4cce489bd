import { i18n } from "@lingui/core";

export type Language = "de" | "en";

/** What everybody loads, and what is said on `/book` alone, and on the pages of who has an account. */
export type Part = "public" | "book" | "accounts";

const CATALOGS = {
  public: { de: () => import("../locales/public/de.po"), en: () => import("../locales/public/en.po") },
  book: { de: () => import("../locales/book/de.po"), en: () => import("../locales/book/en.po") },
  accounts: { de: () => import("../locales/accounts/de.po"), en: () => import("../locales/accounts/en.po") },
};

const wantedParts: Part[] = ["public"];

/** Dates and numbers follow the language; the day comes before the month, as in the practice's country. */
export const REGION: Record<Language, string> = { de: "de-DE", en: "en-GB" };

export function asLanguage(value: unknown): Language | null {
  return value === "de" || value === "en" ? value : null;
}

/** Speak the language that the address names, else the browser's if it is one of ours, else English. */
export async function speak(wanted: Language | null): Promise<void> {
  const language = wanted ?? navigator.languages.map((tag) => asLanguage(tag.slice(0, 2))).find((known) => known !== null) ?? "en";
  if (i18n.locale === language) return;
  await Promise.all(wantedParts.map((part) => load(part, language)));
  i18n.activate(language);
  document.documentElement.lang = language;
}

/** Have the words of a part too, in whatever language is spoken from now on. */
export async function alsoSpeak(part: Part): Promise<void> {
  if (wantedParts.includes(part)) return;
  await load(part, spoken());
  wantedParts.push(part);
}

async function load(part: Part, language: Language): Promise<void> {
  const { messages } = await CATALOGS[part][language]();
  i18n.load(language, messages);
}

/** The language that is spoken. */
export function spoken(): Language {
  return asLanguage(i18n.locale) ?? "en";
}
