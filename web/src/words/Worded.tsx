import { i18n } from "@lingui/core";
import { I18nProvider, useLingui } from "@lingui/react";
import type { ReactNode } from "react";
import { I18nProvider as AriaProvider } from "react-aria-components/I18nProvider";
import { REGION, spoken } from "./language";

/** Everything below it speaks one language: our words, and those of the components. */
export function Worded({ children }: { children: ReactNode }) {
  return (
    <I18nProvider i18n={i18n}>
      <Aria>{children}</Aria>
    </I18nProvider>
  );
}

function Aria({ children }: { children: ReactNode }) {
  useLingui();
  return <AriaProvider locale={REGION[spoken()]}>{children}</AriaProvider>;
}
