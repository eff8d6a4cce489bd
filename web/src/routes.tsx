import { createRootRoute, createRoute, createRouter, lazyRouteComponent, notFound, redirect, retainSearchParams } from "@tanstack/react-router";
import { type Role, ownPage, whyNot } from "./access";
import { takeCode, watchCodes } from "./mailed";
import { basePath, isDemo } from "./place";
import { account } from "./session";
import { Failed } from "./shared/Failed";
import { Nowhere } from "./shared/Nowhere";
import { tell, turnPage } from "./shared/notice";
import { Shell } from "./shared/Shell";
import { type Language, type Part, alsoSpeak, asLanguage, speak } from "./words/language";

const root = createRootRoute({
  validateSearch: ({ lang }): { lang?: Language } => {
    const wanted = asLanguage(lang);
    return wanted === null ? {} : { lang: wanted };
  },
  // Whoever has chosen a language by the address keeps it on every page.
  search: { middlewares: [retainSearchParams(["lang"])] },
  beforeLoad: ({ search }) => speak(search.lang ?? null),
  component: Shell,
  notFoundComponent: Nowhere,
  errorComponent: Failed,
});

/**
 * Lets only some roles in, or all where none is named: others are led to their own page, and whoever is signed out signs
 * in and comes back.
 */
function forRoles(...roles: Role[]) {
  return ({ location }: { location: { href: string } }): void => {
    const who = account();
    if (who === null) throw redirect({ to: "/sign-in", search: { from: location.href } });
    if (roles.length === 0 || roles.includes(who.role)) return;
    tell(whyNot(roles, who));
    throw redirect({ to: ownPage(who.role) });
  };
}

/** A page with words that no other page needs: it comes with them. */
async function worded<Page>(part: Part, page: Promise<Page>): Promise<Page> {
  const [made] = await Promise.all([page, alsoSpeak(part)]);
  return made;
}

function forAccounts<Page>(page: Promise<Page>): Promise<Page> {
  return worded("accounts", page);
}

const landing = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(async () => {
    const inDemo = isDemo ? forAccounts(import("./pages/demo/Accounts")) : null;
    const [page] = await Promise.all([import("./pages/landing/Landing"), inDemo]);
    return page;
  }, "Landing"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: ({ from }): { from?: string } => (typeof from === "string" && /^\/(?![/\\])/.test(from) ? { from } : {}),
  beforeLoad: () => {
    const who = account();
    if (who !== null) throw redirect({ to: ownPage(who.role) });
  },
  component: lazyRouteComponent(() => import("./pages/sign-in/SignIn"), "SignIn"),
});

const forgotten = createRoute({
  getParentRoute: () => root,
  path: "/forgotten",
  component: lazyRouteComponent(() => forAccounts(import("./pages/codes/Forgotten")), "Forgotten"),
});

const password = createRoute({
  getParentRoute: () => root,
  path: "/password",
  component: lazyRouteComponent(() => forAccounts(import("./pages/codes/Password")), "Password"),
});

const address = createRoute({
  getParentRoute: () => root,
  path: "/address",
  beforeLoad: forRoles(),
  component: lazyRouteComponent(() => forAccounts(import("./pages/codes/Address")), "Address"),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation",
  component: lazyRouteComponent(() => forAccounts(import("./pages/codes/Invitation")), "Invitation"),
});

const book = createRoute({
  getParentRoute: () => root,
  path: "/book",
  validateSearch: asTimes,
  beforeLoad: ({ location, search }) => {
    const isOwn = search.booked !== undefined || search.move !== undefined;
    if (isOwn && account() === null) throw redirect({ to: "/sign-in", search: { from: location.href } });
  },
  component: lazyRouteComponent(() => worded("book", import("./pages/book/Book")), "Book"),
});

const my = createRoute({
  getParentRoute: () => root,
  path: "/my",
  beforeLoad: forRoles("patient"),
  component: lazyRouteComponent(() => forAccounts(import("./pages/my/My")), "My"),
});

const ownAccount = createRoute({
  getParentRoute: () => root,
  path: "/account",
  beforeLoad: forRoles(),
  component: lazyRouteComponent(() => forAccounts(import("./pages/account/Account")), "Account"),
});

interface DentistSearch {
  date?: string;
  view?: "sheet" | "week" | "hours";
  /** An appointment of that day, which is chosen when the sheet comes to it. */
  appointment?: string;
}

const dentist = createRoute({
  getParentRoute: () => root,
  path: "/dentist",
  validateSearch: ({ date, view, appointment }): DentistSearch => ({
    ...(typeof date === "string" && isDate(date) && { date }),
    ...((view === "sheet" || view === "week" || view === "hours") && { view }),
    ...(typeof appointment === "string" && isId(appointment) && { appointment }),
  }),
  beforeLoad: forRoles("dentist"),
  component: lazyRouteComponent(() => forAccounts(import("./pages/dentist/Day")), "Day"),
});

const desk = createRoute({
  getParentRoute: () => root,
  path: "/desk",
  validateSearch: asDesk,
  beforeLoad: forRoles("receptionist", "admin"),
  component: lazyRouteComponent(() => forAccounts(import("./pages/desk/Desk")), "Desk"),
});

interface Desks {
  date?: string;
  /** What the columns are, where they are not the dentists. */
  by?: "chair";
  view?: "week";
  /** The one that is shown alone, by id, or `none` for what has no chair. */
  dentist?: string;
  chair?: string;
  /** An appointment of that day, which is chosen when the page comes to it. */
  appointment?: string;
  /** Whose record is open. */
  patient?: string;
}

function asDesk(search: Record<string, unknown>): Desks {
  return {
    ...taken(search, { date: isDate, dentist: isId, appointment: isId, patient: isId }),
    ...taken(search, { chair: (text) => text === "none" || isId(text) }),
    ...(search["by"] === "chair" && { by: "chair" }),
    ...(search["view"] === "week" && { view: "week" }),
  };
}

const admin = createRoute({
  getParentRoute: () => root,
  path: "/admin",
  validateSearch: asAdministration,
  beforeLoad: forRoles("admin"),
  component: lazyRouteComponent(() => forAccounts(import("./pages/admin/Admin")), "Admin"),
});

interface Administration {
  /** One of those in `pages/admin/views.ts`. */
  view?: string;
  /** The record that is open, or `new`. */
  id?: string;
  /** What is looked for. */
  q?: string;
  /** Whose accounts are listed: some roles, separated by commas. */
  role?: string;
  /** A day, and the position of the log at which it is shown. */
  date?: string;
  at?: number;
  /** Which entries of the audit trail are looked for. */
  actor?: string;
  record?: string;
  action?: string;
  from?: string;
  to?: string;
}

function asAdministration({ at, ...search }: Record<string, unknown>): Administration {
  const texts = taken(search, {
    view: isWord,
    id: (text) => text === "new" || isId(text),
    q: () => true,
    role: isWords,
    date: isDate,
    actor: isId,
    record: isId,
    action: (text) => /^[a-z-]+$/.test(text),
    from: isDate,
    to: isDate,
  });
  return { ...texts, ...(Number.isSafeInteger(at) && { at: at as number }) };
}

const demo = createRoute({
  getParentRoute: () => root,
  path: "/demo",
  beforeLoad: () => {
    if (!isDemo) throw notFound();
  },
  component: lazyRouteComponent(() => forAccounts(import("./pages/demo/Demo")), "Demo"),
});

interface Times {
  treatment?: string;
  dentist?: string;
  date?: string;
  /** The time that was chosen, and with whom. */
  at?: string;
  with?: string;
  /** The appointment that was made, or moved. */
  booked?: string;
  moved?: true;
  /** The appointment for which another time is looked for. */
  move?: string;
}

function asTimes(search: Record<string, unknown>): Times {
  const ids = { treatment: isId, dentist: isId, with: isId, booked: isId, move: isId };
  return { ...taken(search, { ...ids, date: isDate, at: isInstant }), ...(search["moved"] === true && { moved: true }) };
}

/** Those members of an address that are there and such as they have to be. */
function taken<Name extends string>(
  search: Record<string, unknown>,
  isSuch: Record<Name, (text: string) => boolean>,
): Partial<Record<Name, string>> {
  const members = Object.entries<(text: string) => boolean>(isSuch).filter(([name, check]) => {
    const value = search[name];
    return typeof value === "string" && check(value);
  });
  return Object.fromEntries(members.map(([name]) => [name, search[name]])) as Partial<Record<Name, string>>;
}

function isWord(text: string): boolean {
  return /^[a-z]+$/.test(text);
}

function isWords(text: string): boolean {
  return text.split(",").every(isWord);
}

function isId(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text);
}

function isInstant(text: string): boolean {
  return text.endsWith("Z") && !Number.isNaN(Date.parse(text));
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

// Before the router reads the address.
takeCode();
watchCodes();

export const router = createRouter({
  routeTree: root.addChildren([landing, signIn, forgotten, password, address, invitation, book, my, ownAccount, dentist, desk, admin, demo]),
  basepath: basePath || "/",
  scrollRestoration: true,
  defaultErrorComponent: Failed,
});

router.subscribe("onResolved", turnPage);

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
