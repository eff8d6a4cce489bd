import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";

export interface View {
  /** As it is in `?view=`: small letters. */
  name: string;
  title: MessageDescriptor;
  /** What is below the title; loaded when it is opened. */
  Page: LazyExoticComponent<ComponentType>;
  /** Whether it takes the whole width of the window. */
  isWide?: boolean;
}

/** The views of `/admin`, in the order of the navigation; the first one is shown where the address names none. */
export const VIEWS = [
  {
    name: "practice",
    title: msg`Practice`,
    Page: lazy(async () => ({ default: (await import("./practice/Practice")).Practice })),
  },
  {
    name: "dentists",
    title: msg`Dentists`,
    Page: lazy(async () => ({ default: (await import("./dentists/Dentists")).Dentists })),
  },
  {
    name: "treatments",
    title: msg`Treatments`,
    Page: lazy(async () => ({ default: (await import("./treatments/Treatments")).Treatments })),
  },
  {
    name: "chairs",
    title: msg`Chairs`,
    Page: lazy(async () => ({ default: (await import("./chairs/Chairs")).Chairs })),
  },
  {
    name: "closures",
    title: msg`Closures`,
    Page: lazy(async () => ({ default: (await import("./closures/ClosureDays")).ClosureDays })),
  },
  {
    name: "accounts",
    title: msg`Accounts`,
    Page: lazy(async () => ({ default: (await import("./accounts/Accounts")).Accounts })),
  },
  {
    name: "day",
    title: msg`The day again`,
    Page: lazy(async () => ({ default: (await import("./day/DayAgain")).DayAgain })),
    isWide: true,
  },
  {
    name: "live",
    title: msg`At this moment`,
    Page: lazy(async () => ({ default: (await import("./live/Live")).Live })),
  },
  {
    name: "audit",
    title: msg`Audit trail`,
    Page: lazy(async () => ({ default: (await import("./audit/Audit")).Audit })),
  },
] as const satisfies readonly [View, ...View[]];

export function viewOf(name: string | undefined): View {
  return VIEWS.find((view) => view.name === name) ?? VIEWS[0];
}
