import { formatter } from "@lingui/format-po";

/** The catalogs lie where `LOCALES` says while a test compares them with the sources. */
export default {
  locales: ["en", "de"],
  sourceLocale: "en",
  catalogs: [{ path: `${process.env.LOCALES ?? "src/locales"}/{locale}`, include: ["src"] }],
  format: formatter({ lineNumbers: false }),
};
