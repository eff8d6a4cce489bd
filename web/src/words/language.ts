import { i18n } from "@lingui/core";

export type Language = "de" | "en";

const CATALOGS = {
  de: () => import("../locales/de.po"),
  en: () => import("../locales/en.po"),
};

/** Dates and numbers follow the language; the day comes before the month, as in the practice's country. */
export const REGION: Record<Language, string> = { de: "de-DE", en: "en-GB" };

export function asLanguage(value: unknown): Language | null {
  return value === "de" || value === "en" ? value : null;
}

/** Speak the language that the address names, else the browser's if it is one of ours, else English. */
export async function speak(wanted: Language | null): Promise<void> {
  const language = wanted ?? navigator.languages.map((tag) => asLanguage(tag.slice(0, 2))).find((known) => known !== null) ?? "en";
  if (i18n.locale === language) return;
  const { messages } = await CATALOGS[language]();
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
}

/** The language that is spoken. */
export function spoken(): Language {
  return asLanguage(i18n.locale) ?? "en";
}
