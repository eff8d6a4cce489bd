import { formatter } from "@lingui/format-po";

/** What is said where; everything else is loaded by everybody, before the first page is shown. */
const BOOK = ["src/pages/book"];
const ACCOUNTS = ["account", "admin", "codes", "demo", "dentist", "desk", "my"].map((page) => `src/pages/${page}`).concat("src/lock", "src/sheet", "src/staff");
const LOCALES = process.env.LOCALES ?? "src/locales";

/** The catalogs lie where `LOCALES` says while a test compares them with the sources. */
export default {
  locales: ["en", "de"],
  sourceLocale: "en",
  catalogs: [
    { path: `${LOCALES}/public/{locale}`, include: ["src"], exclude: [...BOOK, ...ACCOUNTS].map((folder) => `${folder}/**`) },
    { path: `${LOCALES}/book/{locale}`, include: BOOK },
    { path: `${LOCALES}/accounts/{locale}`, include: ACCOUNTS },
  ],
  format: formatter({ lineNumbers: false }),
};
